/* items.c
 * Adds fields to a tree.
 *
 * A segment has some 27 fields. Where a tree is shown, nine tenths of what the plugin costs are what
 * Wireshark does to make, list and free them, and that is mostly what our items do not need: checks
 * of where they lie in the frame, and two blocks from malloc() for each string. An item of ours is like
 * any other of its type, but for field and value. So where COMPAT_ITEMS_CAN_BE_COPIED, it is a copy of
 * one that Wireshark made, and its string lies in the packet's memory.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "items.h"

#include <string.h>

#include "compat.h"

/* What the union in Wireshark's fvalue_t holds, for our types. */
union item_value {
    uint32_t number;
    uint64_t large;
    nstime_t time;
    wmem_strbuf_t *string;
};

#ifdef COMPAT_ITEMS_CAN_BE_COPIED

/* An item as Wireshark keeps it, in one block. */
struct item_copy {
    proto_node node;
    field_info info;
};

/* For each type of field, the first item that Wireshark made in a tree that is shown. */
static field_info models[FT_NUM_TYPES];

static void keep_as_model(const proto_item *item, int field)
{
    const field_info *info = PITEM_FINFO(item);

    if (item->tree_data->visible && info->hfinfo->id == field && !models[info->hfinfo->type].hfinfo)
        models[info->hfinfo->type] = *info;
}

/* Wireshark makes the items of a tree that is not shown, those that a filter or column looks for, and
 * the first one in each tree: there it sees to it that trees become neither too deep nor too large.
 * Returns what is registered of the field where a copy will do, NULL where not. */
static header_field_info *to_be_copied(const proto_tree *tree, int field)
{
    header_field_info *registered = proto_registrar_get_nth((guint)field);

    if (!tree->tree_data->visible || !tree->last_child ||
        registered->ref_type == HF_REF_TYPE_DIRECT || !models[registered->type].hfinfo)
        return NULL;
    return registered;
}

/* Append an item. */
static proto_item *append_copy(proto_tree *tree, header_field_info *registered,
                               union item_value value)
{
    struct item_copy *copy = wmem_new(PNODE_POOL(tree), struct item_copy);

    copy->info = models[registered->type];
    copy->info.hfinfo = registered;
    copy->info.total_layer_num = tree->tree_data->pinfo->curr_layer_num;
    copy->info.proto_layer_num = tree->tree_data->pinfo->curr_proto_layer_num;
    memcpy(&copy->info.value.value, &value, sizeof value);
    copy->node = (proto_node){
        .parent = tree,
        .finfo = &copy->info,
        .tree_data = tree->tree_data,
    };
    tree->last_child->next = &copy->node;
    tree->last_child = &copy->node;
    tree->tree_data->count++;
    return &copy->node;
}

#else

static void keep_as_model(const proto_item *item, int field)
{
    (void)item;
    (void)field;
}

static header_field_info *to_be_copied(const proto_tree *tree, int field)
{
    (void)tree;
    (void)field;
    return NULL;
}

static proto_item *append_copy(proto_tree *tree, header_field_info *registered,
                               union item_value value)
{
    (void)registered;
    (void)value;
    return tree;
}

#endif

static proto_item *made_by_wireshark(proto_item *item, int field)
{
    proto_item_set_generated(item);
    keep_as_model(item, field);
    return item;
}

proto_item *items_add_string(proto_tree *tree, int field, const char *value)
{
    header_field_info *registered = to_be_copied(tree, field);

    if (registered) {
        union item_value copied = { .string = wmem_strbuf_new(PNODE_POOL(tree), value) };

        return append_copy(tree, registered, copied);
    }
    return made_by_wireshark(proto_tree_add_string(tree, field, NULL, 0, 0, value), field);
}

void items_add_uint(proto_tree *tree, int field, uint32_t value)
{
    header_field_info *registered = to_be_copied(tree, field);

    if (registered)
        append_copy(tree, registered, (union item_value){ .number = value });
    else
        made_by_wireshark(proto_tree_add_uint(tree, field, NULL, 0, 0, value), field);
}

void items_add_uint64(proto_tree *tree, int field, uint64_t value)
{
    header_field_info *registered = to_be_copied(tree, field);

    if (registered)
        append_copy(tree, registered, (union item_value){ .large = value });
    else
        made_by_wireshark(proto_tree_add_uint64(tree, field, NULL, 0, 0, value), field);
}

void items_add_boolean(proto_tree *tree, int field, bool value)
{
    header_field_info *registered = to_be_copied(tree, field);

    if (registered)
        append_copy(tree, registered, (union item_value){ .large = value });
    else
        made_by_wireshark(proto_tree_add_boolean(tree, field, NULL, 0, 0, value), field);
}

void items_add_time(proto_tree *tree, int field, int64_t value)
{
    header_field_info *registered = to_be_copied(tree, field);
    nstime_t time = { .secs = (time_t)(value / 1000000000), .nsecs = (int)(value % 1000000000) };

    if (registered)
        append_copy(tree, registered, (union item_value){ .time = time });
    else
        made_by_wireshark(proto_tree_add_time(tree, field, NULL, 0, 0, &time), field);
}

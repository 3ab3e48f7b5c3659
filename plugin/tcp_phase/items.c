/* items.c
 * Adds fields to a tree.
 *
 * A segment has some 26 fields. Where a tree is shown, most of what the plugin costs is what
 * Wireshark does to make, list and free them, and much of that our items do not need: checks of where
 * they lie in the frame, four blocks of memory for each string. An item of ours is like any other of
 * its type, but for field and value. So where COMPAT_ITEMS_CAN_BE_COPIED, it is a copy of one that
 * Wireshark made; all of a frame lie in one block with their texts; and words of a vocabulary are
 * not copied at all.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "items.h"

#include <epan/prefs.h>
#include <stdlib.h>
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

/* Octets for items and their texts. What does not find room is Wireshark's to make. */
#define ROOM        8960U
#define ITEMS_MAX   (ROOM / sizeof(struct item_copy))
#define FIELDS_MAX  128U /* a power of two; fields that share a place take turns */
#define TOKENS_MAX  256U /* a power of two, and far more than there are */
#define LEVELS_MORE 3U   /* below the tree of items_begin() */

/* An item as Wireshark keeps it, in one piece. */
struct item_copy {
    proto_node node;
    field_info info;
};

/* The room for items of this frame, taken from its beginning, and for their texts, from its end; none where
 * Wireshark is to make the items. */
static struct item_copy *next_item;
static char *end_of_room;

/* Whether a filter or column looks for a field of the tree's protocol, or for the protocol. */
static bool some_are_wanted;

static size_t room_left(void)
{
    return (size_t)(end_of_room - (char *)next_item);
}

/* Room for a text and what comes with it; NULL: there is none. */
static void *take_room(size_t size)
{
    size = (size + 7) & ~(size_t)7;
    if (size > room_left())
        return NULL;
    end_of_room -= size;
    return end_of_room;
}

/* For each type of field, the first item that Wireshark made in a tree that is shown. */
static field_info models[FT_NUM_TYPES];

/* The types of items that there are; with a model of each, items can be copied. */
static const enum ftenum types[] = {
    FT_STRING, FT_UINT32, FT_FRAMENUM, FT_UINT64, FT_BOOLEAN, FT_RELATIVE_TIME,
};

/* Words, as the value of an item has them, by the address of the word. */
static struct token {
    const char *word; /* NULL: free */
    wmem_strbuf_t buffer;
} tokens[TOKENS_MAX];

/* An item frees its string through the allocator that the string names. This one frees nothing. */
static wmem_allocator_t *keeper;

/* Whether memory of Wireshark's packets is freed all at once, as it is unless someone looks for faults
 * in its use (README.wmem): then a part of a block of ours is nothing that could be freed. */
static bool packets_are_freed_at_once(void)
{
    return getenv("WIRESHARK_DEBUG_WMEM_OVERRIDE") == NULL;
}

static bool find_keeper(void)
{
    static bool is_known;

    if (!is_known && packets_are_freed_at_once())
        keeper = wmem_allocator_new(WMEM_ALLOCATOR_BLOCK_FAST);
    is_known = true;
    return keeper != NULL;
}

static bool has_all_models(void)
{
    static bool has_all;

    for (unsigned i = 0; !has_all && i < sizeof types / sizeof *types; i++)
        if (!models[types[i]].hfinfo)
            return false;
    has_all = true;
    return find_keeper();
}

/* Whether the tree will become neither too large nor too deep, which Wireshark sees to where it makes
 * the items. */
static bool has_room(const proto_tree *tree)
{
    unsigned depth = LEVELS_MORE;

    for (const proto_node *node = tree; node; node = node->parent)
        depth++;
    return tree->tree_data->count + ITEMS_MAX <= prefs.gui_max_tree_items &&
           depth <= prefs.gui_max_tree_depth;
}

/* Wireshark makes the items of a tree that is not shown. */
void items_begin(proto_tree *tree)
{
    items_end();
    if (!tree->tree_data->visible || !has_all_models() || !has_room(tree))
        return;
    some_are_wanted = PNODE_FINFO(tree)->hfinfo->ref_type != HF_REF_TYPE_NONE;
    next_item = wmem_alloc(PNODE_POOL(tree), ROOM);
    end_of_room = (char *)next_item + ROOM;
}

void items_end(void)
{
    next_item = NULL;
    end_of_room = NULL;
}

static void keep_as_model(const proto_item *item, int field)
{
    const field_info *info = PITEM_FINFO(item);

    if (item->tree_data->visible && info->hfinfo->id == field && !models[info->hfinfo->type].hfinfo)
        models[info->hfinfo->type] = *info;
}

/* A field, and what its items are copies of. */
struct known_field {
    int field;
    header_field_info *registered; /* NULL: not known yet */
    const field_info *model;
};

static const struct known_field *known_field(int field)
{
    static struct known_field fields[FIELDS_MAX];
    struct known_field *known = &fields[(unsigned)field % FIELDS_MAX];

    if (known->field != field || !known->registered) {
        known->field = field;
        known->registered = proto_registrar_get_nth((unsigned)field);
        known->model = &models[known->registered->type];
    }
    return known;
}

/* Append an item. Returns NULL where Wireshark is to make it, as it does those that a filter or column looks
 * for: it lists them. */
static proto_item *append_copy(proto_tree *tree, int field, union item_value value)
{
    struct item_copy *copy = next_item;
    tree_data_t *data = tree->tree_data;
    const struct known_field *known;

    if (room_left() < sizeof *copy)
        return NULL;
    known = known_field(field);
    if (some_are_wanted && known->registered->ref_type == HF_REF_TYPE_DIRECT)
        return NULL;
    next_item++;
    copy->info = *known->model;
    copy->info.hfinfo = known->registered;
    copy->info.total_layer_num = data->pinfo->curr_layer_num;
    copy->info.proto_layer_num = data->pinfo->curr_proto_layer_num;
    memcpy(&copy->info.value.value, &value, sizeof value);
    copy->node = (proto_node){ .parent = tree, .finfo = &copy->info, .tree_data = data };
    if (tree->last_child)
        tree->last_child->next = &copy->node;
    else
        tree->first_child = &copy->node;
    tree->last_child = &copy->node;
    data->count++;
    return &copy->node;
}

/* A word that there was none of so far, or that lies elsewhere; NULL: there are too many. */
static struct token *find_token(const char *word, size_t first)
{
    for (size_t i = 0; i < TOKENS_MAX; i++) {
        struct token *token = &tokens[(first + i) % TOKENS_MAX];

        if (token->word == word)
            return token;
        if (token->word)
            continue;
        token->word = word;
        token->buffer.allocator = keeper;
        token->buffer.str = (char *)word; /* only read */
        token->buffer.len = strlen(word);
        token->buffer.alloc_len = token->buffer.len + 1;
        return token;
    }
    return NULL;
}

/* The string of a word. NULL: Wireshark is to make the item. */
static wmem_strbuf_t *string_of_token(const char *word)
{
    size_t first = (uintptr_t)word / 4 % TOKENS_MAX;
    struct token *token = &tokens[first];

    if (!next_item)
        return NULL;
    if (token->word != word)
        token = find_token(word, first);
    return token ? &token->buffer : NULL;
}

/* A copy of a text. NULL: Wireshark is to make the item. */
static wmem_strbuf_t *string_of_text(const char *text, size_t length)
{
    struct {
        wmem_strbuf_t buffer;
        char text[];
    } *string = take_room(sizeof *string + length + 1);

    if (!string)
        return NULL;
    memcpy(string->text, text, length);
    string->text[length] = '\0';
    string->buffer = (wmem_strbuf_t){
        .allocator = keeper,
        .str = string->text,
        .len = length,
        .alloc_len = length + 1,
    };
    return &string->buffer;
}

/* Set the text of an item; false: Wireshark is to do so. */
static bool copy_label(proto_item *item, const char *text, size_t length)
{
    item_label_t *label = length < sizeof label->representation ? take_room(sizeof *label) : NULL;

    if (!label)
        return false;
    memcpy(label->representation, text, length + 1);
    PITEM_FINFO(item)->rep = label;
    return true;
}

#else

void items_begin(proto_tree *tree)
{
    (void)tree;
}

void items_end(void)
{
}

static void keep_as_model(const proto_item *item, int field)
{
    (void)item;
    (void)field;
}

static proto_item *append_copy(proto_tree *tree, int field, union item_value value)
{
    (void)tree;
    (void)field;
    (void)value;
    return NULL;
}

static wmem_strbuf_t *string_of_token(const char *word)
{
    (void)word;
    return NULL;
}

static wmem_strbuf_t *string_of_text(const char *text, size_t length)
{
    (void)text;
    (void)length;
    return NULL;
}

static bool copy_label(proto_item *item, const char *text, size_t length)
{
    (void)item;
    (void)text;
    (void)length;
    return false;
}

#endif

static proto_item *made_by_wireshark(proto_item *item, int field)
{
    proto_item_set_generated(item);
    keep_as_model(item, field);
    return item;
}

void items_add_token(proto_tree *tree, int field, const char *token)
{
    wmem_strbuf_t *string;

    if (!token)
        return;
    string = string_of_token(token);
    if (!string || !append_copy(tree, field, (union item_value){ .string = string }))
        made_by_wireshark(proto_tree_add_string(tree, field, NULL, 0, 0, token), field);
}

proto_item *items_add_text(proto_tree *tree, int field, const char *text, size_t length)
{
    wmem_strbuf_t *string = string_of_text(text, length);
    proto_item *item =
        string ? append_copy(tree, field, (union item_value){ .string = string }) : NULL;

    if (!item)
        item = made_by_wireshark(proto_tree_add_string(tree, field, NULL, 0, 0, text), field);
    return item;
}

void items_add_uint(proto_tree *tree, int field, uint32_t value)
{
    if (!append_copy(tree, field, (union item_value){ .number = value }))
        made_by_wireshark(proto_tree_add_uint(tree, field, NULL, 0, 0, value), field);
}

void items_add_uint64(proto_tree *tree, int field, uint64_t value)
{
    if (!append_copy(tree, field, (union item_value){ .large = value }))
        made_by_wireshark(proto_tree_add_uint64(tree, field, NULL, 0, 0, value), field);
}

void items_add_boolean(proto_tree *tree, int field, bool value)
{
    if (!append_copy(tree, field, (union item_value){ .large = value }))
        made_by_wireshark(proto_tree_add_boolean(tree, field, NULL, 0, 0, value), field);
}

void items_add_time(proto_tree *tree, int field, int64_t value)
{
    nstime_t time = { .secs = (time_t)(value / 1000000000), .nsecs = (int)(value % 1000000000) };

    if (!append_copy(tree, field, (union item_value){ .time = time }))
        made_by_wireshark(proto_tree_add_time(tree, field, NULL, 0, 0, &time), field);
}

void items_set_label(proto_item *item, const char *text, size_t length)
{
    if (!copy_label(item, text, length))
        proto_item_set_text(item, "%s", text);
}

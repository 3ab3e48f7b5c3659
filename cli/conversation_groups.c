/* conversation_groups.c
 * Keys in a hash table, and groups of them as trees (union by size).
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "conversation_groups.h"

#include <glib.h>

/** A place in the hash table. */
struct place {
    uint64_t key;
    uint32_t number; /* of the key, + 1; 0: free */
};

/** A key. */
struct member {
    uint32_t parent;  /* a key of the same group; itself: the group is known by it */
    uint32_t packets; /* of the whole group, where it is known by this one */
};

struct groups {
    struct place *places;
    uint64_t mask;   /* how many places there are, less one */
    GArray *members; /* of struct member */
    GArray *parts;   /* of uint8_t, for each member by which a group is known */
};

enum { PLACES_FIRST = 1 << 12 };

struct groups *groups_new(void)
{
    struct groups *groups = g_new0(struct groups, 1);

    groups->mask = PLACES_FIRST - 1;
    groups->places = g_new0(struct place, PLACES_FIRST);
    groups->members = g_array_new(FALSE, FALSE, sizeof(struct member));
    groups->parts = g_array_new(FALSE, TRUE, sizeof(uint8_t));
    return groups;
}

void groups_free(struct groups *groups)
{
    if (!groups)
        return;
    g_free(groups->places);
    g_array_unref(groups->members);
    g_array_unref(groups->parts);
    g_free(groups);
}

static struct member *member_at(const struct groups *groups, uint32_t number)
{
    return &g_array_index(groups->members, struct member, number);
}

static struct place *place_of(const struct groups *groups, uint64_t key)
{
    uint64_t at = (key ^ (key >> 32)) & groups->mask;

    while (groups->places[at].number != 0 && groups->places[at].key != key)
        at = (at + 1) & groups->mask;
    return &groups->places[at];
}

static void grow(struct groups *groups)
{
    struct place *before = groups->places;
    uint64_t count = groups->mask + 1;

    groups->mask = count * 2 - 1;
    groups->places = g_new0(struct place, count * 2);
    for (uint64_t i = 0; i < count; i++)
        if (before[i].number != 0)
            *place_of(groups, before[i].key) = before[i];
    g_free(before);
}

/* The number of a key, which gets one if it has none. */
static uint32_t number_of(struct groups *groups, uint64_t key)
{
    struct place *place = place_of(groups, key);
    struct member member = { .parent = groups->members->len };

    if (place->number != 0)
        return place->number - 1;
    place->key = key;
    place->number = groups->members->len + 1;
    g_array_append_val(groups->members, member);
    if (groups->members->len > groups->mask / 2)
        grow(groups);
    return member.parent;
}

static uint32_t find(const struct groups *groups, uint32_t number)
{
    struct member *member = member_at(groups, number);

    while (member->parent != number) {
        member->parent = member_at(groups, member->parent)->parent; /* shorter next time */
        number = member->parent;
        member = member_at(groups, number);
    }
    return number;
}

static uint32_t join(struct groups *groups, uint32_t one, uint32_t other)
{
    one = find(groups, one);
    other = find(groups, other);
    if (one == other)
        return one;
    if (member_at(groups, one)->packets < member_at(groups, other)->packets) {
        uint32_t larger = other;

        other = one;
        one = larger;
    }
    member_at(groups, other)->parent = one;
    member_at(groups, one)->packets += member_at(groups, other)->packets;
    return one;
}

uint32_t groups_add(struct groups *groups, const struct flow_keys *keys)
{
    uint32_t group = find(groups, number_of(groups, keys->key[0]));

    for (unsigned i = 1; i < keys->count; i++)
        group = join(groups, group, number_of(groups, keys->key[i]));
    member_at(groups, group)->packets++;
    return group;
}

static int by_size(const void *one, const void *other, void *data)
{
    uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;
    uint32_t first = member_at(data, a)->packets, second = member_at(data, b)->packets;

    if (first != second)
        return first > second ? -1 : 1;
    return (a > b) - (a < b);
}

static unsigned least(const uint64_t *loads, unsigned parts)
{
    unsigned found = 0;

    for (unsigned i = 1; i < parts; i++)
        if (loads[i] < loads[found])
            found = i;
    return found;
}

void groups_share(struct groups *groups, unsigned parts)
{
    GArray *order = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    uint64_t *loads = g_new0(uint64_t, parts);

    for (uint32_t i = 0; i < groups->members->len; i++)
        if (member_at(groups, i)->parent == i)
            g_array_append_val(order, i);
    g_array_sort_with_data(order, by_size, groups);
    g_array_set_size(groups->parts, groups->members->len);
    for (guint i = 0; i < order->len; i++) {
        uint32_t group = g_array_index(order, uint32_t, i);
        unsigned part = least(loads, parts);

        g_array_index(groups->parts, uint8_t, group) = (uint8_t)part;
        loads[part] += member_at(groups, group)->packets;
    }
    g_free(loads);
    g_array_unref(order);
}

unsigned groups_part_of(const struct groups *groups, uint32_t number)
{
    return g_array_index(groups->parts, uint8_t, find(groups, number));
}

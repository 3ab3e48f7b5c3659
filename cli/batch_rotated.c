/* batch_rotated.c
 * Joins rotated files.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "batch_rotated.h"

#include "batch.h"
#include "capture.h"

#include <stdlib.h>
#include <string.h>

/** What a name says. */
struct part {
    struct batch_capture *capture;
    char *set;       /* what all names of a set share; NULL: it is of none */
    char *time;      /* digits, or "" */
    uint64_t number; /* its place */
    size_t digits;   /* of the number; 0: there is none */
    bool is_dumpcap;
    struct capture_times times;
};

static GRegex *dumpcap_names[2], *tcpdump_names;

static void compile(void)
{
    if (tcpdump_names)
        return;
    dumpcap_names[0] = g_regex_new("^(?<set>.*)_(?<number>[0-9]{5,9})_(?<time>[0-9]{14})"
                                   "(?<rest>(\\.[^./]*)*)$",
                                   G_REGEX_RAW, 0, NULL);
    dumpcap_names[1] = g_regex_new("^(?<set>.*)_(?<time>[0-9]{14})_(?<number>[0-9]{5,9})"
                                   "(?<rest>(\\.[^./]*)*)$",
                                   G_REGEX_RAW, 0, NULL);
    tcpdump_names = g_regex_new("^(?<set>.*?[^0-9/])(?<number>[0-9]{0,6})"
                                "(?<rest>(\\.(gz|bz2|xz|zst|lz4))?)$",
                                G_REGEX_RAW, 0, NULL);
}

static void free_part(void *data)
{
    struct part *part = data;

    g_free(part->set);
    g_free(part->time);
    g_free(part);
}

/* Does the path look like this? */
static bool is_like(struct part *part, const GRegex *names, const char *path)
{
    GMatchInfo *match = NULL;
    bool is = g_regex_match(names, path, 0, &match);

    if (is) {
        char *set = g_match_info_fetch_named(match, "set");
        char *rest = g_match_info_fetch_named(match, "rest");
        char *number = g_match_info_fetch_named(match, "number");

        part->is_dumpcap = names != tcpdump_names;
        part->set = g_strconcat(part->is_dumpcap ? "d:" : "t:", set, "*", rest, NULL);
        part->time = part->is_dumpcap ? g_match_info_fetch_named(match, "time") : g_strdup("");
        part->digits = strlen(number);
        part->number = g_ascii_strtoull(number, NULL, 10);
        g_free(number);
        g_free(rest);
        g_free(set);
    }
    g_match_info_free(match);
    return is;
}

static struct part *part_of(struct batch_capture *capture)
{
    struct part *part = g_new0(struct part, 1);
    const struct batch_file *file = g_ptr_array_index(capture->files, 0);

    part->capture = capture;
    if (capture->problem ||
        (!is_like(part, dumpcap_names[0], file->path) &&
         !is_like(part, dumpcap_names[1], file->path) && !is_like(part, tcpdump_names, file->path)))
        part->time = g_strdup("");
    return part;
}

static int by_number(const void *one, const void *other)
{
    const struct part *a = *(struct part *const *)one, *b = *(struct part *const *)other;
    int order = g_strcmp0(a->set, b->set);

    if (order == 0)
        order = strcmp(a->time, b->time);
    if (order == 0)
        order = (a->number > b->number) - (a->number < b->number);
    return order;
}

/* The files of parts [first, end) become those of the first. */
static void join(GPtrArray *parts, unsigned first, unsigned end)
{
    struct part *head = g_ptr_array_index(parts, first);

    for (unsigned i = first + 1; i < end; i++) {
        struct part *part = g_ptr_array_index(parts, i);
        const struct batch_file *file = g_ptr_array_index(part->capture->files, 0);

        batch_capture_add(head->capture, file->path, file->size, file->modified);
        part->capture->size = 0;
        g_ptr_array_set_size(part->capture->files, 0);
    }
}

/* dumpcap counts on from file to file: where the count is no higher than before it was started again. */
static void join_dumpcap(GPtrArray *parts, unsigned first, unsigned end)
{
    for (unsigned i = first + 1; i <= end; i++) {
        const struct part *before = g_ptr_array_index(parts, i - 1);
        const struct part *part = i < end ? g_ptr_array_index(parts, i) : NULL;

        if (!part || part->number <= before->number) {
            join(parts, first, i);
            first = i;
        }
    }
}

/* Numbers from 0, of the same width or without zeros in front; or none, 1, 2 ... */
static unsigned count_from_start(GPtrArray *parts, unsigned first, unsigned end)
{
    const struct part *head = g_ptr_array_index(parts, first);
    unsigned i;

    if (head->number != 0)
        return 0;
    for (i = first + 1; i < end; i++) {
        const struct part *part = g_ptr_array_index(parts, i);
        bool has_width = head->digits > 1 && part->digits == head->digits;
        bool has_none = head->digits <= 1 && (part->digits == 1 || part->number >= 10);

        if (part->number != i - first || (!has_width && !has_none))
            break;
    }
    return i - first;
}

/* The oldest: the only one that begins before the one with the number below it. Turns the parts so that it is
 * the first. @return whether they follow each other */
static bool turn(GPtrArray *parts, unsigned first, unsigned count)
{
    struct part **at = (struct part **)parts->pdata + first;
    struct part **turned = g_new(struct part *, count);
    unsigned oldest = 0;
    bool is_good = true;

    for (unsigned i = 1; i < count; i++)
        if (at[i]->times.first < at[oldest]->times.first)
            oldest = i;
    for (unsigned i = 0; i < count; i++)
        turned[i] = at[(oldest + i) % count];
    for (unsigned i = 1; is_good && i < count; i++)
        is_good = turned[i - 1]->times.last <= turned[i]->times.first;
    if (is_good)
        memcpy(at, turned, count * sizeof(struct part *));
    g_free(turned);
    return is_good;
}

static bool know_times(GPtrArray *parts, unsigned first, unsigned count)
{
    const struct part *head = g_ptr_array_index(parts, first);

    for (unsigned i = first; i < first + count; i++) {
        struct part *part = g_ptr_array_index(parts, i);
        const struct batch_file *file = g_ptr_array_index(part->capture->files, 0);

        if (!capture_read_times(file->path, &part->times) || part->times.kind != head->times.kind ||
            part->times.link_type != head->times.link_type)
            return false;
    }
    return true;
}

static void join_tcpdump(GPtrArray *parts, unsigned first, unsigned end)
{
    unsigned count = count_from_start(parts, first, end);

    if (count > 1 && know_times(parts, first, count) && turn(parts, first, count))
        join(parts, first, first + count);
}

void batch_join_rotated(GPtrArray *captures)
{
    GPtrArray *parts = g_ptr_array_new_with_free_func(free_part);
    unsigned end;

    compile();
    for (unsigned i = 0; i < captures->len; i++)
        g_ptr_array_add(parts, part_of(g_ptr_array_index(captures, i)));
    g_ptr_array_sort(parts, by_number);
    for (unsigned first = 0; first < parts->len; first = end) {
        const struct part *head = g_ptr_array_index(parts, first);

        for (end = first + 1; end < parts->len; end++) {
            const struct part *part = g_ptr_array_index(parts, end);

            if (!head->set || g_strcmp0(part->set, head->set) != 0)
                break;
        }
        if (end - first > 1 && head->is_dumpcap)
            join_dumpcap(parts, first, end);
        else if (end - first > 1)
            join_tcpdump(parts, first, end);
    }
    for (unsigned i = captures->len; i-- > 0;)
        if (((struct batch_capture *)g_ptr_array_index(captures, i))->files->len == 0)
            g_ptr_array_remove_index(captures, i);
    g_ptr_array_unref(parts);
}

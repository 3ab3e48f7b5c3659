/* ladder_words.c
 * What the formats have in common.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ladder_words.h"

#include <stdio.h>
#include <string.h>

#include "ladder_formats.h"

#define NANOSECONDS G_GINT64_CONSTANT(1000000000)

const struct ladder_format ladder_formats[] = {
    { "text", ladder_text },         { "svg", ladder_svg },     { "mermaid", ladder_mermaid },
    { "segments", ladder_segments }, { "story", ladder_story }, { NULL, NULL },
};

const struct ladder_format *ladder_find_format(const char *name)
{
    for (const struct ladder_format *format = ladder_formats; format->name; format++)
        if (strcmp(format->name, name) == 0)
            return format;
    return NULL;
}

/* A number of thousandths with three digits that count, and no zeros at the end. The point is a point
 * in every locale. */
static void put_three_digits(struct ladder_number *number, uint64_t thousandths, const char *sign,
                             const char *unit)
{
    unsigned decimals = thousandths < 10000 ? 2 : thousandths < 100000 ? 1 : 0;
    uint64_t step = decimals == 2 ? 10 : decimals == 1 ? 100 : 1000;
    uint64_t rounded = (thousandths + step / 2) / step * step;
    unsigned fraction = (unsigned)(rounded % 1000) / (unsigned)(decimals == 0 ? 1000 : step);

    while (decimals > 0 && fraction % 10 == 0) {
        fraction /= 10;
        decimals--;
    }
    if (decimals == 0)
        snprintf(number->at, sizeof number->at, "%s%" G_GUINT64_FORMAT " %s", sign, rounded / 1000,
                 unit);
    else
        snprintf(number->at, sizeof number->at, "%s%" G_GUINT64_FORMAT ".%0*u %s", sign,
                 rounded / 1000, (int)decimals, fraction, unit);
}

/* Two units: "10 min 21 s". */
static void put_two_units(struct ladder_number *number, const char *sign, uint64_t great,
                          const char *great_unit, uint64_t small, const char *small_unit)
{
    snprintf(number->at, sizeof number->at, "%s%" G_GUINT64_FORMAT " %s %" G_GUINT64_FORMAT " %s",
             sign, great, great_unit, small, small_unit);
}

const char *ladder_time(struct ladder_number *number, int64_t nanoseconds)
{
    const char *sign = nanoseconds < 0 ? "-" : "";
    uint64_t time = nanoseconds < 0 ? -(uint64_t)nanoseconds : (uint64_t)nanoseconds;
    uint64_t seconds = (time + NANOSECONDS / 2) / NANOSECONDS;

    if (time == 0)
        g_strlcpy(number->at, "0 s", sizeof number->at);
    else if (time < 1000)
        snprintf(number->at, sizeof number->at, "%s%u ns", sign, (unsigned)time);
    else if (time < 999500)
        put_three_digits(number, time, sign, "µs");
    else if (time < 999500000)
        put_three_digits(number, time / 1000, sign, "ms");
    else if (time < 59950000000)
        put_three_digits(number, time / 1000000, sign, "s");
    else if (seconds < 3600)
        put_two_units(number, sign, seconds / 60, "min", seconds % 60, "s");
    else if (seconds < 86400)
        put_two_units(number, sign, seconds / 3600, "h", seconds % 3600 / 60, "min");
    else
        put_two_units(number, sign, seconds / 86400, "d", seconds % 86400 / 3600, "h");
    return number->at;
}

const char *ladder_seconds(struct ladder_number *number, int64_t nanoseconds)
{
    const char *sign = nanoseconds < 0 ? "-" : "";
    uint64_t time = nanoseconds < 0 ? -(uint64_t)nanoseconds : (uint64_t)nanoseconds;
    uint64_t seconds = time / NANOSECONDS;
    unsigned rest = (unsigned)(time % NANOSECONDS);

    if (seconds < 10000)
        snprintf(number->at, sizeof number->at, "%s%u.%06u", sign, (unsigned)seconds, rest / 1000);
    else if (seconds < 10000000)
        snprintf(number->at, sizeof number->at, "%s%u.%03u", sign, (unsigned)seconds,
                 rest / 1000000);
    else
        snprintf(number->at, sizeof number->at, "%s%" G_GUINT64_FORMAT, sign, seconds);
    return number->at;
}

const char *ladder_size(struct ladder_number *number, uint64_t bytes)
{
    static const char *const units[] = { "kB", "MB", "GB", "TB", "PB", "EB" };
    unsigned unit = 0;

    if (bytes < 1000) {
        snprintf(number->at, sizeof number->at, "%u B", (unsigned)bytes);
        return number->at;
    }
    while (bytes >= 999500 && unit + 1 < G_N_ELEMENTS(units)) {
        bytes /= 1000;
        unit++;
    }
    put_three_digits(number, bytes, "", units[unit]);
    return number->at;
}

const char *ladder_digits(struct ladder_number *number, uint64_t digits)
{
    snprintf(number->at, sizeof number->at, "%" G_GUINT64_FORMAT, digits);
    return number->at;
}

void ladder_add_flags(GString *out, unsigned flags, const char *between)
{
    static const char *const names[] = { "FIN", "SYN", "RST", "PSH", "ACK",
                                         "URG", "ECE", "CWR", "AE" };
    bool any = false;

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++)
        if (flags & (1U << i)) {
            g_string_append(out, any ? between : "");
            g_string_append(out, names[i]);
            any = true;
        }
}

void ladder_add_numbers(GString *out, const struct tcp_annotation *note)
{
    if (note->flags == 0)
        g_string_append(out, "-");
    ladder_add_flags(out, note->flags, ", ");
    g_string_append_printf(out, "  seq %u", note->seq);
    if (note->flags & TCP_ACK)
        g_string_append_printf(out, "  ack %u", note->ack);
    if (note->len > 0)
        g_string_append_printf(out, "  len %u", note->len);
}

static void add_text(GString *out, const struct text *text)
{
    g_string_append_len(out, text->at, (gssize)text->length);
}

void ladder_add_entry(GString *out, const char *const *table, unsigned entry,
                      const struct wording_value *values)
{
    struct text text;

    text_clear(&text);
    wording_fill(&text, table, entry, values);
    add_text(out, &text);
}

static void add_fold(GString *out, const struct ladder_row *row, const char *const *table)
{
    struct ladder_number count, size, again;
    const struct wording_value values[] = {
        { "count", ladder_digits(&count, row->segments) },
        { "size", ladder_size(&size, row->bytes) },
        { "again", ladder_digits(&again, row->again) },
        { NULL, NULL },
    };

    ladder_add_entry(out, table, row->again ? WORDING_LADDER_FOLD_AGAIN : WORDING_LADDER_FOLD,
                     values);
}

static void add_unseen(GString *out, const struct ladder_row *row, const char *const *table)
{
    static const unsigned entries[] = {
        [LADDER_UNSEEN_SYN] = WORDING_LADDER_SYN_UNSEEN,
        [LADDER_UNSEEN_SYN_ACK] = WORDING_LADDER_SYN_ACK_UNSEEN,
        [LADDER_UNSEEN_ACK] = WORDING_LADDER_ACK_UNSEEN,
        [LADDER_UNSEEN_DATA] = WORDING_LADDER_DATA_UNSEEN,
    };
    struct ladder_number from, to, frame;
    const struct wording_value values[] = {
        { "seq", ladder_digits(&from, row->from) },
        { "end", ladder_digits(&to, row->to) },
        { "frame", ladder_digits(&frame, row->late) },
        { NULL, NULL },
    };

    ladder_add_entry(out, table, row->late ? WORDING_LADDER_DATA_LATE : entries[row->unseen],
                     values);
}

void ladder_add_label(GString *out, const struct ladder_row *row, const char *const *table)
{
    struct ladder_number frame;
    const struct wording_value values[] = {
        { "frame", ladder_digits(&frame, row->frame) },
        { NULL, NULL },
    };
    struct text text;

    switch (row->kind) {
    case LADDER_FOLD:
        add_fold(out, row, table);
        break;
    case LADDER_UNSEEN:
        add_unseen(out, row, table);
        break;
    case LADDER_ICMP:
        ladder_add_entry(out, table, WORDING_LADDER_ICMP, values);
        break;
    default:
        text_clear(&text);
        wording_label(&text, table, &row->note);
        add_text(out, &text);
    }
}

void ladder_add_title(GString *out, const struct ladder *ladder, const char *const *table)
{
    struct text text;

    text_clear(&text);
    wording_summary(&text, table, &ladder->outcome);
    add_text(out, &text);
}

void ladder_add_about(GString *out, const struct ladder *ladder, const char *const *table)
{
    struct ladder_number stream, first, last, time;
    const struct wording_value values[] = {
        { "stream", ladder_digits(&stream, ladder->stream) },
        { "first", ladder_digits(&first, ladder->first) },
        { "last", ladder_digits(&last, ladder->last) },
        { "time", ladder_time(&time, ladder->previous - ladder->start) },
        { NULL, NULL },
    };

    ladder_add_entry(out, table, WORDING_LADDER_ABOUT, values);
}

void ladder_add_explanation(GString *out, const struct ladder_row *row, const char *const *table)
{
    struct text text;

    text_clear(&text);
    wording_explanation(&text, table, &row->note);
    add_text(out, &text);
}

void ladder_add_pause(GString *out, int64_t pause, const char *const *table)
{
    struct ladder_number time;
    const struct wording_value values[] = {
        { "time", ladder_time(&time, pause) },
        { NULL, NULL },
    };

    ladder_add_entry(out, table, WORDING_LADDER_PAUSE, values);
}

/* ladder_fold.c
 * Folds long runs of segments into one row.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ladder_fold.h"

/* What may be folded. */
enum {
    FOLD_PLAIN,    /* new data and its ACKs */
    FOLD_STEADY,   /* all that changes no state */
    FOLD_ANYTHING, /* all */
};

static bool is_steady(const struct tcp_annotation *note)
{
    return note->from[TCP_CLIENT] == note->state[TCP_CLIENT] &&
           note->from[TCP_SERVER] == note->state[TCP_SERVER];
}

static bool is_plain(const struct tcp_annotation *note)
{
    const unsigned plain = TCP_DOES_DATA | TCP_DOES_ACK | TCP_DOES_WINDOW_UPDATE;
    const uint32_t after_fin = TCP_NOTE_HALF_CLOSE | TCP_NOTE_SHORT_OF_FIN;
    const unsigned half_close = TCP_EXPERT_HALF_CLOSE | TCP_EXPERT_DATA_AFTER_FIN;

    return (note->events & ~plain) == 0 && (note->notes & ~after_fin) == 0 && note->steps == 0 &&
           (note->experts & ~half_close) == 0;
}

static bool may_fold(const struct ladder_row *row, unsigned what)
{
    if (row->kind == LADDER_FOLD)
        return true;
    if (what == FOLD_ANYTHING)
        return true;
    if (row->kind == LADDER_UNSEEN)
        return what == FOLD_STEADY && row->unseen == LADDER_UNSEEN_DATA;
    if (row->kind != LADDER_SEGMENT || row->crosses || row->is_withdrawn || !is_steady(&row->note))
        return false;
    return what == FOLD_STEADY || (is_plain(&row->note) && !row->odd);
}

/* One row more in a fold. */
static void take_in(struct ladder_row *fold, const struct ladder_row *row)
{
    fold->last = row->last;
    fold->until = row->until;
    fold->note.state[TCP_CLIENT] = row->note.state[TCP_CLIENT];
    fold->note.state[TCP_SERVER] = row->note.state[TCP_SERVER];
    fold->phase = row->phase;
    if (row->kind == LADDER_FOLD) {
        fold->segments += row->segments;
        fold->again += row->again;
        fold->bytes += row->bytes;
    } else if (row->kind == LADDER_SEGMENT) {
        fold->segments++;
        fold->again += (row->note.events & TCP_DOES_RETRANSMISSION) != 0;
        fold->bytes += row->note.len;
    }
}

static struct ladder_row fold_of(const struct ladder_row *rows, unsigned count)
{
    struct ladder_row fold = {
        .kind = LADDER_FOLD,
        .frame = rows[0].frame,
        .time = rows[0].time,
        .note = { .from = { rows[0].note.from[TCP_CLIENT], rows[0].note.from[TCP_SERVER] } },
    };

    for (unsigned i = 0; i < count; i++)
        take_in(&fold, &rows[i]);
    fold.odd = fold.again > 0;
    return fold;
}

/* The length of the run that begins here: rows that may be folded, of one phase. */
static unsigned run_at(const struct ladder_row *rows, unsigned count, unsigned what)
{
    unsigned length = 0;

    while (length < count && may_fold(&rows[length], what) &&
           (what == FOLD_ANYTHING || rows[length].phase == rows[0].phase))
        length++;
    return length;
}

/* Whether so much lies between the ends of a run that it is worth a fold. What is folded already takes
 * in what comes near it, so that it does not matter when the folding was done. */
static bool is_worth_it(const struct ladder_row *run, unsigned length, unsigned ends)
{
    if (length < ends + 2)
        return false;
    for (unsigned i = 0; i < length; i++)
        if (run[i].kind == LADDER_FOLD)
            return true;
    return length >= ends + LADDER_FOLD_MIN;
}

/* Fold every long run. head, tail: rows that stay at its ends. */
static void fold_runs(struct ladder *ladder, unsigned what, unsigned head, unsigned tail)
{
    struct ladder_row *rows = ladder_rows(ladder);
    unsigned count = ladder->rows->len;
    unsigned kept = 0;

    for (unsigned at = 0; at < count;) {
        unsigned run = run_at(rows + at, count - at, what);
        unsigned whole = run > 0 ? run : 1;

        if (!is_worth_it(rows + at, run, head + tail)) {
            for (unsigned i = 0; i < whole; i++)
                rows[kept++] = rows[at + i];
        } else {
            struct ladder_row fold = fold_of(rows + at + head, run - head - tail);

            for (unsigned i = 0; i < head; i++)
                rows[kept++] = rows[at + i];
            rows[kept++] = fold;
            for (unsigned i = run - tail; i < run; i++)
                rows[kept++] = rows[at + i];
        }
        at += whole;
    }
    g_array_set_size(ladder->rows, kept);
}

void ladder_fold(struct ladder *ladder)
{
    const unsigned half = LADDER_ROWS_MAX / 2;

    fold_runs(ladder, FOLD_PLAIN, LADDER_FOLD_HEAD, LADDER_FOLD_TAIL);
    if (ladder->rows->len > LADDER_ROWS_MAX)
        fold_runs(ladder, FOLD_STEADY, LADDER_FOLD_HEAD, LADDER_FOLD_TAIL);
    if (ladder->rows->len > LADDER_ROWS_MAX)
        fold_runs(ladder, FOLD_ANYTHING, half, half - 1);
}

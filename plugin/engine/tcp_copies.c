/* tcp_copies.c
 * Tells a segment that was captured twice from one that was sent twice.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcp_copies.h"

#include <stddef.h>

#include "tcp_seq.h"

/* Half a second is far more than a router keeps a packet, and less than identifications take to go
 * round. Equal segments can be sent twice on purpose (duplicate ACKs, keep-alives), but hardly
 * within a millisecond. */
#define COPY_TIME    INT64_C(500000000)
#define COPY_AT_ONCE INT64_C(1000000)
/* Some senders keep the identification when they send again (RFC 6864 4.1 lets them, where a packet must
 * not be fragmented): from the least retransmission time-out in use, 200 ms, it alone proves nothing. */
#define COPY_SOON INT64_C(100000000)
/* After this time the clock of timestamps has gone on. */
#define CLOCK_TICK INT64_C(10000000)

/* A copy with as many hops left says that others like it are to come; each segment that is none takes
 * one away. */
#define DOUBLING_COPY 16
#define DOUBLING_MAX  1024

static size_t slot_of(uint64_t hash, size_t slots)
{
    return (size_t)(hash ^ (hash >> 32)) & (slots - 1);
}

static bool is_recent(const struct tcp_remembered *remembered, const struct tcp_segment *segment)
{
    int64_t age = segment->time - remembered->time;

    return remembered->frame != 0 && age >= 0 && age <= COPY_TIME;
}

/* Whether an equal segment is a second capture of the one remembered. */
static bool is_copy(const struct tcp_copies *copies, const struct tcp_remembered *remembered,
                    const struct tcp_identity *identity, const struct tcp_segment *segment)
{
    int64_t age = segment->time - remembered->time;
    bool has_clock = identity->instant != 0;

    if (!is_recent(remembered, segment))
        return false;
    if (age <= COPY_AT_ONCE || (has_clock && age >= CLOCK_TICK))
        return true;
    if (identity->identified && (has_clock || age <= COPY_SOON))
        return true;
    if (remembered->hops != identity->hops || (segment->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN)
        return true;
    return copies->doubling > 0 && remembered->copies == 0;
}

/* Whether an identification can be that of a piece so far into the run. Pieces count on from what they
 * are cut from, where there may be a short one at each joint; what was sent again comes after all. */
static bool id_fits(const struct tcp_run *run, const struct tcp_identity *identity,
                    const struct tcp_segment *segment)
{
    uint32_t piece = segment->len < run->piece ? segment->len : run->piece;

    if (identity->ip_id == 0)
        return true;
    if (seq_le(run->latest_seq, segment->seq))
        return (uint16_t)(identity->ip_id - run->latest_ip_id) <=
               (segment->seq - run->latest_seq) / piece;
    return (uint16_t)(identity->ip_id - run->ip_id) <=
           (segment->seq - run->seq) / piece + run->joints;
}

/* Whether a segment lies in a run, as a piece of what was seen whole or the whole of what was seen in
 * pieces. */
static bool is_in_run(const struct tcp_run *run, const struct tcp_identity *identity,
                      const struct tcp_segment *segment)
{
    if (!is_recent(&run->latest, segment))
        return false;
    if (!seq_le(run->seq, segment->seq) || !seq_le(segment->seq + segment->len, run->past))
        return false;
    if ((segment->flags & TCP_FIN) && !run->has_fin)
        return false;
    return id_fits(run, identity, segment);
}

static struct tcp_run *run_of(struct tcp_copies *copies, const struct tcp_identity *identity,
                              const struct tcp_segment *segment)
{
    struct tcp_run *run = &copies->run[slot_of(identity->instant, TCP_COPIES_RUNS)];

    if (identity->instant == 0 || segment->len == 0 || run->instant != identity->instant)
        return NULL;
    return run;
}

/* Where the ways of a fingerprint begin. */
static size_t set_of(uint64_t fingerprint)
{
    return slot_of(fingerprint, TCP_COPIES_SLOTS / TCP_COPIES_WAYS);
}

static struct tcp_remembered *remembered_as(struct tcp_copies *copies, uint64_t fingerprint)
{
    size_t first = set_of(fingerprint) * TCP_COPIES_WAYS;

    for (size_t i = first; i < first + TCP_COPIES_WAYS; i++)
        if (copies->fingerprint[i] == fingerprint)
            return &copies->slot[i];
    return NULL;
}

/* The slot that a segment is to have: the one of an equal segment, or the oldest. */
static struct tcp_remembered *slot_for(struct tcp_copies *copies, uint64_t fingerprint)
{
    struct tcp_remembered *slot = remembered_as(copies, fingerprint);
    size_t set = set_of(fingerprint);
    size_t at;

    if (slot)
        return slot;
    at = set * TCP_COPIES_WAYS + copies->oldest[set];
    copies->oldest[set] = (uint8_t)((copies->oldest[set] + 1) % TCP_COPIES_WAYS);
    copies->fingerprint[at] = fingerprint;
    return &copies->slot[at];
}

const struct tcp_remembered *tcp_copies_find(struct tcp_copies *copies,
                                             const struct tcp_identity *identity,
                                             const struct tcp_segment *segment)
{
    struct tcp_remembered *found = remembered_as(copies, identity->fingerprint);
    const struct tcp_run *run;

    if (found && is_copy(copies, found, identity, segment)) {
        if (found->copies < UINT8_MAX)
            found->copies++;
        if (found->hops == identity->hops && copies->doubling < DOUBLING_MAX)
            copies->doubling += DOUBLING_COPY;
        return found;
    }
    run = run_of(copies, identity, segment);
    if (!run || !is_in_run(run, identity, segment))
        return NULL;
    return seq_le(run->latest_seq, segment->seq) ? &run->latest : &run->first;
}

/* Data that goes on where a run ends makes it longer; any other begins a new one. */
static void remember_run(struct tcp_copies *copies, const struct tcp_identity *identity,
                         const struct tcp_segment *segment, const struct tcp_remembered *remembered)
{
    struct tcp_run *run = run_of(copies, identity, segment);

    if (identity->instant == 0 || segment->len == 0)
        return;
    if (run && run->past == segment->seq && is_recent(&run->latest, segment)) {
        run->joints++;
    } else {
        run = &copies->run[slot_of(identity->instant, TCP_COPIES_RUNS)];
        run->instant = identity->instant;
        run->seq = segment->seq;
        run->piece = segment->len;
        run->ip_id = identity->ip_id;
        run->joints = 0;
        run->first = *remembered;
    }
    run->past = segment->seq + segment->len;
    run->latest_seq = segment->seq;
    run->latest_ip_id = identity->ip_id;
    run->has_fin = (segment->flags & TCP_FIN) != 0;
    run->latest = *remembered;
}

void tcp_copies_remember(struct tcp_copies *copies, const struct tcp_identity *identity,
                         const struct tcp_segment *segment, const struct tcp_annotation *annotation)
{
    struct tcp_remembered *slot = slot_for(copies, identity->fingerprint);

    slot->time = segment->time;
    slot->frame = segment->frame;
    slot->hops = identity->hops;
    slot->copies = 0;
    slot->annotation = *annotation;
    if (copies->doubling > 0)
        copies->doubling--;
    remember_run(copies, identity, segment, slot);
}

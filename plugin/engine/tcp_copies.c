/* tcp_copies.c
 * Tells a segment that was captured twice from one that was sent twice.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcp_copies.h"

#include <stddef.h>

#include "tcp_tracker_private.h"

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

/* A copy with as many hops left says that others like it are to come in this conversation; each segment that
 * is none takes one away. */
#define DOUBLING_MAX 255

/* Half of the number lies in either end. */
static unsigned doubling_of(const struct tcp_conversation *conversation)
{
    unsigned low = conversation->end[TCP_CLIENT].flags >> END_DOUBLING_AT & END_DOUBLING_MAX;
    unsigned high = conversation->end[TCP_SERVER].flags >> END_DOUBLING_AT & END_DOUBLING_MAX;

    return high << END_DOUBLING_BITS | low;
}

static void set_part(struct tcp_end *end, unsigned part)
{
    end->flags &= ~((uint32_t)END_DOUBLING_MAX << END_DOUBLING_AT);
    end->flags |= (uint32_t)(part & END_DOUBLING_MAX) << END_DOUBLING_AT;
}

static void set_doubling(struct tcp_conversation *conversation, unsigned doubling)
{
    set_part(&conversation->end[TCP_CLIENT], doubling);
    set_part(&conversation->end[TCP_SERVER], doubling >> END_DOUBLING_BITS);
}

/* Places: those of slots, then those of runs --------------------------------------------------- */

static uint16_t *chain_of(struct tcp_copies *copies, uint64_t key)
{
    uint64_t spread = (key ^ (key >> 32)) * UINT64_C(0x9e3779b97f4a7c15);

    return &copies->chain[spread >> (64 - TCP_COPIES_SLOTS_LOG)];
}

enum { NOWHERE = TCP_COPIES_SLOTS + TCP_COPIES_RUNS };

/* The place of a key, or NOWHERE. */
static size_t place_of(struct tcp_copies *copies, uint64_t key, bool is_run)
{
    for (uint16_t at = *chain_of(copies, key); at; at = copies->next[at - 1])
        if (copies->key[at - 1] == key && (at > TCP_COPIES_SLOTS) == is_run)
            return at - 1U;
    return NOWHERE;
}

static void put_in_place(struct tcp_copies *copies, size_t place, uint64_t key)
{
    uint16_t *chain = chain_of(copies, key);

    copies->key[place] = key;
    copies->before[place] = 0;
    copies->next[place] = *chain;
    if (*chain)
        copies->before[*chain - 1] = (uint16_t)(place + 1);
    *chain = (uint16_t)(place + 1);
}

static void take_out(struct tcp_copies *copies, size_t place)
{
    uint16_t before = copies->before[place], next = copies->next[place];

    if (before)
        copies->next[before - 1] = next;
    else
        *chain_of(copies, copies->key[place]) = next;
    if (next)
        copies->before[next - 1] = before;
}

static void forget_slot(struct tcp_copies *copies, size_t place)
{
    if (copies->slot[place].frame != 0)
        take_out(copies, place);
    copies->slot[place].frame = 0;
}

static void forget_run(struct tcp_copies *copies, size_t place)
{
    struct tcp_run *run = &copies->run[place - TCP_COPIES_SLOTS];

    if (run->instant != 0)
        take_out(copies, place);
    run->instant = 0;
}

static bool is_near(const struct tcp_remembered *remembered, const struct tcp_segment *segment,
                    uint32_t frames)
{
    return segment->frame - remembered->frame <= frames;
}

static bool is_recent(const struct tcp_remembered *remembered, const struct tcp_segment *segment)
{
    int64_t age = segment->time - remembered->time;

    return remembered->frame != 0 && age >= 0 && age <= COPY_TIME;
}

/* The next slot in turn, if what is there no longer counts; otherwise one that was not in use so far, as long as
 * there is one: no more memory is written to than is needed. */
static unsigned next_slot(struct tcp_copies *copies, const struct tcp_segment *segment)
{
    unsigned next = copies->last_slot + 1U < copies->slots ? copies->last_slot + 1U : 0;

    if (copies->slots < TCP_COPIES_SLOTS &&
        (copies->slots == 0 || is_near(&copies->slot[next], segment, TCP_COPIES_FRAMES)))
        next = copies->slots++;
    copies->last_slot = (uint16_t)next;
    return next;
}

static unsigned next_run(struct tcp_copies *copies, const struct tcp_segment *segment)
{
    unsigned next = copies->last_run + 1U < copies->runs ? copies->last_run + 1U : 0;

    if (copies->runs < TCP_COPIES_RUNS &&
        (copies->runs == 0 || is_near(&copies->run[next].latest, segment, TCP_COPIES_RUN_FRAMES)))
        next = copies->runs++;
    copies->last_run = (uint16_t)next;
    return next;
}

/* Copies --------------------------------------------------------------------------------------- */

/* Whether nobody sends a segment again so soon: a SYN (RFC 6298 2.1), or a probe, for all others have an ACK or a
 * RST (RFC 9293 3.10.7). */
static bool is_sent_once(const struct tcp_segment *segment)
{
    return !(segment->flags & (TCP_ACK | TCP_RST));
}

/* Whether an equal segment is a second capture of the one remembered. */
static bool is_copy(const struct tcp_conversation *conversation,
                    const struct tcp_remembered *remembered, const struct tcp_identity *identity,
                    const struct tcp_segment *segment)
{
    int64_t age = segment->time - remembered->time;
    bool has_clock = identity->instant != 0;

    if (!is_recent(remembered, segment) || !is_near(remembered, segment, TCP_COPIES_FRAMES))
        return false;
    if (age <= COPY_AT_ONCE || (has_clock && age >= CLOCK_TICK))
        return true;
    if (identity->identified && (has_clock || age <= COPY_SOON))
        return true;
    if (remembered->hops != identity->hops || is_sent_once(segment))
        return true;
    return doubling_of(conversation) > 0 && remembered->copies == 0;
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
    struct tcp_run *run;
    size_t place;

    if (identity->instant == 0 || segment->len == 0)
        return NULL;
    place = place_of(copies, identity->instant, true);
    if (place == NOWHERE)
        return NULL;
    run = &copies->run[place - TCP_COPIES_SLOTS];
    return is_near(&run->latest, segment, TCP_COPIES_RUN_FRAMES) ? run : NULL;
}

const struct tcp_remembered *tcp_copies_find(struct tcp_copies *copies,
                                             struct tcp_conversation *conversation,
                                             const struct tcp_identity *identity,
                                             const struct tcp_segment *segment)
{
    size_t place = place_of(copies, identity->fingerprint, false);
    const struct tcp_run *run;

    if (place != NOWHERE && is_copy(conversation, &copies->slot[place], identity, segment)) {
        struct tcp_remembered *found = &copies->slot[place];

        if (found->copies < UINT8_MAX)
            found->copies++;
        if (found->hops == identity->hops)
            set_doubling(conversation, DOUBLING_MAX);
        return found;
    }
    run = run_of(copies, identity, segment);
    if (!run || !is_in_run(run, identity, segment))
        return NULL;
    return seq_le(run->latest_seq, segment->seq) ? &run->latest : &run->first;
}

void tcp_copies_go_on(struct tcp_conversation *conversation, const struct tcp_conversation *earlier)
{
    set_doubling(conversation, doubling_of(earlier));
}

/* A place for a run of the segment's instant, in place of the one that it had, and of the one that has been the
 * longest without a segment. */
static struct tcp_run *begin_run(struct tcp_copies *copies, const struct tcp_identity *identity,
                                 const struct tcp_segment *segment)
{
    size_t known = place_of(copies, identity->instant, true);
    size_t next = next_run(copies, segment);
    size_t place = TCP_COPIES_SLOTS + next;
    struct tcp_run *run = &copies->run[next];

    if (known != NOWHERE)
        forget_run(copies, known);
    forget_run(copies, place);
    put_in_place(copies, place, identity->instant);
    run->instant = identity->instant;
    return run;
}

/* Data that goes on where a run ends makes it longer; any other begins a new one. */
static void remember_run(struct tcp_copies *copies, const struct tcp_identity *identity,
                         const struct tcp_segment *segment, const struct tcp_remembered *remembered)
{
    struct tcp_run *run = run_of(copies, identity, segment);

    if (identity->instant == 0 || segment->len == 0)
        return;
    if (run && run->past == segment->seq && is_recent(&run->latest, segment)) {
        const struct tcp_run longer = *run;

        run = begin_run(copies, identity, segment);
        *run = longer;
        run->joints++;
    } else {
        run = begin_run(copies, identity, segment);
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

void tcp_copies_remember(struct tcp_copies *copies, struct tcp_conversation *conversation,
                         const struct tcp_identity *identity, const struct tcp_segment *segment,
                         const struct tcp_annotation *annotation)
{
    size_t known = place_of(copies, identity->fingerprint, false);
    size_t place = next_slot(copies, segment);
    struct tcp_remembered *slot = &copies->slot[place];
    unsigned doubling = doubling_of(conversation);

    if (known != NOWHERE)
        forget_slot(copies, known);
    forget_slot(copies, place);
    put_in_place(copies, place, identity->fingerprint);
    slot->time = segment->time;
    slot->frame = segment->frame;
    slot->hops = identity->hops;
    slot->copies = 0;
    slot->annotation = *annotation;
    if (doubling > 0)
        set_doubling(conversation, doubling - 1);
    remember_run(copies, identity, segment, slot);
}

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

/* What is remembered --------------------------------------------------------------------------- */

/* A hash of which any bits will do. */
static uint64_t spread(uint64_t hash)
{
    hash = (hash ^ (hash >> 32)) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ (hash >> 32);
}

/* Where in a number of chains a hash has its own. */
static size_t chain_at(uint64_t hash, size_t chains)
{
    return spread(hash) % chains;
}

static uint32_t kind_of(uint64_t hash)
{
    return UINT32_C(1) << (spread(hash) >> 59);
}

/* Whether what has this number is still there. */
static bool is_there(uint32_t number, uint32_t latest, uint32_t places)
{
    return number != 0 && latest - number < places;
}

/* The first number to look at for a hash in its chain; 0: it is not there. */
static uint32_t begin_of(const struct tcp_chain *chain, uint64_t hash)
{
    return (chain->kinds & kind_of(hash)) ? chain->latest : 0;
}

/* The latest segment with a fingerprint, or NULL. */
static struct tcp_slot *find_slot(struct tcp_copies *copies, uint64_t fingerprint)
{
    size_t at = chain_at(fingerprint, TCP_COPIES_SLOT_CHAINS);
    uint32_t number = begin_of(&copies->slot_chain[at], fingerprint);

    while (is_there(number, copies->slots, TCP_COPIES_SLOTS)) {
        struct tcp_slot *slot = &copies->slot[number % TCP_COPIES_SLOTS];

        if (slot->fingerprint == fingerprint)
            return slot;
        number = slot->before;
    }
    return NULL;
}

/* The latest run of an instant, or NULL. */
static struct tcp_run *find_run(struct tcp_copies *copies, uint64_t instant)
{
    size_t at = chain_at(instant, TCP_COPIES_RUN_CHAINS);
    uint32_t number = begin_of(&copies->run_chain[at], instant);

    while (is_there(number, copies->runs, TCP_COPIES_RUNS)) {
        struct tcp_run *run = &copies->run[number % TCP_COPIES_RUNS];

        if (run->instant == instant)
            return run;
        number = run->before;
    }
    return NULL;
}

/* Put what has a number at the beginning of its chain. */
static void begin_with(struct tcp_chain *chain, uint32_t number, bool is_alone, uint64_t hash)
{
    chain->latest = number;
    chain->kinds = (is_alone ? 0 : chain->kinds) | kind_of(hash);
}

/* A place for one more segment. One with the same fingerprint at the beginning of the chain is left out of it:
 * however many are equal, it is no longer for them. */
static struct tcp_remembered *add_slot(struct tcp_copies *copies, uint64_t fingerprint)
{
    struct tcp_chain *chain = &copies->slot_chain[chain_at(fingerprint, TCP_COPIES_SLOT_CHAINS)];
    uint32_t before = chain->latest;
    struct tcp_slot *slot = &copies->slot[before % TCP_COPIES_SLOTS];

    if (!is_there(before, copies->slots, TCP_COPIES_SLOTS))
        before = 0;
    else if ((chain->kinds & kind_of(fingerprint)) && slot->fingerprint == fingerprint)
        before = slot->before;
    begin_with(chain, ++copies->slots, before == 0, fingerprint);
    slot = &copies->slot[copies->slots % TCP_COPIES_SLOTS];
    slot->fingerprint = fingerprint;
    slot->before = before;
    return &slot->segment;
}

/* A place for one more run, likewise. */
static struct tcp_run *add_run(struct tcp_copies *copies, uint64_t instant)
{
    struct tcp_chain *chain = &copies->run_chain[chain_at(instant, TCP_COPIES_RUN_CHAINS)];
    uint32_t before = chain->latest;
    struct tcp_run *run = &copies->run[before % TCP_COPIES_RUNS];

    if (!is_there(before, copies->runs, TCP_COPIES_RUNS))
        before = 0;
    else if ((chain->kinds & kind_of(instant)) && run->instant == instant)
        before = run->before;
    begin_with(chain, ++copies->runs, before == 0, instant);
    run = &copies->run[copies->runs % TCP_COPIES_RUNS];
    run->instant = instant;
    run->before = before;
    return run;
}

void tcp_copies_expect(const struct tcp_copies *copies, const struct tcp_identity *identity)
{
    size_t at = chain_at(identity->fingerprint, TCP_COPIES_SLOT_CHAINS);

    __builtin_prefetch(&copies->slot_chain[at], 1);
    if (identity->instant != 0)
        __builtin_prefetch(&copies->run_chain[chain_at(identity->instant, TCP_COPIES_RUN_CHAINS)],
                           1);
}

static bool is_near(const struct tcp_remembered *remembered, const struct tcp_segment *segment,
                    uint32_t frames)
{
    return segment->frame - remembered->frame <= frames;
}

static bool is_recent(const struct tcp_remembered *remembered, const struct tcp_segment *segment)
{
    int64_t age = segment->time - remembered->time;

    return age >= 0 && age <= COPY_TIME;
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

    if (identity->instant == 0 || segment->len == 0)
        return NULL;
    run = find_run(copies, identity->instant);
    return run && is_near(&run->latest, segment, TCP_COPIES_RUN_FRAMES) ? run : NULL;
}

const struct tcp_remembered *tcp_copies_find(struct tcp_copies *copies,
                                             struct tcp_conversation *conversation,
                                             const struct tcp_identity *identity,
                                             const struct tcp_segment *segment)
{
    struct tcp_slot *slot = find_slot(copies, identity->fingerprint);
    const struct tcp_run *run;

    if (slot && is_copy(conversation, &slot->segment, identity, segment)) {
        struct tcp_remembered *found = &slot->segment;

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

/* Data that goes on where a run ends makes it longer; any other begins a new one. */
static void remember_run(struct tcp_copies *copies, const struct tcp_identity *identity,
                         const struct tcp_segment *segment, const struct tcp_remembered *remembered)
{
    const struct tcp_run *known = run_of(copies, identity, segment);
    struct tcp_run *run;

    if (identity->instant == 0 || segment->len == 0)
        return;
    if (known && known->past == segment->seq && is_recent(&known->latest, segment)) {
        const struct tcp_run longer = *known;

        run = add_run(copies, identity->instant);
        run->seq = longer.seq;
        run->piece = longer.piece;
        run->ip_id = longer.ip_id;
        run->joints = longer.joints + 1;
        run->first = longer.first;
    } else {
        run = add_run(copies, identity->instant);
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
                         uint32_t number, uint8_t layer)
{
    struct tcp_remembered *remembered = add_slot(copies, identity->fingerprint);
    unsigned doubling = doubling_of(conversation);

    remembered->time = segment->time;
    remembered->frame = segment->frame;
    remembered->number = number;
    remembered->layer = layer;
    remembered->hops = identity->hops;
    remembered->copies = 0;
    if (doubling > 0)
        set_doubling(conversation, doubling - 1);
    remember_run(copies, identity, segment, remembered);
}

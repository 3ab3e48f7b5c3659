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

/* Slots or runs: things of one size, each of which begins with a link, in chains by the hash of their keys. */
struct ring {
    struct tcp_chain *chain;
    uint32_t *latest; /* number of the latest */
    unsigned char *first;
    size_t size;
    uint32_t places, chains;
};

static struct ring slots_of(struct tcp_copies *copies)
{
    return (struct ring){
        .chain = copies->slot_chain,
        .latest = &copies->slots,
        .first = (unsigned char *)copies->slot,
        .size = sizeof *copies->slot,
        .places = TCP_COPIES_SLOTS,
        .chains = TCP_COPIES_SLOT_CHAINS,
    };
}

static struct ring runs_of(struct tcp_copies *copies)
{
    return (struct ring){
        .chain = copies->run_chain,
        .latest = &copies->runs,
        .first = (unsigned char *)copies->run,
        .size = sizeof *copies->run,
        .places = TCP_COPIES_RUNS,
        .chains = TCP_COPIES_RUN_CHAINS,
    };
}

/* A hash of which any bits will do. */
static uint64_t spread(uint64_t key)
{
    uint64_t hash = (key ^ (key >> 32)) * UINT64_C(0x9e3779b97f4a7c15);

    return hash ^ (hash >> 32);
}

static struct tcp_chain *chain_of(struct ring ring, uint64_t key)
{
    return ring.chain + spread(key) % ring.chains;
}

static uint32_t kind_of(uint64_t key)
{
    return UINT32_C(1) << (spread(key) >> 59);
}

/* The place of a number, which what came long before had, too. */
static inline struct tcp_link *place_of(struct ring ring, uint32_t number)
{
    return (struct tcp_link *)(void *)(ring.first + number % ring.places * ring.size);
}

/* What has a number; NULL: it is no longer there. */
static inline struct tcp_link *link_at(struct ring ring, uint32_t number)
{
    return number != 0 && *ring.latest - number < ring.places ? place_of(ring, number) : NULL;
}

/* The latest with a key, or NULL. */
static inline struct tcp_link *find(struct ring ring, uint64_t key)
{
    const struct tcp_chain *chain = chain_of(ring, key);
    struct tcp_link *link = (chain->kinds & kind_of(key)) ? link_at(ring, chain->latest) : NULL;

    while (link && link->key != key)
        link = link_at(ring, link->before);
    return link;
}

/* A place for one more. One with the same key at the beginning of the chain is left out of it: however many are
 * equal, it is no longer for them. */
static inline struct tcp_link *add(struct ring ring, uint64_t key)
{
    struct tcp_chain *chain = chain_of(ring, key);
    const struct tcp_link *known = link_at(ring, chain->latest);
    uint32_t before = known ? chain->latest : 0;
    struct tcp_link *link;

    if (known && (chain->kinds & kind_of(key)) && known->key == key)
        before = known->before;
    chain->latest = ++*ring.latest;
    chain->kinds = (before ? chain->kinds : 0) | kind_of(key);
    link = place_of(ring, chain->latest);
    link->key = key;
    link->before = before;
    return link;
}

void tcp_copies_expect(struct tcp_copies *copies, const struct tcp_identity *identity)
{
    __builtin_prefetch(chain_of(slots_of(copies), identity->fingerprint), 1);
    if (identity->instant != 0)
        __builtin_prefetch(chain_of(runs_of(copies), identity->instant), 1);
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

/* Whether a segment has its place in a run: data, at an instant of its sender's clock. */
static bool belongs_to_run(const struct tcp_identity *identity, const struct tcp_segment *segment)
{
    return identity->instant != 0 && segment->len > 0;
}

static struct tcp_run *run_of(struct tcp_copies *copies, const struct tcp_identity *identity,
                              const struct tcp_segment *segment)
{
    struct tcp_run *run;

    if (!belongs_to_run(identity, segment))
        return NULL;
    run = (struct tcp_run *)find(runs_of(copies), identity->instant);
    return run && is_near(&run->latest, segment, TCP_COPIES_RUN_FRAMES) ? run : NULL;
}

const struct tcp_remembered *tcp_copies_find(struct tcp_copies *copies,
                                             struct tcp_conversation *conversation,
                                             const struct tcp_identity *identity,
                                             const struct tcp_segment *segment)
{
    struct tcp_slot *slot = (struct tcp_slot *)find(slots_of(copies), identity->fingerprint);
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
    struct tcp_run next = {
        .seq = segment->seq,
        .piece = segment->len,
        .ip_id = identity->ip_id,
        .first = *remembered,
    };
    struct tcp_run *run;

    if (known && known->past == segment->seq && is_recent(&known->latest, segment)) {
        next = *known;
        next.joints++;
    }
    next.past = segment->seq + segment->len;
    next.latest_seq = segment->seq;
    next.latest_ip_id = identity->ip_id;
    next.has_fin = (segment->flags & TCP_FIN) != 0;
    next.latest = *remembered;
    run = (struct tcp_run *)add(runs_of(copies), identity->instant);
    next.link = run->link;
    *run = next;
}

void tcp_copies_remember(struct tcp_copies *copies, struct tcp_conversation *conversation,
                         const struct tcp_identity *identity, const struct tcp_segment *segment,
                         uint32_t number, uint8_t layer)
{
    struct tcp_slot *slot = (struct tcp_slot *)add(slots_of(copies), identity->fingerprint);
    struct tcp_remembered *remembered = &slot->segment;
    unsigned doubling = doubling_of(conversation);

    remembered->time = segment->time;
    remembered->frame = segment->frame;
    remembered->number = number;
    remembered->layer = layer;
    remembered->hops = identity->hops;
    remembered->copies = 0;
    if (doubling > 0)
        set_doubling(conversation, doubling - 1);
    if (belongs_to_run(identity, segment))
        remember_run(copies, identity, segment, remembered);
}

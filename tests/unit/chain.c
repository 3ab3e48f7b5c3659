/* chain.c
 * Conversations at random: what mostly happens, what seldom does, and what cannot.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "chain.h"

#include "check.h"
#include "notation.h"
#include "rules.h"

static uint64_t state_of_chance;

void chance_begin(uint64_t seed)
{
    state_of_chance = seed ? seed : 1; /* xorshift stays at 0 */
}

/* xorshift64: the same numbers everywhere. */
uint32_t chance(uint32_t below)
{
    state_of_chance ^= state_of_chance << 13;
    state_of_chance ^= state_of_chance >> 7;
    state_of_chance ^= state_of_chance << 17;
    return (uint32_t)(state_of_chance >> 32) % below;
}

static uint16_t random_flags(void)
{
    /* What mostly happens comes more than once. */
    static const char *const likely[] = {
        "S",  "S", "S.", "S.", ".",  ".",   ".",    ".",   "P.", "P.", "P.",  "F.", "F.",
        "F.", "R", "R",  "R.", "R.", "FP.", "SEWe", "S.E", "",   "F",  "FPU", "SF", "SR",
    };

    if (chance(50) == 0)
        return (uint16_t)chance(512);
    return flags_of(likely[chance(COUNT_OF(likely))]);
}

static uint32_t random_number(unsigned spread)
{
    switch (chance(24)) {
    case 0:
        return chance(UINT32_MAX);
    case 1:
        return UINT32_C(1) << chance(32);
    case 2:
        return spread + chance(2000);
    default:
        return chance(spread);
    }
}

static struct tcp_segment random_segment(const struct manner *manner)
{
    static const uint16_t windows[] = { 0, 1, 20, 1000, 65535 };
    enum tcp_role from = (enum tcp_role)chance(2);
    struct tcp_segment segment = {
        .sender_id = from,
        .receiver_id = 1 - from,
        .source_port = from == TCP_CLIENT ? 40000 : 80,
        .destination_port = from == TCP_CLIENT ? 80 : 40000,
        .flags = random_flags(),
        .seq = random_number(manner->spread),
        .ack = random_number(manner->spread),
        .window = windows[chance(COUNT_OF(windows))],
        .window_scale = (int8_t)((int)chance(17) - 2),
    };

    if (segment.window_scale < -1)
        segment.window_scale = 14;
    if (chance(3) == 0)
        segment.len = chance(50) == 0 ? chance(UINT32_C(1) << 30) : 1 + chance(5);
    if ((segment.flags & TCP_SYN) && (manner->ordinary || chance(4) != 0))
        segment.seq = 0;
    return segment;
}

void chain_make(struct chain *chain)
{
    int64_t now = chance(2) ? (int64_t)chance(1000) : -(int64_t)chance(1000);

    chain->manner = (struct manner){
        .ordinary = chance(2) != 0,
        .orderly = chance(8) != 0,
        .spread = 2 + chance(12),
    };
    chain->count = 2 + chance(CHAIN_MAX - 2);
    for (unsigned i = 0; i < chain->count; i++) {
        struct tcp_segment *segment = &chain->segments[i];

        *segment = random_segment(&chain->manner);
        if (chain->manner.ordinary && i < 2) {
            segment->sender_id = i;
            segment->receiver_id = 1 - i;
            segment->flags = i == 0 ? TCP_SYN : TCP_SYN | TCP_ACK;
            segment->seq = 0;
            segment->ack = 1;
            segment->len = 0;
        }
        now += chain->manner.orderly ? (int64_t)chance(3) : (int64_t)chance(9) - 4;
        segment->time = now;
        segment->frame = RULES_FRAME(i);
    }
}

struct tcp_segment chain_segment(const struct tcp_segment *segment, const uint32_t *isn)
{
    struct tcp_segment moved = *segment;

    moved.seq += isn[segment->sender_id];
    moved.ack += isn[segment->receiver_id];
    return moved;
}

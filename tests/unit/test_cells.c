/* test_cells.c
 * Which cells of the state table (tcp_fsm.c) are reached, with the tracker between.
 *
 * test_fsm says what each cell holds, the scenarios what is shown of conversations. Here is counted
 * which cells the scenarios come to, and beside them random conversations, whose states test_random
 * checks. All of them must be reached but those that a tracker cannot come to; these are listed
 * with the reason, and must not be.
 *
 *     test_cells [SEEDS]    try so many seeds, for cells that nothing has reached before
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "chain.h"
#include "trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RANDOM_CONVERSATIONS 12000

/* Of conversations that come to cells where one in some 100,000 does: an ACK that does not fit
 * from FIN_WAIT_2, and ends in FIN_WAIT_2 and TIME_WAIT taken over from a connection before.
 * Where a change makes others of them, `test_cells 5000000` finds new ones. */
static const uint64_t rare_seeds[] = { 145214, 100640, 8024 };

static unsigned long reached[TCP_STATE_COUNT][TCP_EVENT_COUNT];

/* The linker has the tracker call the first of these in place of tcp_fsm_next() (ld: --wrap). */
enum tcp_state __wrap_tcp_fsm_next(enum tcp_state state, enum tcp_event event);
enum tcp_state __real_tcp_fsm_next(enum tcp_state state, enum tcp_event event);

enum tcp_state __wrap_tcp_fsm_next(enum tcp_state state, enum tcp_event event)
{
    reached[state][event]++;
    return __real_tcp_fsm_next(state, event);
}

static const char *const event_names[TCP_EVENT_COUNT] = {
    "LISTENS",   "SENDS_SYN", "SENDS_SYN_ACK", "SENDS_ACK",       "SENDS_FIN",
    "SENDS_RST", "GETS_SYN",  "GETS_SYN_ACK",  "GETS_ACK_OF_SYN", "GETS_ACK_OF_FIN",
    "GETS_FIN",  "GETS_RST",  "IS_MIDSTREAM",
};

#define BIT(state)    (1U << TCP_STATE_##state)
#define ALL           ((1U << TCP_STATE_COUNT) - 1)
#define ALL_BUT(bits) (ALL & ~(bits))

/* "What cannot happen is a cell too": what the tracker does not ask, and why. */
static const struct {
    enum tcp_event event;
    unsigned states;
    const char *reason;
} out_of_reach[] = {
    { TCP_EVENT_LISTENS, ALL_BUT(BIT(CLOSED)),
      "that an end listens is concluded from a SYN to one of which nothing is known" },
    { TCP_EVENT_GETS_SYN, BIT(CLOSED), "the same SYN has shown that it listens" },
    { TCP_EVENT_SENDS_ACK, BIT(LISTEN), "it listens from a SYN's arrival to the SYN's effect" },
    { TCP_EVENT_SENDS_SYN, BIT(LISTEN), "likewise" },
    { TCP_EVENT_SENDS_FIN, BIT(LISTEN), "likewise" },
    { TCP_EVENT_SENDS_RST, BIT(LISTEN), "likewise" },
    { TCP_EVENT_GETS_SYN_ACK, BIT(LISTEN), "likewise" },
    { TCP_EVENT_GETS_ACK_OF_SYN, BIT(LISTEN), "likewise" },
    { TCP_EVENT_GETS_ACK_OF_FIN, BIT(LISTEN), "likewise" },
    { TCP_EVENT_GETS_FIN, BIT(LISTEN), "likewise" },
    { TCP_EVENT_GETS_RST, BIT(LISTEN), "likewise" },
    { TCP_EVENT_IS_MIDSTREAM, BIT(LISTEN), "likewise" },
    { TCP_EVENT_IS_MIDSTREAM, ALL_BUT(BIT(CLOSED) | BIT(LISTEN) | BIT(SYN_SENT) | BIT(SYN_RCVD)),
      "it is concluded of an end that is not known to be past the handshake" },
    { TCP_EVENT_GETS_ACK_OF_SYN, BIT(SYN_SENT),
      "only a SYN-ACK is handed to it; in a simultaneous open the other SYN comes first" },
    { TCP_EVENT_GETS_ACK_OF_FIN, BIT(SYN_RCVD),
      "a FIN leads out of it, and it is not entered again" },
    { TCP_EVENT_GETS_FIN, BIT(CLOSE_WAIT) | BIT(CLOSING) | BIT(LAST_ACK) | BIT(TIME_WAIT),
      "the FIN is handed to it once" },
    { TCP_EVENT_IS_MIDSTREAM,
      BIT(ESTABLISHED) | BIT(CLOSE_WAIT) | BIT(FIN_WAIT_1) | BIT(FIN_WAIT_2) | BIT(CLOSING) |
          BIT(LAST_ACK) | BIT(TIME_WAIT),
      "asked of ends of which nothing is known, and of such as have not opened" },
    { TCP_EVENT_SENDS_ACK, BIT(FIN_WAIT_2) | BIT(TIME_WAIT),
      "asked of ends that the onlooker does not know to be open; these were" },
};

static const char *reason_for(unsigned state, unsigned event)
{
    for (size_t i = 0; i < COUNT_OF(out_of_reach); i++)
        if (out_of_reach[i].event == event && (out_of_reach[i].states & (1U << state)))
            return out_of_reach[i].reason;
    return NULL;
}

static unsigned count_reached(void)
{
    unsigned count = 0;

    for (unsigned state = 0; state < TCP_STATE_COUNT; state++)
        for (unsigned event = 0; event < TCP_EVENT_COUNT; event++)
            count += reached[state][event] > 0;
    return count;
}

static void play_scenario(const struct scenario *scenario)
{
    struct trace *trace = trace_of_scenario(scenario);
    struct replay replay = trace_play(trace);

    replay_free(&replay);
    trace_free(trace);
}

/* On ports used before, so that ends may still be in the connection before. */
static void play_random(void)
{
    static const uint32_t isn[2] = { 100000, 500000 };
    struct tcp_conversation pair[2];
    struct tcp_annotation note;
    struct chain chain;
    unsigned turn;

    memset(pair, 0, sizeof pair);
    chain_make(&chain);
    turn = chance(2) ? chance(chain.count) : 0;
    for (unsigned i = 0; i < chain.count; i++) {
        struct tcp_segment segment = chain_segment(&chain.segments[i], isn);

        tcp_tracker_step(&pair[i >= turn], i >= turn ? &pair[0] : NULL, &segment, &note);
    }
}

/* The row's first numbers are alike where its seeds are. */
static void play_seed(uint64_t seed)
{
    chance_begin(seed * UINT64_C(0x9e3779b97f4a7c15));
    play_random();
}

static void try_seeds(uint64_t count)
{
    for (uint64_t seed = 1; seed <= count; seed++) {
        unsigned before = count_reached();

        play_seed(seed);
        if (count_reached() > before)
            printf("seed %llu\n", (unsigned long long)seed);
    }
}

static void every_cell(void)
{
    scenarios_each(play_scenario, "");
    printf("cells reached by scenarios: %u of %u\n", count_reached(),
           (unsigned)TCP_STATE_COUNT * TCP_EVENT_COUNT);
    chance_begin(1);
    for (unsigned i = 0; i < RANDOM_CONVERSATIONS; i++)
        play_random();
    for (size_t i = 0; i < COUNT_OF(rare_seeds); i++)
        play_seed(rare_seeds[i]);
    printf("and by random conversations: %u\n", count_reached());
    for (unsigned state = 0; state < TCP_STATE_COUNT; state++)
        for (unsigned event = 0; event < TCP_EVENT_COUNT; event++) {
            const char *reason = reason_for(state, event);

            check_about("%s, %s", tcp_state_name((enum tcp_state)state), event_names[event]);
            if (reason)
                check_that(reached[state][event] == 0, reason, __FILE__, __LINE__);
            else
                check_that(reached[state][event] > 0, "to be reached", __FILE__, __LINE__);
        }
}

int main(int argc, char **argv)
{
    RUN(every_cell);
    if (argc > 1)
        try_seeds(strtoull(argv[1], NULL, 0));
    return check_end();
}

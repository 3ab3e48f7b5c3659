/* scenario.h
 * Conversations written as tables that read like a packetdrill script: a row is a segment, and what
 * is to be said of it.
 *
 *     CLI("S",  0, 0, 0, SYN_SENT,    SYN_RCVD, H, "syn",     "1/3", .inferred = true),
 *     SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD, H, "syn-ack", "2/3", .acks = 1),
 *
 * Sender, flags as tcpdump prints them, sequence number, acknowledgment number, payload octets; then
 * the client's and the server's state, the phase, the events, the steps. Numbers count from the ends'
 * ISNs, rows from 1, times in milliseconds.
 *
 * What a row leaves out is expected to be as it mostly is: observed, no expert info, no note, no
 * exchange, nothing acknowledged for the first time. A transition is expected wherever a state shown
 * differs from the one shown before, and its dwell to be the time since that state was entered.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_SCENARIO_H
#define HANDSHARK_SCENARIO_H

#include <stddef.h>

#include "check.h"
#include "tcp_verdict.h"

enum {
    CLOSED = TCP_STATE_CLOSED,
    LISTEN = TCP_STATE_LISTEN,
    SYN_SENT = TCP_STATE_SYN_SENT,
    SYN_RCVD = TCP_STATE_SYN_RCVD,
    ESTABLISHED = TCP_STATE_ESTABLISHED,
    CLOSE_WAIT = TCP_STATE_CLOSE_WAIT,
    FIN_WAIT_1 = TCP_STATE_FIN_WAIT_1,
    FIN_WAIT_2 = TCP_STATE_FIN_WAIT_2,
    CLOSING = TCP_STATE_CLOSING,
    LAST_ACK = TCP_STATE_LAST_ACK,
    TIME_WAIT = TCP_STATE_TIME_WAIT,
};

/** Phases: handshake, data, teardown, closed. */
enum { H = TCP_PHASE_HANDSHAKE, D = TCP_PHASE_DATA, T = TCP_PHASE_TEARDOWN, X = TCP_PHASE_CLOSED };

/** For .client_was and .server_was: the state that the segment finds the end in, where that is not
 *  the one shown before. */
#define WAS(state) ((state) + 1)
/** For .shift: the window scale option. */
#define SHIFT(count) ((count) + 1)
/** For .exchange and .notes: more than one answer can be defended. */
#define ANY       (-1)
#define ANY_NOTES UINT32_MAX
/** The same for a phase, for expert infos and words of the ending, and for a count of octets. */
#define ANY_PHASE 99
#define ANY_WORD  "*"
#define ANY_BYTES UINT64_MAX
/** A length of time in struct ending. Left out: not known. */
#define INSTANT  (-1)
#define ANY_TIME (-2)

struct row {
    enum tcp_role from;
    const char *flags;
    uint32_t seq;
    uint32_t ack;
    uint32_t len;
    int state[2];
    enum tcp_phase phase;
    const char *does;  /* events */
    const char *steps; /* left out: none */
    /* What follows is named where it is not 0. Expected: */
    const char *experts;
    uint32_t notes;
    unsigned acks; /* row of the SYN or FIN that this is the first to acknowledge */
    int exchange;
    bool inferred;
    int client_was;
    int server_was;
    bool unnumbered; /* relative numbers are not checked */
    unsigned about;  /* row that the explanation is to point to; 0: not checked */
    /* Sent: */
    unsigned after;  /* milliseconds since the row before; left out: 10 */
    uint16_t window; /* left out: 1000 */
    bool zero_window;
    int shift;
    uint32_t stamp; /* TSval of a timestamps option; left out: there is none */
    bool zero_seq;  /* the sequence number is 0 itself, as on the RST of an end that has none */
    bool fresh;     /* a SYN with a new ISN: from here on another conversation on the same ports */
    bool old;       /* its numbers are those of the conversation before the fresh one */
    int line;
};

#define SEGMENT(from_, flags_, seq_, ack_, len_, client_, server_, phase_, ...)                  \
    {                                                                                            \
        .line = __LINE__, .from = from_, .flags = flags_, .seq = seq_, .ack = ack_, .len = len_, \
        .state = { client_, server_ }, .phase = (enum tcp_phase)phase_, .does = __VA_ARGS__      \
    }
#define CLI(...) SEGMENT(TCP_CLIENT, __VA_ARGS__)
#define SRV(...) SEGMENT(TCP_SERVER, __VA_ARGS__)

/** Rows 1 to 3 of most conversations. */
#define THREE_WAY                                                                  \
    CLI("S", 0, 0, 0, SYN_SENT, SYN_RCVD, H, "syn", "1/3", .inferred = true,       \
        .server_was = WAS(LISTEN)),                                                \
        SRV("S.", 0, 1, 0, ESTABLISHED, SYN_RCVD, H, "syn-ack", "2/3", .acks = 1), \
        CLI(".", 1, 1, 0, ESTABLISHED, ESTABLISHED, H, "handshake-ack", "3/3", .acks = 2)

/** What the conversation amounts to after its last row. Left out: nothing of it. */
struct ending {
    const char *opening;
    const char *closing;
    const char *verdict;
    const char *closed_by; /* left out: "nobody" */
    const char *time_wait; /* "client", "server", "both" */
    bool half_close;
    bool isn_unknown[2];
    bool isn_any;           /* may be known or not */
    uint32_t isn_offset[2]; /* a SYN-ACK with another number came later */
    uint64_t bytes[2];
    int rtt, server_rtt, client_rtt, teardown;
};

/** The times of THREE_WAY. */
#define OPENED .opening = "three-way", .rtt = 20, .server_rtt = 10, .client_rtt = 10

struct scenario {
    const char *name;
    const char *file;
    const struct row *rows;
    size_t count;
    const struct ending *ending;
    uint16_t ports[2]; /* the client's and the server's; left out: 40000 and 80 */
    bool swapped;      /* the client of the fresh conversation was the server before */
};

/** An entry of a list of scenarios: the rows NAME and the ending NAME_end. */
#define SCENARIO(name_, ...)                                                       \
    {                                                                              \
        .name = #name_, .file = __FILE__, .rows = name_, .count = COUNT_OF(name_), \
        .ending = &name_##_end, __VA_ARGS__                                        \
    }

struct scenario_list {
    const struct scenario *scenarios;
    size_t count;
};

extern const struct scenario_list opening_scenarios;
extern const struct scenario_list partial_scenarios; /* not all was captured */
extern const struct scenario_list data_scenarios;
extern const struct scenario_list closing_scenarios;
extern const struct scenario_list reset_scenarios;
extern const struct scenario_list late_scenarios;
extern const struct scenario_list reuse_scenarios; /* SYNs where a connection is, or was */

/** A segment of a scenario, as it is played. */
struct scenario_segment {
    struct tcp_segment segment;
    unsigned conversation; /**< 0, or 1 from the row on that is .fresh */
};

/** Write down the segments of a scenario, one for each row. */
void scenario_write(const struct scenario *scenario, struct scenario_segment *segments);

/** Have a look at every scenario there is whose name holds @p wanted. */
void scenarios_each(void (*look)(const struct scenario *scenario), const char *wanted);
/** @return whether no two scenarios have the same name. */
bool scenarios_have_names_of_their_own(void);

/** Play a scenario and check every row and the ending. */
void scenario_check(const struct scenario *scenario);
/** Play it again with the ISNs so placed that the numbers of each row in turn go round; all that is
 *  said must be the same. @return how often it was played. */
unsigned long scenario_check_wraps(const struct scenario *scenario);
/** Play it with every segment captured twice: the first captures get what they get alone, the second
 *  ones change nothing. */
void scenario_check_copies(const struct scenario *scenario);

#endif

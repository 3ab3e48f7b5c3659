/* test_fsm.c
 * Every cell of the state table of one endpoint.
 *
 * The table expected here was written from RFC 9293 3.3.2 (figure 5 and its notes) and 3.10, not from
 * the engine's.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "check.h"

#include "tcp_fsm.h"

#define CLOSED TCP_STATE_CLOSED
#define LISTEN TCP_STATE_LISTEN
#define SYNSNT TCP_STATE_SYN_SENT
#define SYNRCV TCP_STATE_SYN_RCVD
#define ESTABL TCP_STATE_ESTABLISHED
#define CLWAIT TCP_STATE_CLOSE_WAIT
#define FWAIT1 TCP_STATE_FIN_WAIT_1
#define FWAIT2 TCP_STATE_FIN_WAIT_2
#define CLSING TCP_STATE_CLOSING
#define LSTACK TCP_STATE_LAST_ACK
#define TIWAIT TCP_STATE_TIME_WAIT
#define stays_ TCP_STATE_COUNT /* stays where it is */

/* The columns. */
static const enum tcp_event columns[] = {
    TCP_EVENT_LISTENS,         TCP_EVENT_SENDS_SYN,    TCP_EVENT_SENDS_SYN_ACK,
    TCP_EVENT_SENDS_ACK,       TCP_EVENT_SENDS_FIN,    TCP_EVENT_SENDS_RST,
    TCP_EVENT_GETS_SYN,        TCP_EVENT_GETS_SYN_ACK, TCP_EVENT_GETS_ACK_OF_SYN,
    TCP_EVENT_GETS_ACK_OF_FIN, TCP_EVENT_GETS_FIN,     TCP_EVENT_GETS_RST,
    TCP_EVENT_IS_MIDSTREAM,
};
static const char *const column_names[] = {
    "LISTENS",   "SENDS_SYN", "SENDS_SYN_ACK", "SENDS_ACK",       "SENDS_FIN",
    "SENDS_RST", "GETS_SYN",  "GETS_SYN_ACK",  "GETS_ACK_OF_SYN", "GETS_ACK_OF_FIN",
    "GETS_FIN",  "GETS_RST",  "IS_MIDSTREAM",
};

struct line {
    enum tcp_state state;
    const char *name; /* RFC 9293's, '_' for '-', SYN_RCVD for SYN-RECEIVED */
    enum tcp_state next[TCP_EVENT_COUNT];
};

/* clang-format off */
/* What an end is shown in follows one rule that is not the RFC's: after a RST that counts both ends
 * are CLOSED, never LISTEN, since nobody on the wire can tell the two apart. So SYN_RCVD, which goes
 * back to LISTEN after a passive open (3.10.7.4), and LISTEN, which sends a RST and stays (3.10.7.2),
 * go to CLOSED here. */
static const struct line table[] = {
    /*                          sends                                    gets
                         LISTENS SYN     SYNACK  ACK     FIN     RST     SYN     SYNACK  ACKSYN  ACKFIN  FIN     RST     MID */
    /* From CLOSED only an open leads out (3.10.1); all that arrives is answered with RST or dropped
     * (3.10.7.1). A SYN-ACK that leaves answers a SYN that nobody captured. What else leaves was on
     * its way before the close. */
    { CLOSED, "CLOSED",
                       { LISTEN, SYNSNT, SYNRCV, stays_, stays_, stays_, stays_, stays_, stays_, stays_, stays_, stays_, ESTABL } },
    /* SEND turns LISTEN into an active open (3.10.2). Nothing but a SYN moves it; an ACK, with SYN or
     * FIN or bare, is answered with RST; a RST is ignored (3.10.7.2). */
    { LISTEN, "LISTEN",
                       { stays_, SYNSNT, SYNRCV, stays_, stays_, CLOSED, SYNRCV, stays_, stays_, stays_, stays_, stays_, ESTABL } },
    /* A bare ACK of the SYN opens nothing: "if neither of the SYN or RST bits is set, then drop"
     * (3.10.7.3, fifth). A FIN is not processed (3.10.7.4, eighth), nor is one sent: CLOSE deletes
     * the TCB (3.10.4). An ACK that leaves shows that the SYN-ACK had come. */
    { SYNSNT, "SYN_SENT",
                       { stays_, stays_, SYNRCV, ESTABL, stays_, CLOSED, SYNRCV, ESTABL, stays_, stays_, stays_, CLOSED, ESTABL } },
    /* The other SYN again lies before the window: an ACK goes out, nothing changes (3.10.7.4, first).
     * The SYN-ACK of figure 7, line 7, starts before the window too, and still opens: it is the ACK
     * in it that counts. CLOSE sends a FIN at once: FIN-WAIT-1 (3.10.4). A FIN that arrives leads to
     * CLOSE-WAIT (eighth). */
    { SYNRCV, "SYN_RCVD",
                       { stays_, stays_, stays_, ESTABL, FWAIT1, CLOSED, stays_, ESTABL, ESTABL, stays_, CLWAIT, CLOSED, ESTABL } },
    /* A SYN in a synchronized state gets a challenge ACK and changes nothing (3.10.7.4, fourth; RFC
     * 5961 4). */
    { ESTABL, "ESTABLISHED",
                       { stays_, stays_, stays_, stays_, FWAIT1, CLOSED, stays_, stays_, stays_, stays_, CLWAIT, CLOSED, stays_ } },
    { CLWAIT, "CLOSE_WAIT",
                       { stays_, stays_, stays_, stays_, LSTACK, CLOSED, stays_, stays_, stays_, stays_, stays_, CLOSED, stays_ } },
    /* FIN and ACK of the FIN in one segment: TIME-WAIT (figure 5, note 2), which is two events here. */
    { FWAIT1, "FIN_WAIT_1",
                       { stays_, stays_, stays_, stays_, stays_, CLOSED, stays_, stays_, stays_, FWAIT2, CLSING, CLOSED, stays_ } },
    { FWAIT2, "FIN_WAIT_2",
                       { stays_, stays_, stays_, stays_, stays_, CLOSED, stays_, stays_, stays_, stays_, TIWAIT, CLOSED, stays_ } },
    { CLSING, "CLOSING",
                       { stays_, stays_, stays_, stays_, stays_, CLOSED, stays_, stays_, stays_, TIWAIT, stays_, CLOSED, stays_ } },
    { LSTACK, "LAST_ACK",
                       { stays_, stays_, stays_, stays_, stays_, CLOSED, stays_, stays_, stays_, CLOSED, stays_, CLOSED, stays_ } },
    /* An OPEN is an error here (3.10.1: "connection already exists"), so it does not listen; but a
     * SYN may reopen it "directly from TIME-WAIT state" (3.6.1, MAY-2), and a SYN or SYN-ACK that
     * leaves shows that it was reopened. A RST ends it (3.10.7.4, RST bit; Linux too, unless it is
     * told otherwise by net.ipv4.tcp_rfc1337); one that leaves shows that it has ended. */
    { TIWAIT, "TIME_WAIT",
                       { stays_, SYNSNT, SYNRCV, stays_, stays_, CLOSED, SYNRCV, stays_, stays_, stays_, stays_, CLOSED, stays_ } },
};
/* clang-format on */

static void every_cell(void)
{
    for (unsigned row = 0; row < COUNT_OF(table); row++) {
        for (unsigned column = 0; column < COUNT_OF(columns); column++) {
            enum tcp_state state = table[row].state;
            enum tcp_state next = table[row].next[column];

            check_about("%s, %s", table[row].name, column_names[column]);
            if (next == stays_)
                next = state;
            CHECK_TEXT(tcp_state_name(next), tcp_state_name(tcp_fsm_next(state, columns[column])));
        }
    }
}

/* The table of this test has each state and each event once. */
static void the_table_is_whole(void)
{
    unsigned states = 0, events = 0;

    for (unsigned row = 0; row < COUNT_OF(table); row++)
        states |= 1U << table[row].state;
    for (unsigned column = 0; column < COUNT_OF(columns); column++)
        events |= 1U << columns[column];
    CHECK_NUMBER(11, TCP_STATE_COUNT);
    CHECK_NUMBER(11, COUNT_OF(table));
    CHECK_NUMBER((1U << TCP_STATE_COUNT) - 1, states);
    CHECK_NUMBER(TCP_EVENT_COUNT, COUNT_OF(columns));
    CHECK_NUMBER((1U << TCP_EVENT_COUNT) - 1, events);
}

static void names(void)
{
    for (unsigned row = 0; row < COUNT_OF(table); row++)
        CHECK_TEXT(table[row].name, tcp_state_name(table[row].state));
    CHECK_TEXT("?", tcp_state_name(TCP_STATE_COUNT));
    CHECK_TEXT("?", tcp_state_name((enum tcp_state)1000));
    CHECK_TEXT("?", tcp_state_name((enum tcp_state) - 1));
}

/* "@return where it is afterwards: state itself where the event ... cannot happen" */
static void out_of_range(void)
{
    enum tcp_event none[] = { TCP_EVENT_COUNT, (enum tcp_event)1000, (enum tcp_event) - 1 };
    enum tcp_state nowhere[] = { TCP_STATE_COUNT, (enum tcp_state)1000, (enum tcp_state) - 1 };

    for (unsigned i = 0; i < COUNT_OF(none); i++)
        for (unsigned row = 0; row < COUNT_OF(table); row++)
            CHECK_NUMBER(table[row].state, tcp_fsm_next(table[row].state, none[i]));
    for (unsigned i = 0; i < COUNT_OF(nowhere); i++)
        for (unsigned column = 0; column < COUNT_OF(columns); column++)
            CHECK_NUMBER(nowhere[i], tcp_fsm_next(nowhere[i], columns[column]));
}

/* RFC 9293 3.5: the synchronized states are "ESTABLISHED, FIN-WAIT-1, FIN-WAIT-2, CLOSE-WAIT, CLOSING,
 * LAST-ACK, TIME-WAIT". The FINs that have left and come are read off figure 5. */
static void predicates(void)
{
    static const struct {
        enum tcp_state state;
        bool synchronized, sent_fin, got_fin;
    } expected[] = {
        { CLOSED, false, false, false }, { LISTEN, false, false, false },
        { SYNSNT, false, false, false }, { SYNRCV, false, false, false },
        { ESTABL, true, false, false },  { CLWAIT, true, false, true },
        { FWAIT1, true, true, false },   { FWAIT2, true, true, false },
        { CLSING, true, true, true },    { LSTACK, true, true, true },
        { TIWAIT, true, true, true },
    };

    for (unsigned i = 0; i < COUNT_OF(expected); i++) {
        check_about("%s", tcp_state_name(expected[i].state));
        CHECK_NUMBER(expected[i].synchronized, tcp_state_is_synchronized(expected[i].state));
        CHECK_NUMBER(expected[i].sent_fin, tcp_state_has_sent_fin(expected[i].state));
        CHECK_NUMBER(expected[i].got_fin, tcp_state_has_got_fin(expected[i].state));
    }
}

/* Figure 5 walked along its edges: both ends of an ordinary connection, and the three ways to close. */
static void paths_of_figure_5(void)
{
    static const struct {
        enum tcp_event events[8];
        unsigned count;
        enum tcp_state end;
    } paths[] = {
        { { TCP_EVENT_SENDS_SYN, TCP_EVENT_GETS_SYN_ACK, TCP_EVENT_SENDS_FIN,
            TCP_EVENT_GETS_ACK_OF_FIN, TCP_EVENT_GETS_FIN },
          5,
          TIWAIT },
        { { TCP_EVENT_LISTENS, TCP_EVENT_GETS_SYN, TCP_EVENT_SENDS_SYN_ACK,
            TCP_EVENT_GETS_ACK_OF_SYN, TCP_EVENT_GETS_FIN, TCP_EVENT_SENDS_FIN,
            TCP_EVENT_GETS_ACK_OF_FIN },
          7,
          CLOSED },
        { { TCP_EVENT_SENDS_SYN, TCP_EVENT_GETS_SYN, TCP_EVENT_SENDS_SYN_ACK,
            TCP_EVENT_GETS_SYN_ACK, TCP_EVENT_SENDS_FIN, TCP_EVENT_GETS_FIN,
            TCP_EVENT_GETS_ACK_OF_FIN },
          7,
          TIWAIT },
        { { TCP_EVENT_LISTENS, TCP_EVENT_GETS_SYN, TCP_EVENT_SENDS_FIN, TCP_EVENT_GETS_ACK_OF_FIN,
            TCP_EVENT_GETS_FIN },
          5,
          TIWAIT },
    };

    for (unsigned i = 0; i < COUNT_OF(paths); i++) {
        enum tcp_state state = CLOSED;

        check_about("path %u", i);
        for (unsigned step = 0; step < paths[i].count; step++)
            state = tcp_fsm_next(state, paths[i].events[step]);
        CHECK_TEXT(tcp_state_name(paths[i].end), tcp_state_name(state));
    }
}

int main(void)
{
    RUN(the_table_is_whole);
    RUN(every_cell);
    RUN(names);
    RUN(out_of_range);
    RUN(predicates);
    RUN(paths_of_figure_5);
    return check_end();
}

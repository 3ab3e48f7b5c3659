/* tables.c
 * Prints the engine's tables for the documents that are made from them: a line of tab-separated words
 * each.
 *
 *     vocabulary FIELD TOKEN     every token that a field can have
 *     next STATE EVENT STATE     the table of one endpoint
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>

#include "engine/tcp_fsm.h"
#include "tcp_phase/tokens.h"

/* In the order of enum tcp_event. */
static const char *const events[TCP_EVENT_COUNT] = {
    [TCP_EVENT_LISTENS] = "is found to listen",
    [TCP_EVENT_SENDS_SYN] = "sends SYN",
    [TCP_EVENT_SENDS_SYN_ACK] = "sends SYN+ACK",
    [TCP_EVENT_SENDS_ACK] = "sends ACK or data",
    [TCP_EVENT_SENDS_FIN] = "sends FIN",
    [TCP_EVENT_SENDS_RST] = "sends RST",
    [TCP_EVENT_GETS_SYN] = "gets SYN",
    [TCP_EVENT_GETS_SYN_ACK] = "gets SYN+ACK",
    [TCP_EVENT_GETS_ACK_OF_SYN] = "gets ACK of SYN",
    [TCP_EVENT_GETS_ACK_OF_FIN] = "gets ACK of FIN",
    [TCP_EVENT_GETS_FIN] = "gets FIN",
    [TCP_EVENT_GETS_RST] = "gets RST",
    [TCP_EVENT_IS_MIDSTREAM] = "is met in the middle",
};

static void vocabulary(const char *field, const char *token)
{
    printf("vocabulary\t%s\t%s\n", field, token);
}

static void vocabularies(void)
{
    for (unsigned i = TCP_PHASE_HANDSHAKE; i <= TCP_PHASE_CLOSED; i++)
        vocabulary("phase", token_of_phase(i));
    for (const struct bit_token *event = event_tokens; event->token; event++)
        vocabulary("event", event->token);
    for (const struct bit_token *step = step_tokens; step->token; step++)
        vocabulary("step", step->token);
    for (unsigned i = 0; i < TCP_STATE_COUNT; i++)
        vocabulary("client.state", tcp_state_name((enum tcp_state)i));
    for (unsigned i = 0; i < TCP_OPENING_COUNT; i++)
        vocabulary("opening", token_of_opening((enum tcp_opening)i));
    for (unsigned i = 0; i < TCP_CLOSING_COUNT; i++)
        vocabulary("closing", token_of_closing((enum tcp_closing)i));
    for (unsigned i = 0; i < TCP_VERDICT_COUNT; i++)
        vocabulary("verdict", token_of_verdict((enum tcp_verdict)i));
    for (unsigned i = 0; i < TCP_CONN_COUNT; i++)
        vocabulary("conn_state", token_of_conn_state((enum tcp_conn_state)i));
}

static void next_states(void)
{
    for (unsigned state = 0; state < TCP_STATE_COUNT; state++)
        for (unsigned event = 0; event < TCP_EVENT_COUNT; event++)
            printf("next\t%s\t%s\t%s\n", tcp_state_name((enum tcp_state)state), events[event],
                   tcp_state_name(tcp_fsm_next((enum tcp_state)state, (enum tcp_event)event)));
}

int main(void)
{
    vocabularies();
    next_states();
    return 0;
}

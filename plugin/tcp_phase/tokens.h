/* tokens.h
 * The fixed vocabularies: the same in every language, for filters and scripts.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_TOKENS_H
#define HANDSHARK_TOKENS_H

#include "engine/tcp_verdict.h"

/** @return the token of a phase (enum tcp_phase); static storage, as all here. */
const char *token_of_phase(unsigned phase);
/** @return "client" or "server" (enum tcp_role). */
const char *token_of_role(unsigned role);
/** @return the same, and NULL for -1: neither. */
const char *token_of_either(int role);
/** @return "client", "server", "both", or NULL where neither is. @param is  [TCP_CLIENT], [TCP_SERVER] */
const char *token_of_holders(const bool is[2]);
/** @return the token of an opening. */
const char *token_of_opening(enum tcp_opening opening);
/** @return the token of a closing. */
const char *token_of_closing(enum tcp_closing closing);
/** @return the token of a verdict. */
const char *token_of_verdict(enum tcp_verdict verdict);
/** @return the token of Zeek's conn_state. */
const char *token_of_conn_state(enum tcp_conn_state state);

/** A bit of tcp_annotation.events or .steps and its token. */
struct bit_token {
    unsigned bit;
    const char *token;
};

/** All events in the order of mention; ends with a NULL token. */
extern const struct bit_token event_tokens[];
/** All steps; ends with a NULL token. */
extern const struct bit_token step_tokens[];

#endif

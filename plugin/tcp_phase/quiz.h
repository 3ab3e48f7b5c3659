/* quiz.h
 * Labels and states for a student to name before they are shown.
 *
 * The fields that name them say "?", in the tree and everywhere else. What they would have said stands
 * in fields of its own, in a tree of its own that is closed when a packet is shown.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_QUIZ_H
#define HANDSHARK_QUIZ_H

#include <epan/packet.h>

/** The numbers of the fields that name what a student is to name; all are FT_STRING. */
struct naming_fields {
    int label;
    int explanation;
    int step;
    int state[2]; /**< by enum tcp_role */
    int transition;
    int summary;
};

/** The fields for the answers: tcp_phase.answer.label and so on. Valid once registered. */
extern struct naming_fields quiz_answers;

/** Register the fields for the answers. To be called when protocols are registered.
 *  @param proto  tcp_phase */
void quiz_register(int proto);

/** Put questions into a tree.
 *  @param tvb       the frame
 *  @param tree      not NULL, with an ett  @param questions  the fields that are to say "?"
 *  @return a tree in it, for the answers */
proto_tree *quiz_ask(tvbuff_t *tvb, proto_tree *tree, const struct naming_fields *questions);

#endif

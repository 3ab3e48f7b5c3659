/* quiz.c
 * Labels and states for a student to name before they are shown.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "quiz.h"

#include "engine/tcp_tracker.h"
#include "items.h"
#include "languages.h"
#include "wording.h"

static int hf_answer;
static int ett_answer = -1;

struct naming_fields quiz_answers;

#define FIELD(field, name, abbrev, type, blurb)                                                \
    {                                                                                          \
        &(field),                                                                              \
        {                                                                                      \
            name, "tcp_phase.answer" abbrev, type, BASE_NONE, NULL, 0x0, "Quiz: " blurb, HFILL \
        }                                                                                      \
    }

void quiz_register(int proto)
{
    static hf_register_info hf[] = {
        FIELD(hf_answer, "Answer", "", FT_NONE, "what was asked"),
        FIELD(quiz_answers.label, "Label", ".label", FT_STRING, "what the segment is"),
        FIELD(quiz_answers.explanation, "Explanation", ".explanation", FT_STRING, "why"),
        FIELD(quiz_answers.step, "Step", ".step", FT_STRING, "step of handshake or teardown"),
        FIELD(quiz_answers.state[TCP_CLIENT], "Client state", ".client.state", FT_STRING,
              "the client's state after this segment"),
        FIELD(quiz_answers.state[TCP_SERVER], "Server state", ".server.state", FT_STRING,
              "the server's state after this segment"),
        FIELD(quiz_answers.transition, "Transition", ".transition", FT_STRING,
              "a state that this segment ends, and what follows it"),
        FIELD(quiz_answers.summary, "Conversation", ".summary", FT_STRING,
              "the conversation in one sentence"),
    };
    static int *ett[] = { &ett_answer };

    proto_register_field_array(proto, hf, array_length(hf));
    proto_register_subtree_array(ett, array_length(ett));
}

proto_tree *quiz_ask(tvbuff_t *tvb, proto_tree *tree, const struct naming_fields *questions)
{
    const int fields[] = { questions->label,
                           questions->explanation,
                           questions->step,
                           questions->state[TCP_CLIENT],
                           questions->state[TCP_SERVER],
                           questions->transition,
                           questions->summary };
    proto_item *item;

    for (unsigned i = 0; i < array_length(fields); i++)
        items_add_token(tree, fields[i], "?");
    item = proto_tree_add_item(tree, hf_answer, tvb, 0, 0, ENC_NA);
    proto_item_set_text(item, "%s", language_words()[WORDING_ANSWER]);
    proto_item_set_generated(item);
    /* Wireshark shows a tree open where one of its kind has been opened. This packet's is closed. */
    if (PTREE_DATA(tree)->visible)
        tree_expanded_set(ett_answer, FALSE);
    return proto_item_add_subtree(item, ett_answer);
}

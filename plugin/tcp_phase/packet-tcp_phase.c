/* packet-tcp_phase.c
 * The post-dissector: fields, tree, Info column.
 *
 * The first pass finds the segments of a frame, has the engine follow them, and keeps what it says;
 * every pass shows what was kept.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "packet-tcp_phase.h"

#include <epan/column-utils.h>
#include <epan/expert.h>
#include <epan/packet.h>
#include <epan/prefs.h>
#include <string.h>

#include "annotations.h"
#include "compat.h"
#include "conversations.h"
#include "engine/tcp_copies.h"
#include "engine/tcp_verdict.h"
#include "items.h"
#include "languages.h"
#include "quiz.h"
#include "segments.h"
#include "statistics.h"
#include "tap-flow.h"
#include "tap.h"
#include "tokens.h"
#include "wording.h"

static int proto_tcp_phase;
/* To Wireshark the post-dissector belongs to no protocol: it would take time to list a layer for it on each frame, for
 * which there is no use. */
#define NO_PROTOCOL (-1)

/* Per segment. */
static int hf_stream, hf_phase, hf_event, hf_sender;
static int hf_acks_frame, hf_acked_in, hf_dwell[2], hf_evidence;
static int hf_exchange, hf_rejected_in;
/* Per conversation. */
static int hf_opening, hf_closing, hf_closed_by, hf_time_wait, hf_half_close, hf_verdict;
static int hf_verdict_by, hf_verdict_frame;
static int hf_conn_state, hf_history;
static int hf_rtt, hf_server_rtt, hf_client_rtt, hf_teardown_time, hf_duration;
static int hf_isn[2], hf_bytes[2];

static struct naming_fields hf_named;

static int ett_tcp_phase = -1, ett_conversation = -1;

static expert_field ei[TCP_EXPERT_COUNT];

#define LINE_BEGIN        "TCP Phases: " /* then the label */
#define LINE_BEGIN_LENGTH (sizeof LINE_BEGIN - 1)
#define LINE_OF_QUIZ      LINE_BEGIN "?"

enum info_column { INFO_OFF, INFO_STEPS, INFO_ALL };

static int pref_language = LANGUAGE_AUTO;
static int pref_info_column = INFO_STEPS;
static compat_bool pref_quiz;

static const enum_val_t info_column_values[] = {
    { "off", "off", INFO_OFF },
    /* A name has no spaces (Wireshark 4.6); who gives the description means the same. */
    { "handshake-and-teardown", "handshake and teardown", INFO_STEPS },
    { "every-segment", "every segment", INFO_ALL },
    { NULL, NULL, -1 },
};

/* What the capture file's conversations and frames are known by. */
static struct conversation_table *conversations;
static struct annotation_store *annotations;
static struct tcp_copies *copies;
static struct text *text; /* for texts being put together */
static int64_t last_time; /* of all segments */

static void open_file(void)
{
    conversations = conversations_new();
    annotations = annotations_new();
    copies = g_new0(struct tcp_copies, 1);
    text = g_new(struct text, 1);
    last_time = TCP_NO_TIME;
    segments_forget();
}

static void close_file(void)
{
    conversations_free(conversations);
    annotations_free(annotations);
    g_free(copies);
    g_free(text);
    conversations = NULL;
    annotations = NULL;
    copies = NULL;
    text = NULL;
}

/* A stream's conversation, or the one that it continues. */
static struct tcp_conversation *conversation_of(const struct found_segment *found)
{
    const struct tcp_conversation *earlier;

    if (found->earlier) {
        earlier = conversations_find(conversations, found->earlier - 1);
        if (earlier && tcp_tracker_continues(earlier, &found->segment))
            conversations_continue(conversations, found->stream, found->earlier - 1);
        else
            conversations_set_earlier(conversations, found->stream, found->earlier - 1);
    }
    return conversations_make(conversations, found->stream);
}

/* What was said of the segment that this one is a second capture of; false: it is none. */
static bool find_original(const struct found_segment *found, struct tcp_conversation *conversation,
                          struct annotated_layer *original, uint32_t *frame)
{
    const struct tcp_remembered *remembered =
        tcp_copies_find(copies, conversation, &found->identity, &found->segment);
    struct annotated_layer layers[ANNOTATED_LAYERS_MAX];

    if (!remembered || remembered->frame == found->segment.frame ||
        annotations_get(annotations, remembered->number, layers) <= remembered->layer)
        return false;
    *original = layers[remembered->layer];
    *frame = remembered->frame;
    return true;
}

/* Let the engine follow one segment, which becomes the frame's layer with that index. */
static void follow(const packet_info *pinfo, const struct found_segment *found,
                   struct annotated_layer *layers, unsigned index)
{
    struct annotated_layer *layer = &layers[index];
    struct tcp_conversation *conversation = conversation_of(found);
    const struct tcp_conversation *earlier = conversations_earlier(conversations, found->stream);
    bool has_begun = tcp_conversation_has_begun(conversation);
    struct annotated_layer original;
    uint32_t original_frame;

    layer->stream = found->stream;
    last_time = MAX(last_time, found->segment.time);
    if (find_original(found, conversation, &original, &original_frame) && has_begun) {
        tcp_tracker_copy(conversation, &found->segment, &original.annotation, original_frame,
                         &layer->annotation);
        return;
    }
    tcp_tracker_step(conversation, earlier, &found->segment, &layer->annotation);
    if (!has_begun && earlier)
        tcp_copies_go_on(conversation, earlier);
    tcp_copies_remember(copies, conversation, &found->identity, &found->segment, pinfo->num,
                        (uint8_t)index);
}

/* First pass over a frame: find its segments, follow them, keep what is said of them. */
static unsigned annotate(packet_info *pinfo, const struct found_segment *found, unsigned count,
                         struct annotated_layer *layers)
{
    unsigned followed = 0;

    for (unsigned i = 0; i < count; i++) {
        if (found[i].is_quoted)
            tcp_tracker_icmp_error(conversations_make(conversations, found[i].stream),
                                   &found[i].segment);
        else
            follow(pinfo, &found[i], layers, followed++);
    }
    if (followed > 0)
        annotations_set(annotations, pinfo->num, layers, followed);
    return followed;
}

static void add_time(proto_tree *tree, int field, int64_t value)
{
    if (value != TCP_NO_TIME)
        items_add_time(tree, field, value);
}

static void add_bits(proto_tree *tree, int field, unsigned bits, const struct bit_token *tokens)
{
    for (; bits; tokens++)
        if (bits & tokens->bit) {
            items_add_token(tree, field, tokens->token);
            bits &= ~tokens->bit;
        }
}

/* "client ESTABLISHED -> FIN_WAIT_1", for every role and every two states. */
static const char *transition_text(unsigned role, unsigned from, unsigned state)
{
    static char *texts[2][TCP_STATE_COUNT][TCP_STATE_COUNT];
    char **entry = &texts[role][from][state];

    if (!*entry)
        *entry = g_strdup_printf("%s %s -> %s", token_of_role(role),
                                 tcp_state_name((enum tcp_state)from),
                                 tcp_state_name((enum tcp_state)state));
    return *entry;
}

static void add_transitions(proto_tree *tree, int field, const struct tcp_annotation *note)
{
    for (unsigned role = 0; role < 2; role++) {
        if (note->from[role] == note->state[role])
            continue;
        items_add_token(tree, field, transition_text(role, note->from[role], note->state[role]));
        add_time(tree, hf_dwell[role], note->dwell[role]);
    }
}

static void add_links(proto_tree *tree, const struct annotated_layer *layer,
                      const struct tcp_conversation *conversation)
{
    const struct tcp_annotation *note = &layer->annotation;
    uint32_t acked_in = 0;

    if (note->acks_frame)
        items_add_uint(tree, hf_acks_frame, note->acks_frame);
    if (note->steps && (note->events & (TCP_DOES_SYN | TCP_DOES_SYN_ACK)))
        acked_in = tcp_acknowledged_in(conversation, (enum tcp_role)note->sender, false);
    else if (note->steps && (note->events & TCP_DOES_FIN))
        acked_in = tcp_acknowledged_in(conversation, (enum tcp_role)note->sender, true);
    if (acked_in)
        items_add_uint(tree, hf_acked_in, acked_in);
    if ((note->events & TCP_DOES_SYN) && note->sender == TCP_CLIENT &&
        tcp_rejected_in(conversation))
        items_add_uint(tree, hf_rejected_in, tcp_rejected_in(conversation));
}

/* text holds the tree's line, which ends with the label; the label's item is returned. */
static proto_item *add_segment(proto_tree *tree, const struct naming_fields *hf,
                               const struct annotated_layer *layer,
                               const struct tcp_conversation *conversation)
{
    const struct tcp_annotation *note = &layer->annotation;
    proto_item *label = items_add_text(tree, hf->label, text->at + LINE_BEGIN_LENGTH,
                                       text->length - LINE_BEGIN_LENGTH);

    if (proto_field_is_referenced(tree, hf->explanation)) {
        text_clear(text);
        wording_explanation(text, language_words(), note);
        items_add_text(tree, hf->explanation, text->at, text->length);
    }
    items_add_token(tree, hf_phase, token_of_phase(note->phase));
    add_bits(tree, hf->step, note->steps, step_tokens);
    for (unsigned role = 0; role < 2; role++)
        items_add_token(tree, hf->state[role], tcp_state_name((enum tcp_state)note->state[role]));
    add_transitions(tree, hf->transition, note);
    add_links(tree, layer, conversation);
    add_bits(tree, hf_event, note->events, event_tokens);
    if (note->exchange)
        items_add_uint(tree, hf_exchange, note->exchange);
    items_add_token(tree, hf_evidence, note->inferred ? "inferred" : "observed");
    items_add_token(tree, hf_sender, token_of_role(note->sender));
    items_add_uint(tree, hf_stream, layer->stream);
    return label;
}

static void add_numbers(proto_tree *tree, const struct tcp_outcome *outcome)
{
    add_time(tree, hf_rtt, outcome->rtt);
    add_time(tree, hf_server_rtt, outcome->server_rtt);
    add_time(tree, hf_client_rtt, outcome->client_rtt);
    add_time(tree, hf_teardown_time, outcome->teardown);
    add_time(tree, hf_duration, outcome->duration);
    for (unsigned role = 0; role < 2; role++) {
        if (outcome->has_isn[role])
            items_add_uint(tree, hf_isn[role], outcome->isn[role]);
        items_add_uint64(tree, hf_bytes[role], outcome->bytes[role]);
    }
}

static void add_conversation(proto_tree *parent, const struct naming_fields *hf,
                             const struct tcp_conversation *conversation)
{
    struct tcp_outcome outcome;
    proto_item *item;
    proto_tree *tree;

    tcp_verdict(conversation, &outcome);
    text_clear(text);
    if (proto_field_is_referenced(parent, hf->summary))
        wording_summary(text, language_words(), &outcome);
    item = items_add_text(parent, hf->summary, text->at, text->length);
    tree = proto_item_add_subtree(item, ett_conversation);
    items_add_token(tree, hf_opening, token_of_opening(outcome.opening));
    items_add_token(tree, hf_closing, token_of_closing(outcome.closing));
    items_add_token(tree, hf_closed_by, token_of_either(outcome.closed_by));
    items_add_token(tree, hf_time_wait, token_of_holders(outcome.time_wait));
    items_add_boolean(tree, hf_half_close, outcome.half_close);
    items_add_token(tree, hf_verdict, token_of_verdict(outcome.verdict));
    if (tcp_verdict_is_settled(outcome.verdict)) {
        items_add_token(tree, hf_verdict_by, token_of_either(outcome.decided_by));
        items_add_uint(tree, hf_verdict_frame, outcome.decided_in);
    }
    items_add_token(tree, hf_conn_state, token_of_conn_state(outcome.conn_state));
    items_add_text(tree, hf_history, outcome.history, strlen(outcome.history));
    add_numbers(tree, &outcome);
}

static void add_experts(packet_info *pinfo, proto_item *item, const struct tcp_annotation *note)
{
    for (unsigned i = 0; i < TCP_EXPERT_COUNT; i++)
        if (note->experts & (1U << i))
            expert_add_info(pinfo, item, &ei[i]);
}

static void add_layer(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree,
                      const struct annotated_layer *layer)
{
    const struct tcp_conversation *conversation = NULL;
    proto_item *item = NULL;

    /* Where neither the tree nor any field in it is wanted, nothing of it would be kept, but for what expert
     * infos hang on: a filter may look for them by "_ws.expert". */
    if (tree && (proto_field_is_referenced(tree, proto_tcp_phase) || layer->annotation.experts))
        conversation = conversations_find(conversations, layer->stream);
    if (conversation) {
        proto_tree *subtree;

        text_clear(text);
        text_add(text, LINE_BEGIN);
        wording_label(text, language_words(), &layer->annotation);
        item = proto_tree_add_item(tree, proto_tcp_phase, tvb, 0, 0, ENC_NA);
        proto_item_set_generated(item);
        subtree = proto_item_add_subtree(item, ett_tcp_phase);
        items_begin(subtree);
        if (pref_quiz) {
            items_set_label(item, LINE_OF_QUIZ, strlen(LINE_OF_QUIZ));
            subtree = quiz_ask(tvb, subtree, &hf_named);
            item = add_segment(subtree, &quiz_answers, layer, conversation);
            add_conversation(subtree, &quiz_answers, conversation);
        } else {
            items_set_label(item, text->at, text->length);
            add_segment(subtree, &hf_named, layer, conversation);
            add_conversation(subtree, &hf_named, conversation);
        }
        items_end();
    }
    add_experts(pinfo, item, &layer->annotation);
}

/* The label in front of the Info column; of the innermost layer, whose line the column shows. It comes
 * to what col_prepend_fence_fstr() does, which moves the column's text octet by octet, and twice. */
static void label_info_column(packet_info *pinfo, const struct tcp_annotation *note)
{
    const char *info;

    if (pref_info_column == INFO_OFF ||
        (pref_info_column == INFO_STEPS && note->phase == TCP_PHASE_DATA && !pref_quiz))
        return;
    if (!pinfo->cinfo || !col_get_writable(pinfo->cinfo, COL_INFO) ||
        !(info = col_get_text(pinfo->cinfo, COL_INFO)))
        return;
    info = wmem_strdup(pinfo->pool, info);
    text_clear(text);
    if (pref_quiz)
        text_add(text, "?");
    else
        wording_label(text, language_words(), note);
    text_add(text, " | ");
    col_clear_fence(pinfo->cinfo, COL_INFO);
    col_add_str(pinfo->cinfo, COL_INFO, text->at);
    col_set_fence(pinfo->cinfo, COL_INFO);
    col_append_fstr(pinfo->cinfo, COL_INFO, "%s", info);
}

const struct tcp_conversation *tcp_phase_conversation(uint32_t stream)
{
    return conversations ? conversations_find(conversations, stream) : NULL;
}

bool tcp_phase_stream_of(uint32_t frame, uint32_t *stream)
{
    struct annotated_layer layers[ANNOTATED_LAYERS_MAX];
    unsigned count = annotations ? annotations_get(annotations, frame, layers) : 0;

    if (count > 0)
        *stream = layers[count - 1].stream;
    return count > 0;
}

int64_t tcp_phase_capture_end(void)
{
    return last_time;
}

void tcp_phase_expect(const struct found_segment *found)
{
    if (!copies)
        return;
    tcp_copies_expect(copies, &found->identity);
    if (found->has_stream)
        conversations_expect(conversations, found->stream);
}

uint32_t tcp_phase_first_stream(uint32_t stream)
{
    return conversations ? conversations_first(conversations, stream) : stream;
}

static int dissect_tcp_phase(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    struct annotated_layer layers[ANNOTATED_LAYERS_MAX];
    const struct found_segment *found = NULL;
    bool is_tapped = tap_has_listener();
    unsigned found_count = 0, count;

    if (!segments_are_wanted())
        return 0;
    pinfo->curr_proto_layer_num = 1; /* of our items: "tcp_phase.label#1" */
    if (is_tapped || !PINFO_FD_VISITED(pinfo))
        found_count = segments_find(tvb, pinfo, &found);
    if (PINFO_FD_VISITED(pinfo))
        count = annotations_get(annotations, pinfo->num, layers);
    else
        count = annotate(pinfo, found, found_count, layers);
    for (unsigned i = 0; i < count; i++)
        add_layer(tvb, pinfo, tree, &layers[i]);
    if (is_tapped)
        tap_frame(pinfo, layers, count, found, found_count);
    if (count > 0)
        label_info_column(pinfo, &layers[count - 1].annotation);
    return (int)tvb_captured_length(tvb);
}

#define FIELD(name, abbrev, type, display, convert, blurb)                   \
    {                                                                        \
        name, "tcp_phase." abbrev, type, display, convert, 0x0, blurb, HFILL \
    }

static void register_segment_fields(void)
{
    static hf_register_info hf[] = {
        { &hf_stream,
          FIELD("Stream", "stream", FT_UINT32, BASE_DEC, NULL, "The tcp.stream described") },
        { &hf_named.label,
          FIELD("Label", "label", FT_STRING, BASE_NONE, NULL, "What the segment is") },
        { &hf_named.explanation, FIELD("Explanation", "explanation", FT_STRING, BASE_NONE, NULL,
                                       "Why, in this segment's numbers and frames") },
        { &hf_phase, FIELD("Phase", "phase", FT_STRING, BASE_NONE, NULL,
                           "handshake, data, teardown or closed") },
        { &hf_event, FIELD("Event", "event", FT_STRING, BASE_NONE, NULL, "What the segment does") },
        { &hf_named.step, FIELD("Step", "step", FT_STRING, BASE_NONE, NULL,
                                "Step of the handshake or of the teardown") },
        { &hf_sender, FIELD("Sender", "sender", FT_STRING, BASE_NONE, NULL, "client or server") },
        { &hf_named.state[TCP_CLIENT],
          FIELD("Client state", "client.state", FT_STRING, BASE_NONE, NULL,
                "The client's state after this segment (RFC 9293)") },
        { &hf_named.state[TCP_SERVER],
          FIELD("Server state", "server.state", FT_STRING, BASE_NONE, NULL,
                "The server's state after this segment (RFC 9293)") },
        { &hf_named.transition, FIELD("Transition", "transition", FT_STRING, BASE_NONE, NULL,
                                      "A state that this segment ends, and what follows it") },
        { &hf_acks_frame, FIELD("Acknowledges the SYN or FIN in frame", "acks_frame", FT_FRAMENUM,
                                BASE_NONE, FRAMENUM_TYPE(FT_FRAMENUM_ACK),
                                "The SYN or FIN that this segment is the first to acknowledge") },
        { &hf_acked_in,
          FIELD("This SYN or FIN is acknowledged in frame", "acked_in", FT_FRAMENUM, BASE_NONE,
                FRAMENUM_TYPE(FT_FRAMENUM_ACK), "Where this SYN or FIN was first acknowledged") },
        { &hf_rejected_in,
          FIELD("An ICMP error quotes this SYN in frame", "rejected_in", FT_FRAMENUM, BASE_NONE,
                FRAMENUM_TYPE(FT_FRAMENUM_RESPONSE), "Where an ICMP error first quoted it") },
        { &hf_dwell[TCP_CLIENT],
          FIELD("Client's time in the state before", "client.dwell", FT_RELATIVE_TIME, BASE_NONE,
                NULL, "How long the client was in the state that ended") },
        { &hf_dwell[TCP_SERVER],
          FIELD("Server's time in the state before", "server.dwell", FT_RELATIVE_TIME, BASE_NONE,
                NULL, "How long the server was in the state that ended") },
        { &hf_evidence, FIELD("Evidence", "evidence", FT_STRING, BASE_NONE, NULL,
                              "inferred: a state rests on a segment that was not captured, or a "
                              "SYN not answered") },
        { &hf_exchange, FIELD("Exchange", "exchange", FT_UINT32, BASE_DEC, NULL,
                              "Data exchange: one more each time the direction of data turns") },
    };

    proto_register_field_array(proto_tcp_phase, hf, array_length(hf));
}

static void register_conversation_fields(void)
{
    static hf_register_info hf[] = {
        { &hf_opening,
          FIELD("Opening", "opening", FT_STRING, BASE_NONE, NULL, "How the conversation opened") },
        { &hf_closing,
          FIELD("Closing", "closing", FT_STRING, BASE_NONE, NULL, "How the conversation closed") },
        { &hf_closed_by, FIELD("Closed by", "closed_by", FT_STRING, BASE_NONE, NULL,
                               "Sender of the first FIN, or of the RST where there was no FIN") },
        { &hf_time_wait,
          FIELD("TIME_WAIT", "time_wait", FT_STRING, BASE_NONE, NULL, "Who holds TIME_WAIT") },
        { &hf_half_close, FIELD("Half-close", "half_close", FT_BOOLEAN, BASE_NONE, NULL,
                                "Data was sent after the other end's FIN") },
        { &hf_verdict,
          FIELD("Verdict", "verdict", FT_STRING, BASE_NONE, NULL, "How the conversation ended") },
        { &hf_verdict_by,
          FIELD("Verdict by a segment of", "verdict.by", FT_STRING, BASE_NONE, NULL,
                "Who sent the segment that decided the verdict; absent while none has") },
        { &hf_verdict_frame,
          FIELD("Verdict since frame", "verdict.frame", FT_FRAMENUM, BASE_NONE, NULL,
                "The segment, or ICMP error, that decided it; absent while none has") },
        { &hf_conn_state, FIELD("Connection state", "conn_state", FT_STRING, BASE_NONE, NULL,
                                "conn_state as Zeek decides it") },
        { &hf_history, FIELD("History", "history", FT_STRING, BASE_NONE, NULL,
                             "Zeek's letters: capitals are the originator's") },
        { &hf_named.summary, FIELD("Conversation", "summary", FT_STRING, BASE_NONE, NULL,
                                   "The conversation in one sentence") },
        { &hf_rtt, FIELD("Handshake round trip", "handshake.rtt", FT_RELATIVE_TIME, BASE_NONE, NULL,
                         "From the SYN to the ACK that completes the handshake") },
        { &hf_server_rtt, FIELD("Round trip to the server", "handshake.server_rtt",
                                FT_RELATIVE_TIME, BASE_NONE, NULL, "From the SYN to the SYN-ACK") },
        { &hf_client_rtt, FIELD("Round trip to the client", "handshake.client_rtt",
                                FT_RELATIVE_TIME, BASE_NONE, NULL, "From the SYN-ACK to the ACK") },
        { &hf_teardown_time, FIELD("Teardown time", "teardown.time", FT_RELATIVE_TIME, BASE_NONE,
                                   NULL, "From the first FIN or RST to the last ACK or RST") },
        { &hf_duration, FIELD("Duration", "duration", FT_RELATIVE_TIME, BASE_NONE, NULL,
                              "From the first segment to the last") },
        { &hf_isn[TCP_CLIENT], FIELD("Client's initial sequence number", "client.isn", FT_UINT32,
                                     BASE_DEC, NULL, "As in the header, not relative") },
        { &hf_isn[TCP_SERVER], FIELD("Server's initial sequence number", "server.isn", FT_UINT32,
                                     BASE_DEC, NULL, "As in the header, not relative") },
        { &hf_bytes[TCP_CLIENT], FIELD("Client's bytes", "client.bytes", FT_UINT64, BASE_DEC, NULL,
                                       "Payload sent by the client, each byte counted once") },
        { &hf_bytes[TCP_SERVER], FIELD("Server's bytes", "server.bytes", FT_UINT64, BASE_DEC, NULL,
                                       "Payload sent by the server, each byte counted once") },
    };

    proto_register_field_array(proto_tcp_phase, hf, array_length(hf));
}

/* In the order of the TCP_EXPERT_ bits. */
#define EXPERT(number, name, group, severity, summary)                  \
    {                                                                   \
        &ei[number],                                                    \
        {                                                               \
            "tcp_phase.expert." name, group, severity, summary, EXPFILL \
        }                                                               \
    }

static void register_experts(void)
{
    static ei_register_info infos[] = {
        EXPERT(0, "syn_retransmitted", PI_SEQUENCE, PI_NOTE, "SYN sent again"),
        EXPERT(1, "syn_ack_retransmitted", PI_SEQUENCE, PI_NOTE, "SYN-ACK sent again"),
        EXPERT(2, "fin_retransmitted", PI_SEQUENCE, PI_NOTE, "FIN sent again"),
        EXPERT(3, "refused", PI_SEQUENCE, PI_WARN, "Connection refused"),
        EXPERT(4, "reset", PI_SEQUENCE, PI_WARN, "Connection reset"),
        EXPERT(5, "reset_ignored", PI_SEQUENCE, PI_NOTE, "RST without effect"),
        EXPERT(6, "reset_lost_data", PI_SEQUENCE, PI_WARN,
               "Reset before all data was acknowledged"),
        EXPERT(7, "ack_mismatch", PI_SEQUENCE, PI_WARN,
               "Handshake acknowledges a number other than ISN+1"),
        EXPERT(8, "not_captured", PI_SEQUENCE, PI_NOTE,
               "A segment that must have been sent was not captured"),
        EXPERT(9, "data_after_fin", PI_SEQUENCE, PI_CHAT, "Data after the other end's FIN"),
        EXPERT(10, "half_close", PI_SEQUENCE, PI_CHAT, "Half-close: one direction goes on"),
        EXPERT(11, "simultaneous_open", PI_SEQUENCE, PI_CHAT, "Simultaneous open"),
        EXPERT(12, "simultaneous_close", PI_SEQUENCE, PI_CHAT, "Simultaneous close"),
        EXPERT(13, "fast_open", PI_SEQUENCE, PI_CHAT, "TCP Fast Open: the SYN's data was taken"),
        EXPERT(14, "port_reused", PI_SEQUENCE, PI_NOTE,
               "Addresses and ports of an earlier connection"),
    };

    expert_register_field_array(expert_register_protocol(proto_tcp_phase), infos,
                                array_length(infos));
}

/* Called when preferences have changed, before all frames are dissected again. */
static void apply_preferences(void)
{
    language_choose((enum language)pref_language);
}

static void register_language(module_t *module)
{
    static enum_val_t values[LANGUAGE_COUNT + 1]; /* an entry without a name ends it */

    for (int i = 0; i < LANGUAGE_COUNT; i++)
        values[i] = (enum_val_t){ languages[i].name, languages[i].title, i };
    prefs_register_enum_preference(module, "language", "Language",
                                   "Language of labels, explanations and summaries", &pref_language,
                                   values, FALSE);
    apply_preferences();
}

static void register_preferences(void)
{
    module_t *module = prefs_register_protocol(proto_tcp_phase, apply_preferences);

    register_language(module);
    prefs_register_enum_preference(module, "info_column", "Label in the Info column",
                                   "Which segments have their label in front of the Info column",
                                   &pref_info_column, info_column_values, FALSE);
    prefs_register_bool_preference(
        module, "quiz", "Quiz",
        "Labels and states are shown as ? until the tree with the answer is opened", &pref_quiz);
}

void proto_register_tcp_phase(void)
{
    static int *ett[] = { &ett_tcp_phase, &ett_conversation };

    proto_tcp_phase = proto_register_protocol("TCP Phases", "TCP Phases", "tcp_phase");
    tap_register();
    tap_tree_register();
    tap_conv_register();
    tap_states_register();
    tap_jsonl_register();
    tap_ladder_register();
    tap_comments_register();
    tap_part_register();
    conversation_filter_register();
    segments_register(proto_tcp_phase);
    flow_register(proto_tcp_phase);
    register_segment_fields();
    register_conversation_fields();
    quiz_register(proto_tcp_phase);
    proto_register_subtree_array(ett, array_length(ett));
    register_experts();
    register_preferences();
    register_postdissector(create_dissector_handle(dissect_tcp_phase, NO_PROTOCOL));
    register_init_routine(open_file);
    register_cleanup_routine(close_file);
}

void proto_reg_handoff_tcp_phase(void)
{
    segments_handoff();
}

/* tree.c
 * The fields of fecho.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tree.h"

#include <epan/column-utils.h>
#include <epan/expert.h>
#include <epan/proto_data.h>
#include <epan/tfs.h>

#include <string.h>

static int proto_fecho;

static int hf_magic, hf_version, hf_type, hf_flags, hf_flags_times, hf_flags_crc, hf_code, hf_id;
static int hf_length, hf_checksum, hf_checksum_status;
static int hf_client_sent, hf_server_received, hf_server_sent, hf_payload, hf_text, hf_plain;
static int hf_continuation;
static int hf_response_in, hf_response_to, hf_rtt, hf_server_time, hf_network_time;

static int ett_fecho = -1, ett_flags = -1;

static expert_field ei[FECHO_FAULT_COUNT];

/* The octets of a field, or as many as were captured; false where none were. */
static bool is_captured(tvbuff_t *tvb, int offset, int size)
{
    return tvb_bytes_exist(tvb, offset, size);
}

const char *fecho_text_of(tvbuff_t *payload, packet_info *pinfo)
{
    uint32_t size = tvb_captured_length(payload);
    const char *text;

    if (size == 0 || size < tvb_reported_length(payload))
        return NULL;
    text = (const char *)tvb_get_ptr(payload, 0, (int)size);
    if (!g_utf8_validate(text, (gssize)size, NULL))
        return NULL;
    for (const char *at = text; at < text + size; at = g_utf8_next_char(at)) {
        gunichar character = g_utf8_get_char(at);

        if (!g_unichar_isprint(character) && character != '\n' && character != '\r' &&
            character != '\t')
            return NULL;
    }
    return wmem_strndup(pinfo->pool, text, size);
}

/* head --------------------------------------------------------------------------------------- */

static void add_code(proto_tree *tree, tvbuff_t *tvb, const struct echo_head *head)
{
    proto_item *item = proto_tree_add_item(tree, hf_code, tvb, ECHO_FIELD_CODE, 2, ENC_BIG_ENDIAN);

    if (head->type == ECHO_GOODBYE)
        proto_item_append_text(item, " (%s, wait %u ms)",
                               echo_close_text(echo_goodbye_how(head->code)),
                               echo_goodbye_wait_ms(head->code));
    else if (head->type == ECHO_ERROR)
        proto_item_append_text(item, " (%s)", echo_error_text(head->code));
}

static void add_time(proto_tree *tree, tvbuff_t *tvb, int field, enum echo_field at, uint64_t value)
{
    nstime_t time = { .secs = (time_t)(value / 1000000000), .nsecs = (int)(value % 1000000000) };
    proto_item *item;

    if (!is_captured(tvb, (int)at, 8))
        return;
    item = proto_tree_add_time(tree, field, tvb, (int)at, 8, &time);
    if (value == 0)
        proto_item_append_text(item, " (not filled in)");
}

static void add_checksum(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo,
                         const struct fecho_message *message, const struct echo_head *head,
                         bool check)
{
    unsigned bit = 0, flags = PROTO_CHECKSUM_NO_FLAGS;
    uint32_t computed = 0;

    if (!is_captured(tvb, ECHO_FIELD_CHECKSUM, 4))
        return;
    while ((1U << bit) != FECHO_BAD_CHECKSUM)
        bit++;
    if (!(head->flags & ECHO_FLAG_CRC))
        flags = head->checksum == 0 ? PROTO_CHECKSUM_NOT_PRESENT : PROTO_CHECKSUM_VERIFY;
    else if (check && message && message->is_whole && message->captured == head->length) {
        flags = PROTO_CHECKSUM_VERIFY;
        computed = message->checksum;
    }
    if (flags == PROTO_CHECKSUM_NOT_PRESENT) {
        /* The field is there, only that nothing stands in it. */
        proto_item *item;

        proto_tree_add_item(tree, hf_checksum, tvb, ECHO_FIELD_CHECKSUM, 4, ENC_BIG_ENDIAN);
        item = proto_tree_add_uint(tree, hf_checksum_status, tvb, ECHO_FIELD_CHECKSUM, 0,
                                   PROTO_CHECKSUM_E_NOT_PRESENT);
        proto_item_set_generated(item);
        return;
    }
    proto_tree_add_checksum(tree, tvb, ECHO_FIELD_CHECKSUM, hf_checksum, hf_checksum_status,
                            &ei[bit], pinfo, computed, ENC_BIG_ENDIAN, flags);
}

/* A field of the header, where all of it was captured. */
static void add_field(proto_tree *tree, tvbuff_t *tvb, int field, int offset, int size)
{
    if (is_captured(tvb, offset, size))
        proto_tree_add_item(tree, field, tvb, offset, size, ENC_BIG_ENDIAN);
}

static void add_head(proto_tree *tree, tvbuff_t *tvb, packet_info *pinfo,
                     const struct fecho_message *message, const struct echo_head *head, bool check)
{
    static int *const flags[] = { &hf_flags_times, &hf_flags_crc, NULL };

    add_field(tree, tvb, hf_magic, ECHO_FIELD_MAGIC, 2);
    add_field(tree, tvb, hf_version, ECHO_FIELD_VERSION, 1);
    add_field(tree, tvb, hf_type, ECHO_FIELD_TYPE, 1);
    if (is_captured(tvb, ECHO_FIELD_FLAGS, 2))
        proto_tree_add_bitmask(tree, tvb, ECHO_FIELD_FLAGS, hf_flags, ett_flags, flags,
                               ENC_BIG_ENDIAN);
    if (is_captured(tvb, ECHO_FIELD_CODE, 2))
        add_code(tree, tvb, head);
    add_field(tree, tvb, hf_id, ECHO_FIELD_ID, 8);
    add_field(tree, tvb, hf_length, ECHO_FIELD_LENGTH, 4);
    add_checksum(tree, tvb, pinfo, message, head, check);
    if (head->flags & ECHO_FLAG_TIMES && is_captured(tvb, ECHO_FIELD_CHECKSUM, 4)) {
        add_time(tree, tvb, hf_client_sent, ECHO_FIELD_CLIENT_SENT, head->client_sent);
        add_time(tree, tvb, hf_server_received, ECHO_FIELD_SERVER_RECEIVED, head->server_received);
        add_time(tree, tvb, hf_server_sent, ECHO_FIELD_SERVER_SENT, head->server_sent);
    }
}

/* worked out --------------------------------------------------------------------------------- */

static void add_frame_number(proto_tree *tree, int field, uint32_t frame)
{
    if (frame != 0)
        proto_item_set_generated(proto_tree_add_uint(tree, field, NULL, 0, 0, frame));
}

static void add_length_of_time(proto_tree *tree, int field, bool is_known, const nstime_t *time)
{
    if (is_known)
        proto_item_set_generated(proto_tree_add_time(tree, field, NULL, 0, 0, time));
}

/* They are shown where the answer ends. */
static void add_times(proto_tree *tree, const struct fecho_message *message)
{
    struct fecho_times times = fecho_message_times(message);

    add_length_of_time(tree, hf_rtt, times.has_rtt, &times.rtt);
    add_length_of_time(tree, hf_server_time, times.has_server_time, &times.server_time);
    add_length_of_time(tree, hf_network_time, times.has_network_time, &times.network_time);
}

/* Expert infos, but for a checksum, which the field itself has. */
static void add_experts(packet_info *pinfo, proto_item *item, unsigned faults)
{
    for (unsigned i = 0; i < FECHO_FAULT_COUNT; i++)
        if (faults & 1U << i && 1U << i != FECHO_BAD_CHECKSUM)
            expert_add_info(pinfo, item, &ei[i]);
}

static void describe(wmem_strbuf_t *text, const struct echo_head *head, uint32_t captured)
{
    if (captured < ECHO_FIELD_FLAGS) {
        wmem_strbuf_append(text, "Frame");
        return;
    }
    if (head->type >= ECHO_REQUEST && head->type <= ECHO_ERROR)
        wmem_strbuf_append(text, echo_type_name(head->type));
    else
        wmem_strbuf_append_printf(text, "Type %u", head->type);
    if (head->type == ECHO_GOODBYE)
        wmem_strbuf_append_printf(text, " (%s)", echo_close_text(echo_goodbye_how(head->code)));
    if (head->type == ECHO_ERROR)
        wmem_strbuf_append_printf(text, " (%s)", echo_error_text(head->code));
    if (captured >= ECHO_FIELD_CHECKSUM)
        wmem_strbuf_append_printf(text, ", Id: %" PRIu64 ", Len: %u", head->id, head->length);
}

/* What is wrong at first sight stands in the Info column. */
static void describe_faults(wmem_strbuf_t *text, unsigned faults)
{
    if (faults & FECHO_BAD_MAGIC)
        wmem_strbuf_append(text, " [Bad magic]");
    if (faults & FECHO_BAD_VERSION)
        wmem_strbuf_append(text, " [Bad version]");
    if (faults & (FECHO_BAD_TYPE | FECHO_BAD_FLAGS | FECHO_BAD_CODE))
        wmem_strbuf_append(text, " [Malformed]");
    if (faults & FECHO_TOO_LARGE)
        wmem_strbuf_append(text, " [Too large]");
    if (faults & FECHO_PAYLOAD_MISMATCH)
        wmem_strbuf_append(text, " [Payload mismatch]");
}

/* Several in a packet stand beside each other, behind what TCP may have written. */
static void add_to_info(packet_info *pinfo, const char *text)
{
    static char behind_another[] = " | ";

    if (p_get_proto_data(pinfo->pool, pinfo, proto_fecho, FECHO_DATA_INFO))
        col_append_str(pinfo->cinfo, COL_INFO, behind_another);
    else
        p_add_proto_data(pinfo->pool, pinfo, proto_fecho, FECHO_DATA_INFO, behind_another);
    col_append_str(pinfo->cinfo, COL_INFO, text);
    col_set_fence(pinfo->cinfo, COL_INFO);
}

static tvbuff_t *add_payload(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree,
                             const struct echo_head *head)
{
    int at = (int)echo_head_size(head->flags);
    int size = tvb_captured_length_remaining(tvb, at);
    tvbuff_t *payload;
    const char *text;

    if (size <= 0 || head->length == 0)
        return NULL;
    payload = tvb_new_subset_length_caplen(tvb, at, size, tvb_reported_length_remaining(tvb, at));
    proto_tree_add_item(tree, hf_payload, payload, 0, size, ENC_NA);
    text = head->length == (uint32_t)size ? fecho_text_of(payload, pinfo) : NULL;
    if (text)
        proto_tree_add_string(tree, hf_text, payload, 0, size, text);
    return payload;
}

tvbuff_t *fecho_tree_add_message(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree,
                                 const struct fecho_message *message, bool check)
{
    uint8_t octets[ECHO_HEAD_MAX];
    uint32_t captured = tvb_captured_length(tvb);
    uint32_t size = captured < sizeof octets ? captured : (uint32_t)sizeof octets;
    unsigned faults = message ? fecho_message_faults(message, PINFO_FD_VISITED(pinfo)) : 0;
    wmem_strbuf_t *text = wmem_strbuf_new(pinfo->pool, "");
    struct echo_head head;
    tvbuff_t *payload = NULL;
    proto_tree *subtree;
    proto_item *item;

    tvb_memcpy(tvb, octets, 0, size);
    echo_head_read(&head, octets, size);
    item = proto_tree_add_item(tree, proto_fecho, tvb, 0, (int)captured, ENC_NA);
    subtree = proto_item_add_subtree(item, ett_fecho);
    if (faults & (FECHO_BAD_MAGIC | FECHO_BAD_VERSION)) {
        wmem_strbuf_append(text, "No frame");
        add_field(subtree, tvb, hf_magic, ECHO_FIELD_MAGIC, 2);
        if (!(faults & FECHO_BAD_MAGIC))
            add_field(subtree, tvb, hf_version, ECHO_FIELD_VERSION, 1);
    } else {
        describe(text, &head, captured);
        add_head(subtree, tvb, pinfo, message, &head, check);
        payload = add_payload(tvb, pinfo, subtree, &head);
    }
    proto_item_append_text(item, ", %s", wmem_strbuf_get_str(text));
    if (message && message->exchange && !message->from_server)
        add_frame_number(subtree, hf_response_in, message->exchange->answered_in);
    if (message)
        add_frame_number(subtree, hf_response_to, message->answers_in);
    if (message && message->is_whole)
        add_times(subtree, message);
    add_experts(pinfo, item, faults);
    describe_faults(text, faults);
    add_to_info(pinfo, wmem_strbuf_get_str(text));
    return payload;
}

void fecho_tree_add_plain(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree,
                          const struct fecho_plain *plain)
{
    uint32_t size = tvb_reported_length(tvb);
    proto_item *item = proto_tree_add_item(tree, proto_fecho, tvb, 0, -1, ENC_NA);
    proto_tree *subtree = proto_item_add_subtree(item, ett_fecho);
    const char *text = fecho_text_of(tvb, pinfo);
    unsigned faults = fecho_plain_faults(plain, PINFO_FD_VISITED(pinfo));
    const char *what =
        wmem_strdup_printf(pinfo->pool, "Plain echo, Len: %u%s", size,
                           faults & FECHO_PAYLOAD_MISMATCH ? " [Payload mismatch]" : "");

    proto_item_append_text(item, ", plain, Len: %u", size);
    if (tvb_captured_length(tvb) > 0)
        proto_tree_add_item(subtree, hf_plain, tvb, 0, (int)tvb_captured_length(tvb), ENC_NA);
    if (text)
        proto_tree_add_string(subtree, hf_text, tvb, 0, (int)size, text);
    if (plain->asks)
        add_frame_number(subtree, hf_response_in, plain->asks->answered_in);
    for (const struct fecho_echoed *echoed = plain->answers; echoed; echoed = echoed->next) {
        nstime_t rtt;

        add_frame_number(subtree, hf_response_to, echoed->chunk->asked_in);
        nstime_delta(&rtt, &echoed->chunk->answered_at, &echoed->chunk->asked_at);
        add_length_of_time(subtree, hf_rtt, echoed->is_last, &rtt);
    }
    add_experts(pinfo, item, faults);
    add_to_info(pinfo, what);
}

void fecho_tree_add_skipped(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, uint32_t size,
                            const struct fecho_message *ends)
{
    uint32_t captured = tvb_captured_length(tvb);
    proto_item *item;
    proto_tree *subtree;

    if (captured > size)
        captured = size;
    item = proto_tree_add_item(tree, proto_fecho, tvb, 0, (int)captured, ENC_NA);
    subtree = proto_item_add_subtree(item, ett_fecho);
    proto_item_append_text(item, ", of a frame that began earlier, Len: %u", size);
    proto_tree_add_item(subtree, hf_continuation, tvb, 0, (int)captured, ENC_NA);
    if (ends && ends->from_server && ends->exchange)
        add_frame_number(subtree, hf_response_to, ends->exchange->asked_in);
    if (ends)
        add_times(subtree, ends);
    add_to_info(pinfo, wmem_strdup_printf(pinfo->pool, "Continuation, Len: %u", size));
}

/* registration ------------------------------------------------------------------------------- */

static const value_string types[] = { { ECHO_REQUEST, "REQUEST" },
                                      { ECHO_REPLY, "REPLY" },
                                      { ECHO_GOODBYE, "GOODBYE" },
                                      { ECHO_ERROR, "ERROR" },
                                      { 0, NULL } };

#define FIELD(name, abbrev, type, display, convert, mask, blurb)          \
    {                                                                     \
        name, "fecho." abbrev, type, display, convert, mask, blurb, HFILL \
    }

static void register_head_fields(void)
{
    static hf_register_info hf[] = {
        { &hf_magic,
          FIELD("Magic", "magic", FT_UINT16, BASE_HEX, NULL, 0, "0xec40 begins a frame") },
        { &hf_version, FIELD("Version", "version", FT_UINT8, BASE_DEC, NULL, 0, NULL) },
        { &hf_type, FIELD("Type", "type", FT_UINT8, BASE_DEC, VALS(types), 0, NULL) },
        { &hf_flags, FIELD("Flags", "flags", FT_UINT16, BASE_HEX, NULL, 0, NULL) },
        { &hf_flags_times, FIELD("TIMES", "flags.times", FT_BOOLEAN, 16, TFS(&tfs_set_notset),
                                 ECHO_FLAG_TIMES, "The timing block follows the header") },
        { &hf_flags_crc, FIELD("CRC", "flags.crc", FT_BOOLEAN, 16, TFS(&tfs_set_notset),
                               ECHO_FLAG_CRC, "The checksum is set") },
        { &hf_code, FIELD("Code", "code", FT_UINT16, BASE_HEX, NULL, 0,
                          "GOODBYE: how to close; ERROR: what went wrong") },
        { &hf_id, FIELD("Id", "id", FT_UINT64, BASE_DEC, NULL, 0,
                        "Chosen by the client, repeated in the answer") },
        { &hf_length, FIELD("Length", "length", FT_UINT32, BASE_DEC, NULL, 0,
                            "Octets of the payload; the timing block is not counted") },
        { &hf_checksum, FIELD("Checksum", "checksum", FT_UINT32, BASE_HEX, NULL, 0,
                              "CRC-32C of the payload, set by the client") },
        { &hf_checksum_status, FIELD("Checksum status", "checksum.status", FT_UINT8, BASE_NONE,
                                     VALS(proto_checksum_vals), 0, NULL) },
        { &hf_client_sent, FIELD("Client sent", "time.client_sent", FT_ABSOLUTE_TIME,
                                 ABSOLUTE_TIME_UTC, NULL, 0, "By the client's clock") },
        { &hf_server_received, FIELD("Server received", "time.server_received", FT_ABSOLUTE_TIME,
                                     ABSOLUTE_TIME_UTC, NULL, 0, "By the server's clock") },
        { &hf_server_sent, FIELD("Server sent", "time.server_sent", FT_ABSOLUTE_TIME,
                                 ABSOLUTE_TIME_UTC, NULL, 0, "By the server's clock") },
    };

    proto_register_field_array(proto_fecho, hf, array_length(hf));
}

static void register_other_fields(void)
{
    static hf_register_info hf[] = {
        { &hf_payload, FIELD("Payload", "payload", FT_BYTES, BASE_NONE, NULL, 0, NULL) },
        { &hf_text, FIELD("Text", "text", FT_STRING, BASE_NONE, NULL, 0,
                          "The payload, where it is printable UTF-8") },
        { &hf_plain, FIELD("Plain echo", "plain", FT_BYTES, BASE_NONE, NULL, 0,
                           "The octets of a plain echo (RFC 862)") },
        { &hf_continuation, FIELD("Continuation", "continuation", FT_BYTES, BASE_NONE, NULL, 0,
                                  "Octets of a frame that began in an earlier segment") },
        { &hf_response_in,
          FIELD("Response in frame", "response_in", FT_FRAMENUM, BASE_NONE,
                FRAMENUM_TYPE(FT_FRAMENUM_RESPONSE), 0, "Where the answer is complete") },
        { &hf_response_to,
          FIELD("Response to frame", "response_to", FT_FRAMENUM, BASE_NONE,
                FRAMENUM_TYPE(FT_FRAMENUM_REQUEST), 0, "Where the request is complete") },
        { &hf_rtt, FIELD("Round trip", "rtt", FT_RELATIVE_TIME, BASE_NONE, NULL, 0,
                         "From the request's last frame to the answer's last frame") },
        { &hf_server_time, FIELD("Server time", "server_time", FT_RELATIVE_TIME, BASE_NONE, NULL, 0,
                                 "Server sent minus server received") },
        { &hf_network_time, FIELD("Network time", "network_time", FT_RELATIVE_TIME, BASE_NONE, NULL,
                                  0, "Round trip minus server time") },
    };

    proto_register_field_array(proto_fecho, hf, array_length(hf));
}

/* In the order of the bits of enum fecho_fault. */
#define EXPERT(number, name, group, severity, summary)              \
    {                                                               \
        &ei[number],                                                \
        {                                                           \
            "fecho.expert." name, group, severity, summary, EXPFILL \
        }                                                           \
    }

static void register_experts(void)
{
    static ei_register_info infos[] = {
        EXPERT(0, "payload_mismatch", PI_RESPONSE_CODE, PI_ERROR,
               "The answer's payload is not the request's"),
        EXPERT(1, "unanswered", PI_RESPONSE_CODE, PI_NOTE, "No answer was captured"),
        EXPERT(2, "unexpected_reply", PI_RESPONSE_CODE, PI_NOTE,
               "No request was captured that this answers"),
        EXPERT(3, "duplicate_id", PI_SEQUENCE, PI_WARN,
               "An earlier request with this id has no answer yet"),
        EXPERT(4, "bad_checksum", PI_CHECKSUM, PI_ERROR, "Bad checksum"),
        EXPERT(5, "bad_magic", PI_MALFORMED, PI_ERROR, "The magic is not 0xec40"),
        EXPERT(6, "bad_version", PI_MALFORMED, PI_ERROR, "The version is not 1"),
        EXPERT(7, "bad_type", PI_MALFORMED, PI_ERROR, "No type that this end sends"),
        EXPERT(8, "too_large", PI_MALFORMED, PI_ERROR, "More payload than a frame may have"),
        EXPERT(9, "truncated", PI_UNDECODED, PI_WARN, "Not all of the frame was captured or sent"),
        EXPERT(10, "bad_flags", PI_MALFORMED, PI_ERROR, "A reserved flag is set"),
        EXPERT(11, "bad_code", PI_MALFORMED, PI_ERROR, "A code that the type does not have"),
        EXPERT(12, "answer_mismatch", PI_RESPONSE_CODE, PI_ERROR,
               "A field of the answer does not fit the request"),
    };

    expert_register_field_array(expert_register_protocol(proto_fecho), infos, array_length(infos));
}

void fecho_tree_register(int protocol)
{
    static int *ett[] = { &ett_fecho, &ett_flags };

    proto_fecho = protocol;
    register_head_fields();
    register_other_fields();
    proto_register_subtree_array(ett, array_length(ett));
    register_experts();
}

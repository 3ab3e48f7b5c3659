/* streams.c
 * A connection as the dissector follows it.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "streams.h"

#include <epan/dissectors/packet-tcp.h>
#include <epan/packet.h>
#include <epan/proto_data.h>

/* The place of a stream's first octet. Not 0, since octets before the first one captured may come late. */
#define STREAM_START ((uint64_t)1 << 32)

/* A longer frame is not put together of its segments: it would take that much memory. */
#define REASSEMBLED_MAX (16U * 1024 * 1024)

/* Bits of tcp_analysis.conversation_completeness: a SYN, a SYN-ACK was captured. */
#define SYN_WAS_CAPTURED 0x03

/* One direction. */
struct half {
    bool is_known; /* a sequence number and its place are: */
    uint32_t seq;
    uint64_t at;
    bool starts;    /* the place of its first octet is known: STREAM_START */
    bool is_synced; /* the place of the next frame is known: */
    uint64_t expected;
    uint64_t frame;             /* where the frame before that begins */
    struct fecho_message *open; /* that frame, while its last octet was not captured */
    uint64_t read;              /* TLS: behind the last octet that was taken */
    wmem_map_t *frames;         /* uint64_t place -> struct fecho_message */
};

struct fecho_connection {
    conversation_t *conversation;
    /* Who is who. */
    address first;
    uint32_t first_port;
    bool first_is_client;
    bool is_role_sure;
    /* What it speaks. */
    enum fecho_kind kind; /* FECHO_WAITS: not known yet */
    bool is_kind_sure;
    bool client_spoke;
    struct half halves[2]; /* the client's, the server's */
    struct fecho_exchanges *exchanges;
    struct fecho_plain_stream *plain;
    /* What the first pass said, by packet and place in it: struct kept. */
    wmem_map_t *pieces, *messages;
};

struct kept_piece {
    uint64_t key;
    struct fecho_piece piece;
};

/* A message that is sent again is kept for each packet that it is in. */
struct kept_message {
    uint64_t key;
    struct fecho_message *message;
};

static wmem_map_t *new_map(void)
{
    return wmem_map_new(wmem_file_scope(), wmem_int64_hash, g_int64_equal);
}

static int our_protocol(void)
{
    return proto_get_id_by_filter_name("fecho");
}

struct fecho_connection *fecho_connection_of(packet_info *pinfo)
{
    conversation_t *conversation = find_or_create_conversation(pinfo);
    struct fecho_connection *connection = conversation_get_proto_data(conversation, our_protocol());

    if (connection)
        return connection;
    connection = wmem_new0(wmem_file_scope(), struct fecho_connection);
    connection->conversation = conversation;
    copy_address_wmem(wmem_file_scope(), &connection->first, &pinfo->src);
    connection->first_port = pinfo->srcport;
    connection->first_is_client = true;
    for (unsigned i = 0; i < 2; i++)
        connection->halves[i].frames = new_map();
    connection->exchanges = fecho_exchanges_new();
    connection->pieces = new_map();
    connection->messages = new_map();
    conversation_add_proto_data(conversation, our_protocol(), connection);
    return connection;
}

bool fecho_connection_is_new(const struct fecho_connection *connection)
{
    return !connection->halves[0].is_known && !connection->halves[1].is_known;
}

/* How many pieces and frames of a packet were kept so far in this pass. */
static uint32_t *count_of(packet_info *pinfo)
{
    uint32_t *count = p_get_proto_data(pinfo->pool, pinfo, our_protocol(), FECHO_DATA_COUNT);

    if (!count) {
        count = wmem_new0(pinfo->pool, uint32_t);
        p_add_proto_data(pinfo->pool, pinfo, our_protocol(), FECHO_DATA_COUNT, count);
    }
    return count;
}

/* Packet and place in it. The records of TLS have no places that a later pass would know: there it is the
 * number of what was kept before in this packet, which is the same in each pass. */
static uint64_t key_of(packet_info *pinfo, const struct fecho_input *input, uint32_t offset)
{
    uint32_t place = input->is_tls ? *count_of(pinfo) : input->seq + offset;

    return (uint64_t)pinfo->num << 32 | place;
}

static void count_kept(packet_info *pinfo, const struct fecho_input *input)
{
    if (input->is_tls)
        ++*count_of(pinfo);
}

/* who is who --------------------------------------------------------------------------------- */

static bool is_from_first(const struct fecho_connection *connection, const packet_info *pinfo)
{
    return pinfo->srcport == connection->first_port &&
           addresses_equal(&pinfo->src, &connection->first);
}

static const struct tcp_analysis *tcp_of(const struct fecho_connection *connection)
{
    return conversation_get_proto_data(connection->conversation,
                                       proto_get_id_by_filter_name("tcp"));
}

/* The end at this port is the server. Returns whether that tells the ends apart. */
static bool server_is_at(struct fecho_connection *connection, const packet_info *pinfo,
                         uint32_t port)
{
    bool first = is_from_first(connection, pinfo);

    if (pinfo->srcport == pinfo->destport || (port != pinfo->srcport && port != pinfo->destport))
        return false;
    connection->first_is_client = (port == pinfo->destport) == first;
    return true;
}

/* By the SYN; else by who sends what; else by the port that is ours; else whoever spoke first. */
static enum echo_sender find_sender(struct fecho_connection *connection, const packet_info *pinfo,
                                    const uint8_t *octets, uint32_t size)
{
    static const struct echo_rules anyone = { ECHO_FROM_ANYONE, UINT32_MAX };
    bool first = is_from_first(connection, pinfo);

    if (!connection->is_role_sure) {
        const struct tcp_analysis *tcp = tcp_of(connection);
        struct echo_head head;

        if (tcp && tcp->server_port != 0 && server_is_at(connection, pinfo, tcp->server_port)) {
            connection->is_role_sure = true;
        } else if (size >= ECHO_HEADER_SIZE && echo_find_header(octets, size, &anyone) == 0) {
            echo_head_read(&head, octets, size);
            if (head.type == ECHO_REQUEST || head.type == ECHO_REPLY || head.type == ECHO_ERROR) {
                connection->first_is_client = (head.type == ECHO_REQUEST) == first;
                connection->is_role_sure = true;
            }
        }
        if (!connection->is_role_sure)
            server_is_at(connection, pinfo, pinfo->match_uint);
    }
    return connection->first_is_client == first ? ECHO_FROM_CLIENT : ECHO_FROM_SERVER;
}

/* places ------------------------------------------------------------------------------------- */

/* The sequence number of a stream's first octet. Numbers are relative or not, as the user likes. */
static uint32_t first_seq(const struct tcp_analysis *tcp, uint32_t seq)
{
    uint32_t absolute = tcp->fwd ? tcp->fwd->base_seq + 1 : 1;

    return seq - 1 <= seq - absolute ? 1 : absolute;
}

/* The place of the first octet of a piece. */
static uint64_t place_of(const struct fecho_connection *connection, struct half *half,
                         const struct fecho_input *input)
{
    uint64_t at;

    if (!half->is_known) {
        const struct tcp_analysis *tcp = tcp_of(connection);

        half->is_known = true;
        half->starts = input->is_tls || (tcp && tcp->conversation_completeness & SYN_WAS_CAPTURED);
        half->seq = half->starts && !input->is_tls ? first_seq(tcp, input->seq) : input->seq;
        half->at = half->read = half->expected = STREAM_START;
        half->is_synced = half->starts;
        if (connection->halves[0].starts && connection->halves[1].starts)
            fecho_exchanges_align(connection->exchanges);
    }
    if (input->is_tls)
        return half->read;
    at = half->at + (uint64_t)(int64_t)(int32_t)(input->seq - half->seq);
    if (at > half->at) {
        half->at = at;
        half->seq = input->seq;
    }
    return at;
}

/* Where the next frame begins in octets that begin anywhere: one that is good, with its whole header.
 * Returns how many octets lie before it; all of them where there is none. */
static uint32_t find_frame(const uint8_t *octets, uint32_t size, enum echo_sender sender,
                           uint32_t payload_max)
{
    const struct echo_rules rules = { sender, payload_max };
    size_t found = echo_find_header(octets, size, &rules);

    return (uint32_t)found;
}

/* Where the first frame begins in a piece of a framed stream. */
static uint32_t skip(struct half *half, const struct fecho_piece *piece, const uint8_t *octets,
                     uint32_t captured, uint32_t size, uint32_t payload_max)
{
    uint64_t at = piece->at, end = at + size;
    uint32_t found;

    if (half->is_synced && at == half->expected)
        return 0;
    if (wmem_map_lookup(half->frames, &at))
        return 0; /* sent again */
    if (half->is_synced && at > half->frame && at < half->expected)
        return end < half->expected ? size : (uint32_t)(half->expected - at);
    found = find_frame(octets, captured, piece->sender, payload_max);
    if (found >= captured)
        return size;
    return found;
}

/* what it speaks ----------------------------------------------------------------------------- */

/* The client's first octets decide (specification.md 1). Where they were not captured, a good header
 * does, wherever it is. */
static enum fecho_kind find_kind(struct fecho_connection *connection, const struct half *half,
                                 const struct fecho_piece *piece, const struct fecho_input *input,
                                 const uint8_t *octets, uint32_t captured, uint32_t payload_max)
{
    bool is_client = piece->sender == ECHO_FROM_CLIENT;

    if (connection->is_kind_sure || connection->kind == FECHO_FRAMES)
        return connection->kind;
    if (half->starts && piece->at == STREAM_START) {
        enum echo_kind detected = echo_detect(octets, captured);

        if (detected == ECHO_UNDECIDED && captured == 1 && input->is_complete && !input->is_last)
            return FECHO_WAITS;
        if (detected == ECHO_FRAMED || is_client) {
            connection->kind = detected == ECHO_FRAMED ? FECHO_FRAMES : FECHO_PLAIN_OCTETS;
            connection->is_kind_sure = true;
            return connection->kind;
        }
    }
    if (captured >= ECHO_HEADER_SIZE &&
        find_frame(octets, captured, piece->sender, payload_max) <= captured - ECHO_HEADER_SIZE) {
        connection->kind = FECHO_FRAMES;
        return FECHO_FRAMES;
    }
    return FECHO_PLAIN_OCTETS;
}

static void add_plain(struct fecho_connection *connection, packet_info *pinfo,
                      struct fecho_piece *piece, tvbuff_t *tvb)
{
    bool is_server = piece->sender == ECHO_FROM_SERVER;

    if (!connection->plain)
        connection->plain = fecho_plain_stream_new(connection->halves[is_server].starts);
    piece->plain.from_server = is_server;
    piece->plain.is_sure = connection->is_kind_sure;
    fecho_plain_add(connection->plain, &piece->plain, tvb, piece->at, pinfo->num, &pinfo->abs_ts);
}

/* The last octet of a frame that was not put together is in this piece. */
static void end_frame(struct half *half, struct fecho_piece *piece, uint32_t size,
                      const packet_info *pinfo)
{
    if (!half->open || !half->is_synced || half->expected > piece->at + size ||
        piece->at <= half->frame)
        return;
    if (piece->skipped > 0 && piece->at < half->expected) {
        fecho_exchanges_end(half->open, pinfo->num, &pinfo->abs_ts);
        piece->ends = half->open;
    }
    half->open = NULL;
}

static const struct fecho_piece *follow(struct fecho_connection *connection, packet_info *pinfo,
                                        const struct fecho_input *input, uint32_t payload_max)
{
    uint32_t size = tvb_reported_length(input->tvb), captured = tvb_captured_length(input->tvb);
    const uint8_t *octets = captured > 0 ? tvb_get_ptr(input->tvb, 0, (int)captured) : NULL;
    struct kept_piece *kept = wmem_new0(wmem_file_scope(), struct kept_piece);
    struct fecho_piece *piece = &kept->piece;
    struct half *half;

    piece->sender = find_sender(connection, pinfo, octets, captured);
    half = &connection->halves[piece->sender == ECHO_FROM_SERVER];
    piece->at = place_of(connection, half, input);
    piece->kind = find_kind(connection, half, piece, input, octets, captured, payload_max);
    if (piece->kind == FECHO_WAITS)
        return piece;
    if (piece->kind == FECHO_PLAIN_OCTETS) {
        add_plain(connection, pinfo, piece, input->tvb);
        half->read = piece->at + size;
    } else {
        piece->skipped = skip(half, piece, octets, captured, size, payload_max);
        half->read = piece->at + piece->skipped;
        end_frame(half, piece, size, pinfo);
    }
    /* A piece of a TLS stream that begins with a frame says nothing that is not known later. */
    if (!input->is_tls || piece->kind == FECHO_PLAIN_OCTETS || piece->skipped > 0) {
        kept->key = key_of(pinfo, input, 0);
        wmem_map_insert(connection->pieces, &kept->key, kept);
        count_kept(pinfo, input);
    }
    return piece;
}

const struct fecho_piece *fecho_piece_of(struct fecho_connection *connection, packet_info *pinfo,
                                         const struct fecho_input *input, uint32_t payload_max)
{
    const struct kept_piece *kept;
    struct fecho_piece *piece;
    bool is_client;
    uint64_t key;

    if (!PINFO_FD_VISITED(pinfo))
        return follow(connection, pinfo, input, payload_max);
    key = key_of(pinfo, input, 0);
    kept = wmem_map_lookup(connection->pieces, &key);
    if (kept)
        count_kept(pinfo, input);
    if (kept || !input->is_tls)
        return kept ? &kept->piece : NULL;
    piece = wmem_new0(pinfo->pool, struct fecho_piece);
    is_client = connection->first_is_client == is_from_first(connection, pinfo);
    piece->kind = FECHO_FRAMES;
    piece->sender = is_client ? ECHO_FROM_CLIENT : ECHO_FROM_SERVER;
    return piece;
}

/* frames ------------------------------------------------------------------------------------- */

/* The head of a frame as far as it was captured. Returns how many octets of it were. */
static uint32_t read_head(struct echo_head *head, tvbuff_t *tvb, int offset)
{
    uint8_t octets[ECHO_HEAD_MAX];
    int captured = tvb_captured_length_remaining(tvb, offset);
    uint32_t size = captured < 0 ? 0 : (uint32_t)captured;

    if (size > sizeof octets)
        size = sizeof octets;
    if (size > 0)
        tvb_memcpy(tvb, octets, offset, size);
    echo_head_read(head, octets, size);
    if (size > ECHO_HEADER_SIZE && size > echo_head_size(head->flags))
        size = (uint32_t)echo_head_size(head->flags);
    return size;
}

/* Judge a head, as far as it was captured. */
static enum echo_field judge(const struct echo_head *head, uint32_t captured,
                             enum echo_sender sender, uint32_t payload_max)
{
    const struct echo_rules rules = { sender, payload_max };
    enum echo_field field = ECHO_FIELD_NONE;

    echo_head_check(head, &rules, &field);
    return field < captured ? field : ECHO_FIELD_NONE;
}

uint32_t fecho_frame_size(tvbuff_t *tvb, int offset, enum echo_sender sender, uint32_t payload_max,
                          bool *is_whole)
{
    int reported = tvb_reported_length_remaining(tvb, offset), captured;
    uint32_t rest = reported < (int)ECHO_HEADER_SIZE ? ECHO_HEADER_SIZE : (uint32_t)reported;
    struct echo_head head;
    uint32_t size = read_head(&head, tvb, offset);
    enum echo_field fault = judge(&head, size, sender, payload_max);

    *is_whole = false;
    if (fault == ECHO_FIELD_LENGTH || size < ECHO_FIELD_CHECKSUM)
        return rest;
    if (fault > ECHO_FIELD_VERSION) {
        *is_whole = echo_frame_size(&head) <= (uint32_t)reported;
        return *is_whole || head.length <= REASSEMBLED_MAX ? (uint32_t)echo_frame_size(&head)
                                                           : rest;
    }
    *is_whole = true;
    captured = tvb_captured_length_remaining(tvb, offset) - (int)ECHO_HEADER_SIZE;
    if (captured <= 0)
        return rest;
    reported = (int)find_frame(tvb_get_ptr(tvb, offset + (int)ECHO_HEADER_SIZE, captured),
                               (uint32_t)captured, sender, payload_max);
    return reported < captured ? (uint32_t)reported + ECHO_HEADER_SIZE : rest;
}

static unsigned fault_of(enum echo_field field)
{
    switch (field) {
    case ECHO_FIELD_MAGIC:
        return FECHO_BAD_MAGIC;
    case ECHO_FIELD_VERSION:
        return FECHO_BAD_VERSION;
    case ECHO_FIELD_TYPE:
        return FECHO_BAD_TYPE;
    case ECHO_FIELD_FLAGS:
        return FECHO_BAD_FLAGS;
    case ECHO_FIELD_CODE:
        return FECHO_BAD_CODE;
    case ECHO_FIELD_LENGTH:
        return FECHO_TOO_LARGE;
    case ECHO_FIELD_CHECKSUM:
        return FECHO_BAD_CHECKSUM;
    default:
        return 0;
    }
}

/* Read a frame that was not seen before. */
static struct fecho_message *read_message(tvbuff_t *tvb, const struct fecho_place *place,
                                          enum echo_sender sender, bool is_last,
                                          uint32_t payload_max)
{
    struct fecho_message *message = wmem_new0(wmem_file_scope(), struct fecho_message);
    uint32_t captured = tvb_captured_length(tvb);
    uint32_t whole;

    message->head_captured = read_head(&message->head, tvb, 0);
    message->fault_field = judge(&message->head, message->head_captured, sender, payload_max);
    message->faults = fault_of(message->fault_field);
    message->from_server = sender == ECHO_FROM_SERVER;
    message->is_whole = place->is_whole;
    if (message->fault_field <= ECHO_FIELD_VERSION || message->fault_field == ECHO_FIELD_LENGTH)
        return message;
    whole = (uint32_t)echo_head_size(message->head.flags);
    if (captured > whole) {
        tvbuff_t *payload = tvb_new_subset_length(tvb, (int)whole, (int)(captured - whole));

        message->captured = captured - whole;
        message->checksum = fecho_checksum(payload, message->captured);
    }
    /* Not what goes on in the next segment: that is only not put together. */
    if (captured < place->there || (is_last && !place->is_whole))
        message->faults |= FECHO_TRUNCATED;
    else if (place->is_whole && message->head.flags & ECHO_FLAG_CRC &&
             message->checksum != message->head.checksum)
        message->faults |= FECHO_BAD_CHECKSUM;
    return message;
}

/* Where the next frame is to begin. */
static void expect(struct half *half, struct fecho_message *message, uint32_t size)
{
    half->read = message->at + size;
    if (half->is_synced && message->at < half->frame)
        return; /* captured late */
    half->frame = message->at;
    half->open = NULL;
    half->is_synced = message->head_captured >= ECHO_FIELD_CHECKSUM;
    if (message->fault_field <= ECHO_FIELD_VERSION) {
        half->expected = message->at + size;
        half->is_synced = false;
    } else if (half->is_synced) {
        half->expected = message->at + echo_frame_size(&message->head);
        half->open = message->is_whole ? NULL : message;
    }
}

static void match(struct fecho_connection *connection, packet_info *pinfo,
                  struct fecho_message *message, tvbuff_t *tvb)
{
    uint32_t head = (uint32_t)echo_head_size(message->head.flags);
    tvbuff_t *payload = NULL;

    if (message->head_captured < ECHO_FIELD_LENGTH)
        return; /* the id was not captured */
    if (!message->from_server) {
        fecho_exchanges_ask(connection->exchanges, message, pinfo->num, &pinfo->abs_ts);
        return;
    }
    if (message->fault_field < ECHO_FIELD_CHECKSUM) {   /* ECHO_FIELD_NONE is beyond all of them */
        fecho_exchanges_unalign(connection->exchanges); /* nothing that answers */
        return;
    }
    if (message->captured > 0)
        payload = tvb_new_subset_length(tvb, (int)head, (int)message->captured);
    fecho_exchanges_answer(connection->exchanges, message, payload, pinfo->num, &pinfo->abs_ts);
}

const struct fecho_message *fecho_message_of(struct fecho_connection *connection,
                                             packet_info *pinfo, const struct fecho_input *input,
                                             const struct fecho_piece *piece,
                                             const struct fecho_place *place, tvbuff_t *tvb,
                                             uint32_t payload_max)
{
    struct half *half = &connection->halves[piece->sender == ECHO_FROM_SERVER];
    uint64_t at = piece->at + place->offset, key = key_of(pinfo, input, place->offset);
    struct kept_message *kept;

    count_kept(pinfo, input);
    if (PINFO_FD_VISITED(pinfo)) {
        kept = wmem_map_lookup(connection->messages, &key);
        return kept ? kept->message : NULL;
    }
    kept = wmem_new0(wmem_file_scope(), struct kept_message);
    kept->key = key;
    kept->message = wmem_map_lookup(half->frames, &at);
    if (!kept->message) {
        kept->message = read_message(tvb, place, piece->sender, input->is_last, payload_max);
        kept->message->at = at;
        kept->message->first_in = pinfo->num;
        wmem_map_insert(half->frames, &kept->message->at, kept->message);
        expect(half, kept->message, tvb_reported_length(tvb));
        match(connection, pinfo, kept->message, tvb);
    }
    wmem_map_insert(connection->messages, &kept->key, kept);
    return kept->message;
}

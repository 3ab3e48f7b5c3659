/* exchanges.c
 * Which answer belongs to which request.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "exchanges.h"

#include "echo_crc32c.h"

/* So many requests with the same id are tried for an answer. More are on their way only where a client
 * does what specification.md 3 says it should not. */
#define CANDIDATES_MAX 64U

struct fecho_exchanges {
    wmem_map_t *by_id;    /* uint64_t -> the oldest exchange with this id that has no answer */
    wmem_map_t *by_place; /* uint64_t -> the good exchange there that has no answer */
    struct fecho_exchange *oldest, *newest; /* those that may still get one in their turn */
    bool is_aligned;                        /* is known: */
    uint64_t shift;                         /* the request's place minus its answer's */
    /* The last pair, by the places of both in their streams. */
    uint64_t paired_request, paired_answer;
};

struct fecho_exchanges *fecho_exchanges_new(void)
{
    struct fecho_exchanges *exchanges = wmem_new0(wmem_file_scope(), struct fecho_exchanges);

    exchanges->by_id = wmem_map_new(wmem_file_scope(), wmem_int64_hash, g_int64_equal);
    exchanges->by_place = wmem_map_new(wmem_file_scope(), wmem_int64_hash, g_int64_equal);
    return exchanges;
}

void fecho_exchanges_align(struct fecho_exchanges *exchanges)
{
    exchanges->is_aligned = true;
    exchanges->shift = 0;
}

void fecho_exchanges_unalign(struct fecho_exchanges *exchanges)
{
    exchanges->is_aligned = false;
}

uint32_t fecho_checksum(tvbuff_t *tvb, uint32_t size)
{
    return size > 0 ? echo_crc32c(0, tvb_get_ptr(tvb, 0, (int)size), size) : 0;
}

/* Into the queue, by the place in the stream: requests may be captured in another order. */
static void enqueue(struct fecho_exchanges *exchanges, struct fecho_exchange *exchange)
{
    struct fecho_exchange *older = exchanges->newest;

    while (older && older->at > exchange->at)
        older = older->older;
    exchange->older = older;
    exchange->newer = older ? older->newer : exchanges->oldest;
    if (exchange->older)
        exchange->older->newer = exchange;
    else
        exchanges->oldest = exchange;
    if (exchange->newer)
        exchange->newer->older = exchange;
    else
        exchanges->newest = exchange;
    exchange->is_queued = true;
}

static void dequeue(struct fecho_exchanges *exchanges, struct fecho_exchange *exchange)
{
    if (!exchange->is_queued)
        return;
    if (exchange->older)
        exchange->older->newer = exchange->newer;
    else
        exchanges->oldest = exchange->newer;
    if (exchange->newer)
        exchange->newer->older = exchange->older;
    else
        exchanges->newest = exchange->older;
    exchange->is_queued = false;
}

/* Returns whether there was one with this id already. */
static bool add_by_id(struct fecho_exchanges *exchanges, struct fecho_exchange *exchange)
{
    struct fecho_exchange *first = wmem_map_lookup(exchanges->by_id, &exchange->request.id);
    struct fecho_exchange *before = first;

    if (!first || first->at > exchange->at) {
        exchange->same_id = first;
        /* The key lies in the exchange: it must be that of the exchange in the map. */
        if (first)
            wmem_map_remove(exchanges->by_id, &first->request.id);
        wmem_map_insert(exchanges->by_id, &exchange->request.id, exchange);
        return first != NULL;
    }
    while (before->same_id && before->same_id->at < exchange->at)
        before = before->same_id;
    exchange->same_id = before->same_id;
    before->same_id = exchange;
    return true;
}

static void remove_by_id(struct fecho_exchanges *exchanges, struct fecho_exchange *exchange)
{
    struct fecho_exchange *before = wmem_map_lookup(exchanges->by_id, &exchange->request.id);

    if (before == exchange) {
        wmem_map_remove(exchanges->by_id, &exchange->request.id);
        if (exchange->same_id)
            wmem_map_insert(exchanges->by_id, &exchange->same_id->request.id, exchange->same_id);
        return;
    }
    while (before && before->same_id != exchange)
        before = before->same_id;
    if (before)
        before->same_id = exchange->same_id;
}

/* Is any exchange with this id still to be answered in its turn? */
static bool is_waiting(const struct fecho_exchanges *exchanges, uint64_t id)
{
    const struct fecho_exchange *exchange = wmem_map_lookup(exchanges->by_id, &id);

    for (unsigned i = 0; exchange && i < CANDIDATES_MAX; i++, exchange = exchange->same_id)
        if (exchange->is_queued && !exchange->is_bad)
            return true;
    return false;
}

void fecho_exchanges_ask(struct fecho_exchanges *exchanges, struct fecho_message *message,
                         uint32_t frame, const nstime_t *when)
{
    struct fecho_exchange *exchange = wmem_new0(wmem_file_scope(), struct fecho_exchange);

    exchange->request = message->head;
    exchange->at = message->at;
    exchange->head_captured = message->head_captured;
    exchange->captured = message->captured;
    exchange->checksum = message->checksum;
    exchange->asked_in = frame;
    exchange->asked_at = *when;
    exchange->asked_whole = message->is_whole;
    exchange->is_bad = message->fault_field != ECHO_FIELD_NONE;
    /* Where nobody knows where the id stands, the ERROR has none (specification.md 8). */
    if (message->fault_field < ECHO_FIELD_TYPE)
        exchange->request.id = 0;
    exchange->limit =
        exchange->at < exchanges->paired_request ? exchanges->paired_answer : UINT64_MAX;
    if (!exchange->is_bad && is_waiting(exchanges, exchange->request.id))
        message->faults |= FECHO_DUPLICATE_ID;
    enqueue(exchanges, exchange);
    add_by_id(exchanges, exchange);
    if (!exchange->is_bad)
        wmem_map_insert(exchanges->by_place, &exchange->at, exchange);
    message->exchange = exchange;
}

/* Is the payload the request's, as far as both were captured? A shorter part of it says nothing. */
static bool has_other_payload(const struct fecho_exchange *exchange,
                              const struct fecho_message *answer, tvbuff_t *payload)
{
    if (exchange->request.length != answer->head.length || exchange->captured > answer->captured)
        return false;
    if (exchange->captured == answer->captured)
        return exchange->checksum != answer->checksum;
    return payload && exchange->checksum != fecho_checksum(payload, exchange->captured);
}

static unsigned mismatch(const struct fecho_exchange *exchange, const struct fecho_message *answer,
                         tvbuff_t *payload)
{
    struct echo_head asked = exchange->request, answered = answer->head;
    uint32_t captured = answer->head_captured;
    unsigned faults = 0;

    if (captured > exchange->head_captured)
        captured = exchange->head_captured;
    if (captured < ECHO_HEADER_SIZE)
        return 0;
    if (captured < ECHO_FIELD_SERVER_RECEIVED)
        asked.client_sent = answered.client_sent = 0;
    if (echo_answer_mismatch(&asked, &answered) != ECHO_FIELD_NONE)
        faults |= FECHO_ANSWER_MISMATCH;
    if (has_other_payload(exchange, answer, payload))
        faults |= FECHO_PAYLOAD_MISMATCH;
    return faults;
}

/* The oldest request that the answer fits to; where it fits to none, the oldest with its id. */
static struct fecho_exchange *find_by_id(struct fecho_exchanges *exchanges,
                                         const struct fecho_message *answer, tvbuff_t *payload)
{
    struct fecho_exchange *exchange = wmem_map_lookup(exchanges->by_id, &answer->head.id);
    struct fecho_exchange *oldest = NULL;

    for (unsigned i = 0; exchange && i < CANDIDATES_MAX; i++, exchange = exchange->same_id) {
        if (exchange->is_bad || exchange->limit <= answer->at)
            continue;
        if (mismatch(exchange, answer, payload) == 0)
            return exchange;
        if (!oldest)
            oldest = exchange;
    }
    return oldest;
}

/* A request that has another id than the answer in its place shows a server that does not keep the order.
 * Where there is no request it was not captured, and those elsewhere are not what is answered. */
static struct fecho_exchange *find_request(struct fecho_exchanges *exchanges,
                                           struct fecho_message *answer, tvbuff_t *payload)
{
    uint64_t place = answer->at + exchanges->shift;
    struct fecho_exchange *exchange = NULL;

    if (exchanges->is_aligned)
        exchange = wmem_map_lookup(exchanges->by_place, &place);
    if (exchange ? exchange->request.id != answer->head.id : !exchanges->is_aligned)
        exchange = find_by_id(exchanges, answer, payload);
    if (exchange)
        answer->faults |= mismatch(exchange, answer, payload);
    return exchange;
}

/* The request that an ERROR answers: a bad one with its id, else any with it; 0 is no id. */
static struct fecho_exchange *find_refused(struct fecho_exchanges *exchanges,
                                           const struct fecho_message *error)
{
    struct fecho_exchange *exchange = wmem_map_lookup(exchanges->by_id, &error->head.id);
    struct fecho_exchange *oldest = NULL;

    for (unsigned i = 0; exchange && i < CANDIDATES_MAX; i++, exchange = exchange->same_id) {
        if (exchange->limit <= error->at)
            continue;
        if (exchange->is_bad)
            return exchange;
        if (!oldest)
            oldest = exchange;
    }
    return error->head.id != 0 ? oldest : NULL;
}

/* Answers come in the order of the requests: those before this one get none any more, but from what lies
 * before this answer in the stream and was captured late. */
static void pair(struct fecho_exchanges *exchanges, struct fecho_exchange *exchange, uint64_t at)
{
    while (exchanges->oldest && exchanges->oldest->at < exchange->at) {
        struct fecho_exchange *passed = exchanges->oldest;

        if (passed->limit > at)
            passed->limit = at;
        dequeue(exchanges, passed);
    }
    dequeue(exchanges, exchange);
    remove_by_id(exchanges, exchange);
    if (!exchange->is_bad)
        wmem_map_remove(exchanges->by_place, &exchange->at);
    if (exchange->at >= exchanges->paired_request) {
        exchanges->paired_request = exchange->at;
        exchanges->paired_answer = at;
    }
}

void fecho_exchanges_answer(struct fecho_exchanges *exchanges, struct fecho_message *message,
                            tvbuff_t *payload, uint32_t frame, const nstime_t *when)
{
    bool is_error = message->head.type == ECHO_ERROR;
    struct fecho_exchange *exchange =
        is_error ? find_refused(exchanges, message) : find_request(exchanges, message, payload);

    message->exchange = exchange;
    if (!exchange) {
        /* An ERROR need not answer a frame; or answers one that never was whole. */
        if (!is_error || (message->head.id != 0 && message->head.code != ECHO_TIMED_OUT))
            message->faults |= FECHO_UNEXPECTED_REPLY;
        return;
    }
    message->answers_in = exchange->asked_in;
    exchange->answered_in = frame;
    exchange->answered_at = *when;
    exchange->answered_whole = message->is_whole;
    pair(exchanges, exchange, message->at);
    if (!is_error && message->head_captured >= ECHO_FIELD_CHECKSUM &&
        exchange->head_captured >= ECHO_FIELD_CHECKSUM) {
        exchanges->is_aligned = true;
        exchanges->shift = exchange->at + echo_frame_size(&exchange->request) - message->at -
                           echo_frame_size(&message->head);
    }
}

void fecho_exchanges_end(struct fecho_message *message, uint32_t frame, const nstime_t *when)
{
    struct fecho_exchange *exchange = message->exchange;

    if (exchange && message->from_server) {
        exchange->answered_in = frame;
        exchange->answered_at = *when;
        exchange->answered_whole = true;
    } else if (exchange) {
        exchange->asked_in = frame;
        exchange->asked_at = *when;
        exchange->asked_whole = true;
    }
}

struct fecho_times fecho_message_times(const struct fecho_message *message)
{
    const struct fecho_exchange *exchange = message->exchange;
    const struct echo_head *head = &message->head;
    struct fecho_times times = { 0 };
    bool is_answer = message->from_server && head->type != ECHO_ERROR;

    if (message->from_server && exchange && exchange->asked_whole && exchange->answered_whole) {
        nstime_delta(&times.rtt, &exchange->answered_at, &exchange->asked_at);
        times.has_rtt = true;
    }
    if (!is_answer || !(head->flags & ECHO_FLAG_TIMES) || message->head_captured < ECHO_HEAD_MAX ||
        head->server_received == 0 || head->server_sent < head->server_received)
        return times;
    times.server_time.secs = (time_t)((head->server_sent - head->server_received) / 1000000000);
    times.server_time.nsecs = (int)((head->server_sent - head->server_received) % 1000000000);
    if (times.has_rtt && nstime_cmp(&times.server_time, &times.rtt) > 0)
        return times;
    times.has_server_time = true;
    if (times.has_rtt) {
        nstime_delta(&times.network_time, &times.rtt, &times.server_time);
        times.has_network_time = true;
    }
    return times;
}

unsigned fecho_message_faults(const struct fecho_message *message, bool is_final)
{
    const struct fecho_exchange *exchange = message->exchange;

    if (!is_final || message->from_server || !exchange || exchange->answered_in != 0 ||
        exchange->is_bad)
        return message->faults;
    /* A server that was asked to reset does that and says nothing. */
    if (message->head.type == ECHO_GOODBYE &&
        echo_goodbye_how(message->head.code) == ECHO_CLOSE_RESET)
        return message->faults;
    return message->faults | FECHO_UNANSWERED;
}

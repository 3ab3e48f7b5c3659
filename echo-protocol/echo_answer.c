/* echo_answer.c
 * The server's half of the protocol: a run of requests becomes the run of their replies, in place.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "echo_answer.h"
#include "echo_bytes.h"
#include "echo_crc32c.h"

/* The first eight octets of a good REQUEST but for its flags: a server's time goes into its
 * requests one by one, and this is all there is to see in nearly each of them. */
#define REQUEST_BEGIN \
    ((uint64_t)ECHO_MAGIC << 48 | (uint64_t)ECHO_VERSION << 40 | (uint64_t)ECHO_REQUEST << 32)
#define REQUEST_FLAGS ((uint64_t)ECHO_FLAGS_KNOWN << 16)

/* What the answering of a frame needs to know of it. */
struct frame {
    size_t head_size;
    uint32_t length;
    uint32_t checksum;
    uint16_t flags;
};

/* Is this a header of a REQUEST that echo_head_check() finds good? */
static inline bool read_request(struct frame *frame, const uint8_t *bytes, uint32_t payload_max)
{
    if ((get64(bytes) & ~REQUEST_FLAGS) != REQUEST_BEGIN)
        return false;
    frame->flags = get16(bytes + ECHO_FIELD_FLAGS);
    frame->head_size = echo_head_size(frame->flags);
    frame->length = get32(bytes + ECHO_FIELD_LENGTH);
    frame->checksum = get32(bytes + ECHO_FIELD_CHECKSUM);
    return frame->length <= payload_max && (frame->flags & ECHO_FLAG_CRC || frame->checksum == 0);
}

static enum echo_stop stop_for_more(struct echo_batch *batch, uint64_t missing)
{
    batch->missing = missing;
    return ECHO_STOP_MORE;
}

/* Whatever is no good request: a GOODBYE, a bad head or a part of one. */
static enum echo_stop stop_at(const uint8_t *bytes, size_t size, const struct echo_service *service,
                              struct echo_batch *batch)
{
    const struct echo_rules rules = { ECHO_FROM_CLIENT, service->payload_max };

    switch (echo_parse(bytes, size, &rules, &batch->front)) {
    case ECHO_INCOMPLETE:
        return stop_for_more(batch, batch->front.missing);
    case ECHO_MALFORMED:
        return ECHO_STOP_ERROR;
    case ECHO_COMPLETE:
        break;
    }
    return ECHO_STOP_GOODBYE;
}

/* Look at a frame that must be whole because its checksum counts.
 * Returns whether it is whole and right; if not, *stop says how the batch ends. */
static bool is_intact(const uint8_t *bytes, size_t size, const struct frame *frame,
                      struct echo_batch *batch, enum echo_stop *stop)
{
    uint64_t whole = (uint64_t)frame->head_size + frame->length;

    if (size < whole) {
        *stop = stop_for_more(batch, whole - size);
        return false;
    }
    if (echo_crc32c(0, bytes + frame->head_size, frame->length) == frame->checksum)
        return true;
    echo_head_read(&batch->front.head, bytes, size);
    batch->front.error = ECHO_BAD_CHECKSUM;
    batch->front.field = ECHO_FIELD_CHECKSUM;
    batch->front.error_id = batch->front.head.id;
    *stop = ECHO_STOP_ERROR;
    return false;
}

/* A GOODBYE may have a checksum too. */
static enum echo_stop check_goodbye(const uint8_t *bytes, size_t size,
                                    const struct echo_service *service, struct echo_batch *batch)
{
    const struct echo_head *head = &batch->front.head;
    struct frame frame = { batch->front.size, head->length, head->checksum, head->flags };
    enum echo_stop stop = ECHO_STOP_GOODBYE;

    if (service->check_crc && head->flags & ECHO_FLAG_CRC &&
        !is_intact(bytes, size, &frame, batch, &stop) && stop == ECHO_STOP_ERROR)
        batch->front.size = 0;
    return stop;
}

/* Answer the frame at the front; how the batch ends if it does. */
static inline enum echo_stop answer_frame(struct echo_answering *answering, uint8_t *bytes,
                                          size_t size, uint64_t received,
                                          const struct echo_service *service,
                                          struct echo_batch *batch)
{
    enum echo_stop stop;
    struct frame frame;

    if (size < ECHO_HEADER_SIZE || !read_request(&frame, bytes, service->payload_max)) {
        stop = stop_at(bytes, size, service, batch);
        return stop == ECHO_STOP_GOODBYE ? check_goodbye(bytes, size, service, batch) : stop;
    }
    if (size < frame.head_size)
        return stop_for_more(batch, frame.head_size - size);
    if (service->check_crc && frame.flags & ECHO_FLAG_CRC &&
        !is_intact(bytes, size, &frame, batch, &stop))
        return stop;

    bytes[ECHO_FIELD_TYPE] = ECHO_REPLY;
    if (frame.flags & ECHO_FLAG_TIMES) {
        put64(bytes + ECHO_FIELD_SERVER_RECEIVED, received);
        put64(bytes + ECHO_FIELD_SERVER_SENT, 0);
        if (batch->timed == SIZE_MAX)
            batch->timed = batch->ready;
    }
    batch->frames++;
    batch->ready += frame.head_size;
    answering->payload_left = frame.length;
    return ECHO_STOP_END;
}

enum echo_stop echo_answer(struct echo_answering *answering, uint8_t *bytes, size_t size,
                           uint64_t received, const struct echo_service *service,
                           struct echo_batch *batch)
{
    *batch = (struct echo_batch){ .timed = SIZE_MAX, .front.field = ECHO_FIELD_NONE };
    do {
        size_t there = size - batch->ready;

        if (there >= answering->payload_left)
            there = (size_t)answering->payload_left;
        batch->ready += there;
        answering->payload_left -= there;
        if (batch->ready == size)
            break;
        batch->stop = answer_frame(answering, bytes + batch->ready, size - batch->ready, received,
                                   service, batch);
    } while (batch->stop == ECHO_STOP_END);
    if (batch->timed == SIZE_MAX)
        batch->timed = batch->ready;
    return batch->stop;
}

void echo_stamp_sent(uint8_t *bytes, const struct echo_batch *batch, uint64_t sent)
{
    uint64_t at = batch->timed;

    while (at < batch->ready) {
        uint8_t *head = bytes + at;
        uint16_t flags = get16(head + ECHO_FIELD_FLAGS);

        if (flags & ECHO_FLAG_TIMES)
            put64(head + ECHO_FIELD_SERVER_SENT, sent);
        at += echo_head_size(flags) + (uint64_t)get32(head + ECHO_FIELD_LENGTH);
    }
}

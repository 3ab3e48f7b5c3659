/* plain.c
 * Plain echo: which of the client's octets the server's are.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "plain.h"

#include <string.h>

#include "exchanges.h"

/* So many lines of the client's are tried to find out which one the server sends back. */
#define CHUNKS_MAX 1024U
/* Octets that have not come back when so many after them have will not: the window is not larger. */
#define WINDOW_MAX ((uint64_t)1 << 30)

struct fecho_plain_stream {
    struct fecho_chunk *first, *last; /* that were sent and have not come back whole */
    bool is_aligned;                  /* the next one is known: */
    uint64_t shift;                   /* client's place minus server's */
    uint64_t client_end, server_end;  /* behind the last octet that was seen */
};

struct fecho_plain_stream *fecho_plain_stream_new(bool is_aligned)
{
    struct fecho_plain_stream *stream = wmem_new0(wmem_file_scope(), struct fecho_plain_stream);

    stream->is_aligned = is_aligned;
    return stream;
}

static void add_chunk(struct fecho_plain_stream *stream, struct fecho_chunk *chunk)
{
    struct fecho_chunk **link = &stream->first;

    if (stream->last && stream->last->at < chunk->at)
        link = &stream->last->next;
    while (*link && (*link)->at < chunk->at)
        link = &(*link)->next;
    chunk->next = *link;
    *link = chunk;
    if (!chunk->next)
        stream->last = chunk;
}

static void remove_chunk(struct fecho_plain_stream *stream, struct fecho_chunk *chunk)
{
    struct fecho_chunk *before = NULL;

    for (struct fecho_chunk *each = stream->first; each != chunk; each = each->next)
        before = each;
    if (before)
        before->next = chunk->next;
    else
        stream->first = chunk->next;
    if (stream->last == chunk)
        stream->last = before;
    wmem_free(wmem_file_scope(), chunk->octets);
    chunk->octets = NULL;
}

static bool is_known(const struct fecho_plain_stream *stream, uint64_t at)
{
    for (const struct fecho_chunk *chunk = stream->first; chunk; chunk = chunk->next)
        if (chunk->at == at)
            return true;
    return false;
}

static void ask(struct fecho_plain_stream *stream, struct fecho_plain *plain, tvbuff_t *tvb,
                uint64_t at, uint32_t frame, const nstime_t *when)
{
    uint32_t size = tvb_reported_length(tvb), captured = tvb_captured_length(tvb), old = 0;
    struct fecho_chunk *chunk;

    /* What was sent before; but what was captured late begins where nothing is known. */
    if (at < stream->client_end) {
        uint64_t seen = stream->client_end - at;

        if (seen >= size && is_known(stream, at))
            return;
        old = seen < size ? (uint32_t)seen : 0;
    }
    chunk = wmem_new0(wmem_file_scope(), struct fecho_chunk);
    chunk->at = at + old;
    chunk->size = size - old;
    chunk->captured = captured > old ? captured - old : 0;
    if (chunk->captured > 0)
        chunk->octets = tvb_memdup(wmem_file_scope(), tvb, (int)old, chunk->captured);
    chunk->asked_in = frame;
    chunk->asked_at = *when;
    add_chunk(stream, chunk);
    if (stream->client_end < at + size)
        stream->client_end = at + size;
    plain->asks = chunk;
}

/* Do the client's octets go on like this, from the first one of a chunk on? */
static bool is_run(const struct fecho_chunk *chunk, const uint8_t *octets, uint32_t size)
{
    while (chunk && size > 0) {
        uint32_t part = chunk->captured < size ? chunk->captured : size;

        if (part == 0 || memcmp(chunk->octets, octets, part) != 0)
            return false;
        octets += part;
        size -= part;
        if (size > 0 &&
            (part < chunk->size || !chunk->next || chunk->next->at != chunk->at + chunk->size))
            return false;
        chunk = chunk->next;
    }
    return size == 0;
}

/* Which of the client's octets are these? Where the beginning was not captured only lines tell: that
 * octets are equal proves nothing in the middle of frames, whose payloads are often all alike. */
static bool align(struct fecho_plain_stream *stream, const uint8_t *octets, uint32_t size,
                  uint64_t at)
{
    unsigned tried = 0;

    if (octets[size - 1] != '\n')
        return false;
    for (const struct fecho_chunk *chunk = stream->first; chunk && tried < CHUNKS_MAX;
         chunk = chunk->next, tried++) {
        if (is_run(chunk, octets, size)) {
            stream->shift = chunk->at - at;
            stream->is_aligned = true;
            return true;
        }
    }
    return false;
}

/* Note which part of a chunk came back, and whether it is what was sent. */
static void echo_part(struct fecho_plain *plain, const struct fecho_chunk *chunk, uint64_t at,
                      const uint8_t *octets, uint32_t size, uint32_t captured)
{
    struct fecho_echoed *echoed = wmem_new0(wmem_file_scope(), struct fecho_echoed);
    struct fecho_echoed **link = &plain->answers;
    uint64_t from = chunk->at > at ? chunk->at : at;
    uint64_t end = chunk->at + chunk->size < at + size ? chunk->at + chunk->size : at + size;
    uint64_t compared =
        chunk->at + chunk->captured < at + captured ? chunk->at + chunk->captured : at + captured;

    if (compared > end)
        compared = end;
    if (octets && compared > from &&
        memcmp(chunk->octets + (from - chunk->at), octets + (from - at), compared - from) != 0)
        plain->faults |= FECHO_PAYLOAD_MISMATCH;
    while (*link)
        link = &(*link)->next;
    *link = echoed;
    echoed->chunk = chunk;
    echoed->is_last = end == chunk->at + chunk->size;
}

static void answer(struct fecho_plain_stream *stream, struct fecho_plain *plain, tvbuff_t *tvb,
                   uint64_t at, uint32_t frame, const nstime_t *when)
{
    uint32_t size = tvb_reported_length(tvb), captured = tvb_captured_length(tvb);
    const uint8_t *octets = captured > 0 ? tvb_get_ptr(tvb, 0, (int)captured) : NULL;
    struct fecho_chunk *chunk = stream->first;
    uint64_t place;

    if (at < stream->server_end && at + size <= stream->server_end)
        return; /* sent again */
    stream->server_end = at + size;
    if (!stream->is_aligned && (captured == 0 || !align(stream, octets, captured, at))) {
        plain->faults |= plain->is_sure ? FECHO_UNEXPECTED_REPLY : 0U;
        return;
    }
    place = at + stream->shift;
    while (chunk && chunk->at < place + size) {
        struct fecho_chunk *next = chunk->next;

        if (chunk->at + chunk->size + WINDOW_MAX < place) {
            remove_chunk(stream, chunk);
        } else if (chunk->at + chunk->size > place) {
            echo_part(plain, chunk, place, octets, size, captured);
            if (chunk->at + chunk->size <= place + size) {
                chunk->answered_in = frame;
                chunk->answered_at = *when;
                remove_chunk(stream, chunk);
            }
        }
        chunk = next;
    }
    if (!plain->answers && plain->is_sure)
        plain->faults |= FECHO_UNEXPECTED_REPLY;
}

void fecho_plain_add(struct fecho_plain_stream *stream, struct fecho_plain *plain, tvbuff_t *tvb,
                     uint64_t at, uint32_t frame, const nstime_t *when)
{
    if (plain->from_server)
        answer(stream, plain, tvb, at, frame, when);
    else
        ask(stream, plain, tvb, at, frame, when);
}

unsigned fecho_plain_faults(const struct fecho_plain *plain, bool is_final)
{
    if (is_final && plain->is_sure && plain->asks && plain->asks->answered_in == 0)
        return plain->faults | FECHO_UNANSWERED;
    return plain->faults;
}

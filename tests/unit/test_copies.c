/* test_copies.c
 * A segment captured twice is told from one that was sent twice.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "check.h"

#include "tcp_copies.h"

#include <string.h>

#define MICROSECOND INT64_C(1000)
#define MILLISECOND (1000 * MICROSECOND)

static struct tcp_copies copies;

static struct tcp_segment at(int64_t time, uint32_t frame)
{
    return (struct tcp_segment){ .time = time, .frame = frame, .flags = TCP_ACK };
}

/* Remember a segment seen at a time, in a frame, of which something was said. */
static void remember(uint64_t fingerprint, int64_t time, uint32_t frame)
{
    struct tcp_segment segment = at(time, frame);
    struct tcp_identity identity = { .fingerprint = fingerprint };
    struct tcp_annotation note = { .seq = frame + 1000 };

    tcp_copies_remember(&copies, &identity, &segment, &note);
}

/* The frame of the first capture of a segment seen at a time; 0: there is none. */
static uint32_t find(uint64_t fingerprint, bool identified, int64_t time)
{
    struct tcp_segment segment = at(time, 9999);
    struct tcp_identity identity = { .fingerprint = fingerprint, .identified = identified };
    const struct tcp_remembered *found = tcp_copies_find(&copies, &identity, &segment);

    if (!found)
        return 0;
    CHECK_NUMBER(found->frame + 1000, found->annotation.seq);
    return found->frame;
}

static void nothing_is_remembered_at_first(void)
{
    memset(&copies, 0, sizeof copies);
    CHECK_NUMBER(0, find(0, true, 0));
    CHECK_NUMBER(0, find(1, true, 0));
    CHECK_NUMBER(0, find(UINT64_MAX, false, 0));
}

static void a_copy_is_found(void)
{
    memset(&copies, 0, sizeof copies);
    remember(77, 5 * MILLISECOND, 3);
    CHECK_NUMBER(3, find(77, true, 5 * MILLISECOND));
    CHECK_NUMBER(3, find(77, false, 5 * MILLISECOND));
    CHECK_NUMBER(3, find(77, false, 5 * MILLISECOND + 20 * MICROSECOND));
    CHECK_NUMBER(0, find(78, true, 5 * MILLISECOND));
}

/* "or comes later": an equal segment is sent again after a while. Without an identification a copy is
 * believed only at once. */
static void what_comes_later_is_no_copy(void)
{
    memset(&copies, 0, sizeof copies);
    remember(77, 0, 3);
    CHECK_NUMBER(3, find(77, true, 100 * MILLISECOND));
    CHECK_NUMBER(0, find(77, false, 100 * MILLISECOND));
    CHECK_NUMBER(0, find(77, true, 200 * MILLISECOND)); /* its sender keeps the identification */
    CHECK_NUMBER(0, find(77, true, 10000 * MILLISECOND));
}

/* A capture merged from two may go back in time. */
static void what_comes_before_is_no_copy(void)
{
    memset(&copies, 0, sizeof copies);
    remember(77, 5 * MILLISECOND, 3);
    CHECK_NUMBER(0, find(77, true, 5 * MILLISECOND - 1));
    CHECK_NUMBER(0, find(77, false, 0));
}

/* A segment captured three times is known by its first capture. */
static void finding_forgets_nothing(void)
{
    memset(&copies, 0, sizeof copies);
    remember(77, 0, 3);
    CHECK_NUMBER(3, find(77, true, 10 * MICROSECOND));
    CHECK_NUMBER(3, find(77, true, 20 * MICROSECOND));
}

static void the_latest_is_remembered(void)
{
    memset(&copies, 0, sizeof copies);
    remember(77, 0, 3);
    remember(77, 1000 * MILLISECOND, 8);
    CHECK_NUMBER(8, find(77, true, 1000 * MILLISECOND));
}

/* Fingerprints that fall into one place are told apart, and the older one gives way. */
static void many_segments(void)
{
    unsigned found = 0;

    memset(&copies, 0, sizeof copies);
    for (uint32_t frame = 1; frame <= 4 * TCP_COPIES_SLOTS; frame++)
        remember(frame * UINT64_C(0x9e3779b97f4a7c15), 0, frame);
    for (uint32_t frame = 1; frame <= 4 * TCP_COPIES_SLOTS; frame++) {
        uint32_t got = find(frame * UINT64_C(0x9e3779b97f4a7c15), true, 0);

        CHECK(got == 0 || got == frame);
        found += got != 0;
    }
    CHECK(found <= TCP_COPIES_SLOTS);
    CHECK(found > TCP_COPIES_SLOTS / 2);
}

static void times_at_the_ends_of_their_range(void)
{
    memset(&copies, 0, sizeof copies);
    remember(77, INT64_MIN / 2, 3);
    CHECK_NUMBER(0, find(77, true, INT64_MAX / 2));
    remember(77, INT64_MAX / 2, 4);
    CHECK_NUMBER(0, find(77, true, INT64_MIN / 2));
    CHECK_NUMBER(4, find(77, true, INT64_MAX / 2));
}

/* The header promises about 750 KiB. */
static void size(void)
{
    CHECK(sizeof(struct tcp_copies) > 700 * 1024);
    CHECK(sizeof(struct tcp_copies) < 800 * 1024);
}

/* --- what has neither an identification nor timestamps --- */

static const struct tcp_remembered *look(const struct tcp_identity *identity, int64_t time,
                                         uint16_t flags)
{
    struct tcp_segment segment = { .time = time, .frame = 9999, .flags = flags };

    return tcp_copies_find(&copies, identity, &segment);
}

static void see(const struct tcp_identity *identity, int64_t time, uint32_t frame, uint16_t flags)
{
    struct tcp_segment segment = { .time = time, .frame = frame, .flags = flags };
    struct tcp_annotation note = { .seq = frame + 1000 };

    tcp_copies_remember(&copies, identity, &segment, &note);
}

/* Behind a router a copy has fewer hops left; sent again, a segment has as many. */
static void a_copy_behind_a_router(void)
{
    struct tcp_identity before = { .fingerprint = 77, .hops = 64 };
    struct tcp_identity behind = { .fingerprint = 77, .hops = 63 };

    memset(&copies, 0, sizeof copies);
    see(&before, 0, 3, TCP_ACK);
    CHECK(look(&behind, 200 * MILLISECOND, TCP_ACK) != NULL);
    CHECK(look(&behind, 600 * MILLISECOND, TCP_ACK) == NULL);
}

static void sent_again_before_a_router(void)
{
    struct tcp_identity before = { .fingerprint = 77, .hops = 64 };
    struct tcp_identity behind = { .fingerprint = 77, .hops = 63 };

    memset(&copies, 0, sizeof copies);
    see(&before, 0, 3, TCP_ACK);
    CHECK(look(&behind, 20 * MILLISECOND, TCP_ACK) != NULL);
    CHECK(look(&before, 200 * MILLISECOND, TCP_ACK) == NULL); /* this is the retransmission */
    see(&before, 200 * MILLISECOND, 5, TCP_ACK);
    CHECK_NUMBER(5, look(&behind, 220 * MILLISECOND, TCP_ACK)->frame);
}

/* RFC 6298 2.1: nobody sends a SYN again so soon. */
static void a_syn_in_less_than_a_second(void)
{
    struct tcp_identity syn = { .fingerprint = 77, .hops = 64 };

    memset(&copies, 0, sizeof copies);
    see(&syn, 0, 3, TCP_SYN);
    CHECK(look(&syn, 200 * MILLISECOND, TCP_SYN) != NULL);
    CHECK(look(&syn, 1000 * MILLISECOND, TCP_SYN) == NULL);
}

/* Where what came before had a copy each, this has one too, and no more than that. */
static void a_capture_that_holds_all_twice(void)
{
    struct tcp_identity syn = { .fingerprint = 1, .hops = 64 };
    struct tcp_identity data = { .fingerprint = 2, .hops = 64 };

    memset(&copies, 0, sizeof copies);
    see(&data, 0, 1, TCP_ACK);
    CHECK(look(&data, 200 * MILLISECOND, TCP_ACK) == NULL);
    see(&syn, 300 * MILLISECOND, 2, TCP_SYN);
    see(&data, 310 * MILLISECOND, 3, TCP_ACK);
    CHECK(look(&syn, 400 * MILLISECOND, TCP_SYN) != NULL);
    CHECK(look(&data, 410 * MILLISECOND, TCP_ACK) != NULL);
    CHECK(look(&data, 510 * MILLISECOND, TCP_ACK) == NULL);
}

/* --- segmentation offload --- */

enum { MSS = 1448, INSTANT = 99 };

static uint32_t pieces_seen; /* each with another fingerprint */

static struct tcp_segment piece(unsigned first, unsigned count, int64_t time, uint32_t frame)
{
    return (struct tcp_segment){
        .time = time,
        .frame = frame,
        .flags = TCP_ACK,
        .seq = UINT32_MAX - MSS + first * MSS,
        .len = count * MSS,
    };
}

/* Pieces from the first-th on in one; id counts from the first of all, 0: IPv6. */
static const struct tcp_remembered *find_pieces(unsigned first, unsigned count, uint16_t id)
{
    struct tcp_segment segment = piece(first, count, MILLISECOND, 9999);
    struct tcp_identity identity = { 1000 + pieces_seen++, INSTANT, id, 64, true };

    return tcp_copies_find(&copies, &identity, &segment);
}

static void see_pieces(unsigned first, unsigned count, uint16_t id, uint32_t frame)
{
    struct tcp_segment segment = piece(first, count, 0, frame);
    struct tcp_identity identity = { 1000 + pieces_seen++, INSTANT, id, 64, true };
    struct tcp_annotation note = { .seq = frame + 1000 };

    CHECK(tcp_copies_find(&copies, &identity, &segment) == NULL);
    tcp_copies_remember(&copies, &identity, &segment, &note);
}

static void pieces_of_a_large_segment(void)
{
    for (uint16_t id = 0; id <= 500; id += 500) {
        memset(&copies, 0, sizeof copies);
        see_pieces(0, 3, id, 7);
        see_pieces(3, 2, id ? id + 3 : 0, 8);
        CHECK_NUMBER(7, find_pieces(0, 1, id)->frame);
        CHECK_NUMBER(7, find_pieces(1, 1, id ? id + 1 : 0)->frame);
        CHECK_NUMBER(8, find_pieces(4, 1, id ? id + 4 : 0)->frame);
        CHECK(find_pieces(5, 1, id ? id + 5 : 0) == NULL);
    }
}

static void a_large_segment_of_pieces(void)
{
    memset(&copies, 0, sizeof copies);
    for (uint16_t i = 0; i < 4; i++)
        see_pieces(i, 1, 500 + i, 7U + i);
    CHECK_NUMBER(7, find_pieces(0, 2, 500)->frame);
    CHECK(find_pieces(2, 2, 502) != NULL);
    CHECK(find_pieces(2, 3, 502) == NULL);
}

/* A later identification says that it was sent again, even in the same tick of the clock. */
static void a_piece_sent_again(void)
{
    memset(&copies, 0, sizeof copies);
    see_pieces(0, 3, 500, 7);
    CHECK(find_pieces(0, 1, 503) == NULL);
    CHECK(find_pieces(1, 1, 503) == NULL);
    CHECK(find_pieces(2, 1, 503) == NULL);
}

int main(void)
{
    RUN(nothing_is_remembered_at_first);
    RUN(a_copy_is_found);
    RUN(what_comes_later_is_no_copy);
    RUN(what_comes_before_is_no_copy);
    RUN(finding_forgets_nothing);
    RUN(the_latest_is_remembered);
    RUN(many_segments);
    RUN(times_at_the_ends_of_their_range);
    RUN(size);
    RUN(a_copy_behind_a_router);
    RUN(sent_again_before_a_router);
    RUN(a_syn_in_less_than_a_second);
    RUN(a_capture_that_holds_all_twice);
    RUN(pieces_of_a_large_segment);
    RUN(a_large_segment_of_pieces);
    RUN(a_piece_sent_again);
    return check_end();
}

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
static struct tcp_conversation conversation;

static void forget(void)
{
    memset(&copies, 0, sizeof copies);
    memset(&conversation, 0, sizeof conversation);
}

static struct tcp_segment at(int64_t time, uint32_t frame)
{
    return (struct tcp_segment){ .time = time, .frame = frame, .flags = TCP_ACK };
}

/* Remember a segment seen at a time, in a frame, of which something was said, which is kept somewhere. */
static void remember(uint64_t fingerprint, int64_t time, uint32_t frame)
{
    struct tcp_segment segment = at(time, frame);
    struct tcp_identity identity = { .fingerprint = fingerprint };

    tcp_copies_remember(&copies, &conversation, &identity, &segment, frame + 1000, frame % 8);
}

/* The frame of the first capture of a segment seen at a time; 0: there is none. */
static uint32_t find(uint64_t fingerprint, bool identified, int64_t time)
{
    struct tcp_segment segment = at(time, 999);
    struct tcp_identity identity = { .fingerprint = fingerprint, .identified = identified };
    const struct tcp_remembered *found =
        tcp_copies_find(&copies, &conversation, &identity, &segment);

    if (!found)
        return 0;
    CHECK_NUMBER(found->frame + 1000, found->number);
    CHECK_NUMBER(found->frame % 8, found->layer);
    return found->frame;
}

static void nothing_is_remembered_at_first(void)
{
    forget();
    CHECK_NUMBER(0, find(0, true, 0));
    CHECK_NUMBER(0, find(1, true, 0));
    CHECK_NUMBER(0, find(UINT64_MAX, false, 0));
}

static void a_copy_is_found(void)
{
    forget();
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
    forget();
    remember(77, 0, 3);
    CHECK_NUMBER(3, find(77, true, 100 * MILLISECOND));
    CHECK_NUMBER(0, find(77, false, 100 * MILLISECOND));
    CHECK_NUMBER(0, find(77, true, 200 * MILLISECOND)); /* its sender keeps the identification */
    CHECK_NUMBER(0, find(77, true, 10000 * MILLISECOND));
}

/* A capture merged from two may go back in time. */
static void what_comes_before_is_no_copy(void)
{
    forget();
    remember(77, 5 * MILLISECOND, 3);
    CHECK_NUMBER(0, find(77, true, 5 * MILLISECOND - 1));
    CHECK_NUMBER(0, find(77, false, 0));
}

/* A segment captured three times is known by its first capture. */
static void finding_forgets_nothing(void)
{
    forget();
    remember(77, 0, 3);
    CHECK_NUMBER(3, find(77, true, 10 * MICROSECOND));
    CHECK_NUMBER(3, find(77, true, 20 * MICROSECOND));
}

static void the_latest_is_remembered(void)
{
    forget();
    remember(77, 0, 3);
    remember(77, 1000 * MILLISECOND, 8);
    CHECK_NUMBER(8, find(77, true, 1000 * MILLISECOND));
}

/* All segments of the latest frames are remembered, whatever their fingerprints, and none that is older. */
static void many_segments(void)
{
    const uint32_t last = 5 * TCP_COPIES_FRAMES;

    for (unsigned shift = 0; shift <= 32; shift += 16) {
        unsigned found = 0;

        forget();
        for (uint32_t frame = 1; frame <= last; frame++)
            remember((uint64_t)frame << shift, 0, frame);
        for (uint32_t frame = 1; frame <= last; frame++) {
            struct tcp_segment segment = at(0, last);
            struct tcp_identity identity = { .fingerprint = (uint64_t)frame << shift };

            found += tcp_copies_find(&copies, &conversation, &identity, &segment) != NULL;
        }
        CHECK_NUMBER(TCP_COPIES_FRAMES + 1, found);
    }
}

/* What is said of one conversation does not depend on the others: the frames of others come between, or only
 * their numbers are missing. */
static void others_do_not_matter(void)
{
    for (uint32_t distance = TCP_COPIES_FRAMES - 1; distance <= TCP_COPIES_FRAMES + 1; distance++) {
        bool found[2];

        for (int alone = 0; alone < 2; alone++) {
            struct tcp_segment segment = at(0, 1 + distance);
            struct tcp_identity identity = { .fingerprint = 1 };

            forget();
            remember(1, 0, 1);
            for (uint32_t frame = 2; !alone && frame <= distance; frame++)
                remember(frame, 0, frame);
            found[alone] = tcp_copies_find(&copies, &conversation, &identity, &segment) != NULL;
        }
        CHECK(found[0] == found[1]);
        CHECK(found[0] == (distance <= TCP_COPIES_FRAMES));
    }
}

/* Thousands that are equal take no longer than others. */
static void equal_segments(void)
{
    forget();
    for (uint32_t frame = 1; frame <= 900; frame++)
        remember(77, 0, frame);
    CHECK_NUMBER(900, find(77, true, 0));
}

static void times_at_the_ends_of_their_range(void)
{
    forget();
    remember(77, INT64_MIN / 2, 3);
    CHECK_NUMBER(0, find(77, true, INT64_MAX / 2));
    remember(77, INT64_MAX / 2, 4);
    CHECK_NUMBER(0, find(77, true, INT64_MIN / 2));
    CHECK_NUMBER(4, find(77, true, INT64_MAX / 2));
}

/* The header promises about 1.1 MiB. */
static void size(void)
{
    CHECK(sizeof(struct tcp_copies) > 1075 * (size_t)1024);
    CHECK(sizeof(struct tcp_copies) < 1175 * (size_t)1024);
}

/* --- what has neither an identification nor timestamps --- */

static const struct tcp_remembered *look(const struct tcp_identity *identity, int64_t time,
                                         uint16_t flags)
{
    struct tcp_segment segment = { .time = time, .frame = 999, .flags = flags };

    return tcp_copies_find(&copies, &conversation, identity, &segment);
}

static void see(const struct tcp_identity *identity, int64_t time, uint32_t frame, uint16_t flags)
{
    struct tcp_segment segment = { .time = time, .frame = frame, .flags = flags };

    tcp_copies_remember(&copies, &conversation, identity, &segment, frame, 0);
}

/* Behind a router a copy has fewer hops left; sent again, a segment has as many. */
static void a_copy_behind_a_router(void)
{
    struct tcp_identity before = { .fingerprint = 77, .hops = 64 };
    struct tcp_identity behind = { .fingerprint = 77, .hops = 63 };

    forget();
    see(&before, 0, 3, TCP_ACK);
    CHECK(look(&behind, 200 * MILLISECOND, TCP_ACK) != NULL);
    CHECK(look(&behind, 600 * MILLISECOND, TCP_ACK) == NULL);
}

static void sent_again_before_a_router(void)
{
    struct tcp_identity before = { .fingerprint = 77, .hops = 64 };
    struct tcp_identity behind = { .fingerprint = 77, .hops = 63 };

    forget();
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

    forget();
    see(&syn, 0, 3, TCP_SYN);
    CHECK(look(&syn, 200 * MILLISECOND, TCP_SYN) != NULL);
    CHECK(look(&syn, 1000 * MILLISECOND, TCP_SYN) == NULL);
}

/* Where what came before had a copy each, this has one too, and no more than that. */
static void a_capture_that_holds_all_twice(void)
{
    struct tcp_identity syn = { .fingerprint = 1, .hops = 64 };
    struct tcp_identity data = { .fingerprint = 2, .hops = 64 };

    forget();
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
    struct tcp_segment segment = piece(first, count, MILLISECOND, 999);
    struct tcp_identity identity = { 1000 + pieces_seen++, INSTANT, id, 64, true };

    return tcp_copies_find(&copies, &conversation, &identity, &segment);
}

static void see_pieces(unsigned first, unsigned count, uint16_t id, uint32_t frame)
{
    struct tcp_segment segment = piece(first, count, 0, frame);
    struct tcp_identity identity = { 1000 + pieces_seen++, INSTANT, id, 64, true };

    CHECK(tcp_copies_find(&copies, &conversation, &identity, &segment) == NULL);
    tcp_copies_remember(&copies, &conversation, &identity, &segment, frame, 0);
}

static void pieces_of_a_large_segment(void)
{
    for (uint16_t id = 0; id <= 500; id += 500) {
        forget();
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
    forget();
    for (uint16_t i = 0; i < 4; i++)
        see_pieces(i, 1, 500 + i, 7U + i);
    CHECK_NUMBER(7, find_pieces(0, 2, 500)->frame);
    CHECK(find_pieces(2, 2, 502) != NULL);
    CHECK(find_pieces(2, 3, 502) == NULL);
}

/* A later identification says that it was sent again, even in the same tick of the clock. */
static void a_piece_sent_again(void)
{
    forget();
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
    RUN(others_do_not_matter);
    RUN(equal_segments);
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

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
    struct tcp_annotation note = { .seq = frame + 1000 };

    tcp_copies_remember(&copies, fingerprint, &segment, &note);
}

/* The frame of the first capture of a segment seen at a time; 0: there is none. */
static uint32_t find(uint64_t fingerprint, bool identified, int64_t time)
{
    struct tcp_segment segment = at(time, 9999);
    const struct tcp_remembered *found =
        tcp_copies_find(&copies, fingerprint, identified, &segment);

    if (!found)
        return 0;
    CHECK_NUMBER(found->frame + 1000, found->annotation.seq);
    CHECK_NUMBER((long long)fingerprint, (long long)found->fingerprint);
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

/* The header promises about 90 KiB. */
static void size(void)
{
    CHECK(sizeof(struct tcp_copies) > 85 * 1024);
    CHECK(sizeof(struct tcp_copies) < 95 * 1024);
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
    return check_end();
}

/* fuzz_copies.c
 * Which segment is a second capture of which: compared with a list of all that was remembered.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "check.h"
#include "fuzz.h"
#include "tcp_copies.h"

#define REMEMBERED_MAX 512
#define MILLISECOND    INT64_C(1000000)

struct entry {
    uint64_t fingerprint;
    struct tcp_segment segment;
};

static struct tcp_copies copies;
static struct tcp_conversation conversation;
static struct entry all[REMEMBERED_MAX];
static unsigned count;

/* The latest with that fingerprint; a newer one takes its place. */
static const struct entry *latest(uint64_t fingerprint)
{
    for (unsigned i = count; i > 0; i--)
        if (all[i - 1].fingerprint == fingerprint)
            return &all[i - 1];
    return NULL;
}

/* What the header promises: the very last one remembered is found, if it is not too old, and nothing
 * is found that is not the segment. */
static void look(uint64_t fingerprint, bool identified, const struct tcp_segment *segment)
{
    const struct tcp_identity identity = { .fingerprint = fingerprint, .identified = identified };
    const struct tcp_remembered *found =
        tcp_copies_find(&copies, &conversation, &identity, segment);
    const struct entry *expected = latest(fingerprint);
    int64_t limit = identified ? 500 * MILLISECOND : MILLISECOND;
    int64_t age = expected ? segment->time - expected->segment.time : -1;

    if (found) {
        if (!CHECK(expected != NULL) || !CHECK(age >= 0 && age <= 500 * MILLISECOND))
            return;
        CHECK_NUMBER(expected->segment.frame, found->frame);
        CHECK_NUMBER(expected->segment.time, found->time);
        CHECK_NUMBER(expected->segment.frame * 7, found->number);
    } else if (expected && expected == &all[count - 1]) {
        CHECK(age < 0 || age > limit);
    }
}

static void remember(uint64_t fingerprint, const struct tcp_segment *segment)
{
    const struct tcp_identity identity = { .fingerprint = fingerprint };

    if (count == REMEMBERED_MAX)
        return;
    all[count++] = (struct entry){ fingerprint, *segment };
    tcp_copies_remember(&copies, &conversation, &identity, segment, segment->frame * 7, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int64_t steps[] = { 0,  1,  MILLISECOND - 1,   MILLISECOND,      MILLISECOND + 1,
                                     -1, -5, 499 * MILLISECOND, 500 * MILLISECOND };
    struct fuzz_reader reader = { data, data + size };
    struct tcp_segment segment = { 0 };

    copies = (struct tcp_copies){ 0 };
    conversation = (struct tcp_conversation){ 0 };
    count = 0;
    while (fuzz_has_more(&reader)) {
        unsigned event = (unsigned)fuzz_take(&reader, 1);
        /* Any, or few different ones. */
        uint64_t fingerprint = fuzz_take(&reader, (event & 2) ? 8 : 1);

        segment.frame++;
        segment.time += steps[(event >> 3) % COUNT_OF(steps)];
        look(fingerprint, (event & 4) != 0, &segment);
        if (event & 1) {
            remember(fingerprint, &segment);
            look(fingerprint, (event & 4) != 0, &segment);
        }
    }
    if (check_failures() > 0)
        fuzz_give_up();
    return 0;
}

/* test_echo_crc32c.c
 * CRC-32C: the known checksums, in whatever way it is computed and however the octets are cut.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "check.h"

#include "echo_crc32c.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef uint32_t crc_function(uint32_t crc, const void *bytes, size_t size);

/* Bit by bit, from the definition: x^32 + x^28 + x^27 + x^26 + x^25 + x^23 + x^22 + x^20 + x^19 +
 * x^18 + x^14 + x^13 + x^11 + x^10 + x^9 + x^8 + x^6 + 1, least significant bit first. */
static uint32_t by_definition(uint32_t crc, const void *bytes, size_t size)
{
    const uint8_t *octets = bytes;

    crc = ~crc;
    for (size_t i = 0; i < size; i++) {
        crc ^= octets[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0x82F63B78 : crc >> 1;
    }
    return ~crc;
}

static const struct {
    const char *name;
    crc_function *crc;
} ways[] = { { "definition", by_definition },
             { "portable", echo_crc32c_portable },
             { "this processor's", echo_crc32c } };

/* RFC 3720 B.4: 32 octets of zeros, of ones, rising, falling, and a SCSI READ (10) command. Its table
 * prints the octets as they are sent, the least significant first. */
static void the_examples_of_iscsi(void)
{
    static const uint8_t read_command[48] = {
        0x01, 0xC0, [16] = 0x14, [22] = 0x04, [27] = 0x14, [31] = 0x18, [32] = 0x28, [40] = 0x02
    };
    uint8_t zeros[32], ones[32], rising[32], falling[32];

    memset(zeros, 0, sizeof zeros);
    memset(ones, 0xFF, sizeof ones);
    for (unsigned i = 0; i < 32; i++) {
        rising[i] = (uint8_t)i;
        falling[i] = (uint8_t)(31 - i);
    }
    for (unsigned i = 0; i < COUNT_OF(ways); i++) {
        check_about("%s", ways[i].name);
        CHECK_NUMBER(0x8A9136AA, ways[i].crc(0, zeros, sizeof zeros));
        CHECK_NUMBER(0x62A8AB43, ways[i].crc(0, ones, sizeof ones));
        CHECK_NUMBER(0x46DD794E, ways[i].crc(0, rising, sizeof rising));
        CHECK_NUMBER(0x113FDB5C, ways[i].crc(0, falling, sizeof falling));
        CHECK_NUMBER(0xD9963A56, ways[i].crc(0, read_command, sizeof read_command));
        CHECK_NUMBER(0xE3069283, ways[i].crc(0, "123456789", 9)); /* the usual check value */
        CHECK_NUMBER(0, ways[i].crc(0, NULL, 0));
        CHECK_NUMBER(7, ways[i].crc(7, NULL, 0));
    }
    check_about(NULL);
}

static uint8_t noise[20000];

static void make_noise(void)
{
    uint64_t state = 2333;

    for (size_t i = 0; i < sizeof noise; i++) {
        state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        noise[i] = (uint8_t)(state >> 56);
    }
}

/* Every length up to where the strings side by side have begun and ended, and some beyond; at every
 * alignment; behind something else. */
static void lengths_and_alignments(void)
{
    make_noise();
    for (size_t size = 0; size <= 800; size++) {
        for (size_t at = 0; at < 8; at += size % 3 + 1) {
            uint32_t expected = by_definition(0xDEADBEEF, noise + at, size);

            check_about("%zu octets at %zu", size, at);
            CHECK_NUMBER(expected, echo_crc32c(0xDEADBEEF, noise + at, size));
            CHECK_NUMBER(expected, echo_crc32c_portable(0xDEADBEEF, noise + at, size));
        }
    }
    for (size_t size = 3000; size < sizeof noise - 8; size += 617) {
        uint32_t expected = by_definition(0, noise + size % 8, size);

        check_about("%zu octets", size);
        CHECK_NUMBER(expected, echo_crc32c(0, noise + size % 8, size));
        CHECK_NUMBER(expected, echo_crc32c_portable(0, noise + size % 8, size));
    }
    check_about(NULL);
}

static void cut_anywhere(void)
{
    uint32_t expected;

    make_noise();
    expected = by_definition(0, noise, 4000);
    for (size_t cut = 0; cut <= 4000; cut += cut < 70 ? 1 : 61) {
        check_about("cut at %zu", cut);
        for (unsigned i = 1; i < COUNT_OF(ways); i++)
            CHECK_NUMBER(expected,
                         ways[i].crc(ways[i].crc(0, noise, cut), noise + cut, 4000 - cut));
    }
    check_about(NULL);
}

int main(void)
{
    printf("computed by: %s\n", echo_crc32c_by());
    RUN(the_examples_of_iscsi);
    RUN(lengths_and_alignments);
    RUN(cut_anywhere);
    return check_end();
}

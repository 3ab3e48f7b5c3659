/* fuzz.h
 * What a fuzz target is: one function, which libFuzzer calls with octets that it makes up, and
 * replay.c with those of files.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_FUZZ_H
#define HANDSHARK_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/** Try one input.
 *  @param data  octets, @p size of them
 *  @return 0. It does not return where something is wrong. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** End the program after a check has failed and been printed. */
static inline _Noreturn void fuzz_give_up(void)
{
    fflush(stdout);
    abort();
}

/** Octets being read; at the end they are 0. */
struct fuzz_reader {
    const uint8_t *at;
    const uint8_t *end;
};

/** @return a number of so many octets, the first of which is the highest. */
static inline uint64_t fuzz_take(struct fuzz_reader *reader, unsigned octets)
{
    uint64_t number = 0;

    while (octets-- > 0)
        number = number << 8 | (reader->at < reader->end ? *reader->at++ : 0U);
    return number;
}

/** @return whether there is more. */
static inline int fuzz_has_more(const struct fuzz_reader *reader)
{
    return reader->at < reader->end;
}

#endif

/* histogram.h
 * How often each duration was seen, at any length of run in the same memory.
 *
 * The scheme of HdrHistogram: an octave of values (from 2^n to 2^(n+1)) has the same number of
 * buckets, so that the error is relative. Own code because Debian packages HdrHistogram for Java
 * and Go only.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_ECHO_CLIENT_HISTOGRAM_H
#define HANDSHARK_ECHO_CLIENT_HISTOGRAM_H

#include <stdint.h>
#include <stdio.h>

/** 2^9 buckets an octave. */
#define HISTOGRAM_BITS 9
/** Values from 2^42 ns (73 minutes) on count as that. */
#define HISTOGRAM_VALUE_BITS 42
#define HISTOGRAM_BUCKETS    ((HISTOGRAM_VALUE_BITS - HISTOGRAM_BITS + 1) << HISTOGRAM_BITS)
/** A value read from it is at most this share of itself away from the one recorded. */
#define HISTOGRAM_ERROR (1.0 / (2 << HISTOGRAM_BITS))

/** Zeroed memory is an empty one. */
struct histogram {
    uint64_t count;
    uint64_t min, max; /**< exact; without meaning while count is 0 */
    double sum, squares;
    uint64_t buckets[HISTOGRAM_BUCKETS];
};

/** Record a value, in ns, that was seen so many times. */
void histogram_add(struct histogram *histogram, uint64_t value, uint64_t times);

/** Add all that another one holds. */
void histogram_merge(struct histogram *histogram, const struct histogram *other);

/** @param quantile  0 to 1
 *  @return the smallest value that at least this share of all does not exceed, in ns, within
 *          HISTOGRAM_ERROR; 0 for an empty one */
double histogram_quantile(const struct histogram *histogram, double quantile);

/** @return the mean of all, exact but for rounding; 0 for an empty one. */
double histogram_mean(const struct histogram *histogram);

/** Write the percentile distribution as HdrHistogram does, in microseconds.
 *  @return 0, or -1 if writing failed */
int histogram_write_hgrm(const struct histogram *histogram, FILE *file);

#endif

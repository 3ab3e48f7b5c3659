/* test_echo_histogram.c
 * The echo client's histogram against a sorted list of the same values.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "check.h"
#include "histogram.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLES 20000U

static uint64_t noise = UINT64_C(0x2545F4914F6CDD1D);

static uint64_t random_bits(void)
{
    noise ^= noise << 13;
    noise ^= noise >> 7;
    noise ^= noise << 17;
    return noise;
}

static int by_value(const void *one, const void *other)
{
    uint64_t a = *(const uint64_t *)one, b = *(const uint64_t *)other;

    return (a > b) - (a < b);
}

/* The smallest value that this share of all does not exceed. */
static uint64_t exact(const uint64_t *sorted, size_t count, double quantile)
{
    size_t rank = (size_t)ceil(quantile * (double)count);

    return sorted[rank > 0 ? rank - 1 : 0];
}

static struct histogram *make(void)
{
    return calloc(1, sizeof(struct histogram));
}

/* Values of `bits` bits, from evenly spread to heavy tails. */
static void compare(unsigned bits, bool has_tail)
{
    static const double quantiles[] = { 0, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999, 1 };
    struct histogram *whole = make(), *halves[2] = { make(), make() };
    uint64_t *values = malloc(SAMPLES * sizeof *values);

    for (size_t i = 0; i < SAMPLES; i++) {
        values[i] = random_bits() >> (64 - bits);
        if (has_tail)
            values[i] >>= random_bits() % bits;
        histogram_add(whole, values[i], 1);
        histogram_add(halves[i % 2], values[i], 1);
    }
    qsort(values, SAMPLES, sizeof *values, by_value);
    histogram_merge(halves[0], halves[1]);
    CHECK(memcmp(halves[0]->buckets, whole->buckets, sizeof whole->buckets) == 0);
    CHECK(halves[0]->min == values[0] && halves[0]->max == values[SAMPLES - 1]);
    for (size_t i = 0; i < sizeof quantiles / sizeof quantiles[0]; i++) {
        double right = (double)exact(values, SAMPLES, quantiles[i]);
        double said = histogram_quantile(whole, quantiles[i]);

        CHECK(fabs(said - right) <= right * HISTOGRAM_ERROR);
        CHECK(said == histogram_quantile(halves[0], quantiles[i]));
    }
    free(values);
    free(whole);
    free(halves[0]);
    free(halves[1]);
}

/* A value that was seen often is the same as the value often. */
static void many_times(void)
{
    struct histogram *one = make(), *other = make();

    for (unsigned i = 0; i < 30; i++) {
        uint64_t value = random_bits() >> (64 - HISTOGRAM_VALUE_BITS);

        histogram_add(one, value, i);
        for (unsigned time = 0; time < i; time++)
            histogram_add(other, value, 1);
    }
    CHECK(one->count == 435 && one->min == other->min && one->max == other->max);
    CHECK(memcmp(one->buckets, other->buckets, sizeof one->buckets) == 0);
    CHECK(fabs(histogram_mean(one) - histogram_mean(other)) < 1);
    CHECK(fabs(one->squares / other->squares - 1) < 1e-9);
    free(one);
    free(other);
}

/* Each value by itself, where the buckets change their width. */
static void every_border(void)
{
    for (unsigned bits = 0; bits <= HISTOGRAM_VALUE_BITS; bits++)
        for (int64_t off = -2; off <= 2; off++) {
            struct histogram *histogram = make();
            int64_t value = (INT64_C(1) << bits) + off;

            if (value >= 0 && value < INT64_C(1) << HISTOGRAM_VALUE_BITS) {
                histogram_add(histogram, (uint64_t)value, 1);
                histogram_add(histogram, (UINT64_C(1) << HISTOGRAM_VALUE_BITS) - 1, 1);
                histogram_add(histogram, 0, 1);
                CHECK(fabs(histogram_quantile(histogram, 0.5) - (double)value) <=
                      (double)value * HISTOGRAM_ERROR);
            }
            free(histogram);
        }
}

static void extremes(void)
{
    struct histogram *histogram = make();

    CHECK(histogram_quantile(histogram, 0.5) == 0);
    CHECK(histogram_mean(histogram) == 0);
    histogram_add(histogram, UINT64_MAX, 1);
    CHECK(histogram_quantile(histogram, 0.5) == (double)UINT64_MAX);
    histogram_add(histogram, 0, 1);
    CHECK(histogram_quantile(histogram, 0.5) == 0);
    CHECK(histogram_quantile(histogram, 1) == (double)UINT64_MAX);
    free(histogram);
}

static void quantiles(void)
{
    for (unsigned bits = 4; bits <= HISTOGRAM_VALUE_BITS; bits++) {
        check_about("%u bits", bits);
        compare(bits, false);
        compare(bits, true);
    }
    check_about(NULL);
}

int main(void)
{
    RUN(quantiles);
    RUN(many_times);
    RUN(every_border);
    RUN(extremes);
    return check_end();
}

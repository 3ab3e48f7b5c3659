/* histogram.c
 * Buckets of equal relative width.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "histogram.h"

#include <math.h>

/* Below 2 * 2^BITS a bucket holds one value; above, its width doubles with each octave. */
static unsigned bucket_of(uint64_t value)
{
    unsigned shift;

    if (value >= UINT64_C(1) << HISTOGRAM_VALUE_BITS)
        return HISTOGRAM_BUCKETS - 1;
    if (value < 2U << HISTOGRAM_BITS)
        return (unsigned)value;
    shift = 63U - (unsigned)__builtin_clzll(value) - HISTOGRAM_BITS;
    return (shift << HISTOGRAM_BITS) + (unsigned)(value >> shift);
}

/* The middle of a bucket. */
static double value_of(unsigned bucket)
{
    unsigned shift = (bucket >> HISTOGRAM_BITS) - 1;

    if (bucket < 2U << HISTOGRAM_BITS)
        return bucket;
    return ldexp((double)(bucket - (shift << HISTOGRAM_BITS)), (int)shift) +
           (ldexp(1.0, (int)shift) - 1) / 2;
}

void histogram_add(struct histogram *histogram, uint64_t value, uint64_t times)
{
    if (times == 0)
        return;
    if (histogram->count == 0 || value < histogram->min)
        histogram->min = value;
    if (value > histogram->max)
        histogram->max = value;
    histogram->count += times;
    histogram->sum += (double)value * (double)times;
    histogram->squares += (double)value * (double)value * (double)times;
    histogram->buckets[bucket_of(value)] += times;
}

void histogram_merge(struct histogram *histogram, const struct histogram *other)
{
    if (other->count == 0)
        return;
    if (histogram->count == 0 || other->min < histogram->min)
        histogram->min = other->min;
    if (other->max > histogram->max)
        histogram->max = other->max;
    histogram->count += other->count;
    histogram->sum += other->sum;
    histogram->squares += other->squares;
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
        histogram->buckets[i] += other->buckets[i];
}

/* A bucket's middle may be outside of what was seen. */
static double within(const struct histogram *histogram, double value)
{
    if (value < (double)histogram->min)
        return (double)histogram->min;
    return value > (double)histogram->max ? (double)histogram->max : value;
}

double histogram_quantile(const struct histogram *histogram, double quantile)
{
    double wanted = ceil(quantile * (double)histogram->count);
    uint64_t seen = 0;

    if (histogram->count == 0)
        return 0;
    if (wanted >= (double)histogram->count)
        return (double)histogram->max;
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += histogram->buckets[i];
        if (seen > 0 && (double)seen >= wanted)
            return within(histogram, value_of(i));
    }
    return (double)histogram->max;
}

double histogram_mean(const struct histogram *histogram)
{
    return histogram->count ? histogram->sum / (double)histogram->count : 0;
}

static double deviation(const struct histogram *histogram)
{
    double mean = histogram_mean(histogram);
    double variance =
        histogram->count ? histogram->squares / (double)histogram->count - mean * mean : 0;

    return variance > 0 ? sqrt(variance) : 0;
}

int histogram_write_hgrm(const struct histogram *histogram, FILE *file)
{
    uint64_t seen = 0;

    fprintf(file, "%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount",
            "1/(1-Percentile)");
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        double share;

        if (histogram->buckets[i] == 0)
            continue;
        seen += histogram->buckets[i];
        share = (double)seen / (double)histogram->count;
        fprintf(
            file, "%12.3f %.12f %10llu",
            (seen == histogram->count ? (double)histogram->max : within(histogram, value_of(i))) /
                1e3,
            share, (unsigned long long)seen);
        if (seen < histogram->count)
            fprintf(file, " %14.2f", 1 / (1 - share));
        fputc('\n', file);
    }
    fprintf(file, "#[Mean    = %12.3f, StdDeviation   = %12.3f]\n", histogram_mean(histogram) / 1e3,
            deviation(histogram) / 1e3);
    fprintf(file, "#[Max     = %12.3f, Total count    = %12llu]\n", (double)histogram->max / 1e3,
            (unsigned long long)histogram->count);
    fprintf(file, "#[Buckets = %12d, SubBuckets     = %12d]\n",
            HISTOGRAM_VALUE_BITS - HISTOGRAM_BITS, 2 << HISTOGRAM_BITS);
    return ferror(file) ? -1 : 0;
}

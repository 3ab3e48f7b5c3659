/* tap.c
 * Tells the listeners of the taps of each TCP layer.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tap.h"

#include <epan/tap.h>
#include <wsutil/nstime.h>

#include "packet-tcp_phase.h"
#include "part.h"

#define NANOSECONDS 1000000000

/* Listeners are called when the frame is dissected to its end: what they get lies in its memory. */
struct tapped {
    struct tapped_segment segment;
    struct tcp_annotation annotation;
};

static int segment_tap = -1, news_tap = -1;

static int64_t nanoseconds(const nstime_t *time)
{
    return (int64_t)time->secs * NANOSECONDS + time->nsecs;
}

void tap_register(void)
{
    segment_tap = register_tap(TCP_PHASE_TAP);
    news_tap = register_tap(TCP_PHASE_NEWS_TAP);
}

bool tap_has_listener(void)
{
    return have_tap_listener(segment_tap) || have_tap_listener(news_tap);
}

static struct tapped *describe(packet_info *pinfo, uint32_t stream,
                               const struct found_segment *found)
{
    struct tapped *tapped = wmem_new(pinfo->pool, struct tapped);
    struct tapped_segment *segment = &tapped->segment;

    segment->stream = tcp_phase_first_stream(stream);
    segment->frame = part_frame(pinfo->num);
    segment->time = nanoseconds(&pinfo->abs_ts);
    segment->since = nanoseconds(&pinfo->rel_ts);
    segment->annotation = NULL;
    segment->conversation = tcp_phase_conversation(stream);
    segment->is_final = PINFO_FD_VISITED(pinfo) != 0;
    copy_address_shallow(&segment->source, found ? &found->source : &pinfo->src);
    copy_address_shallow(&segment->destination, found ? &found->destination : &pinfo->dst);
    segment->source_port = found ? found->segment.source_port : (uint16_t)pinfo->srcport;
    segment->destination_port = found ? found->segment.destination_port : (uint16_t)pinfo->destport;
    return tapped;
}

static void tap_segment(packet_info *pinfo, const struct annotated_layer *layer,
                        const struct found_segment *found)
{
    struct tapped *tapped = describe(pinfo, layer->stream, found);

    tapped->annotation = layer->annotation;
    tapped->segment.annotation = &tapped->annotation;
    tap_queue_packet(segment_tap, pinfo, &tapped->segment);
    tap_queue_packet(news_tap, pinfo, &tapped->segment);
}

void tap_frame(packet_info *pinfo, const struct annotated_layer *layers, unsigned count,
               const struct found_segment *found, unsigned found_count)
{
    unsigned next = 0;

    for (unsigned i = 0; i < found_count; i++) {
        if (found[i].is_quoted)
            tap_queue_packet(news_tap, pinfo,
                             &describe(pinfo, found[i].stream, &found[i])->segment);
        else if (next < count && layers[next].stream == found[i].stream)
            tap_segment(pinfo, &layers[next++], &found[i]);
    }
    for (; next < count; next++)
        tap_segment(pinfo, &layers[next], NULL);
}

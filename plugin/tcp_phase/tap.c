/* tap.c
 * Tells the listeners of the tap "tcp_phase" of each TCP layer.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tap.h"

#include <epan/tap.h>
#include <wsutil/nstime.h>

#define NANOSECONDS 1000000000

/* Listeners are called when the frame is dissected to its end: what they get lies in its memory. */
struct tapped {
    struct tapped_segment segment;
    struct tcp_annotation annotation;
};

static int tap = -1;

static int64_t nanoseconds(const nstime_t *time)
{
    return (int64_t)time->secs * NANOSECONDS + time->nsecs;
}

int tap_register(void)
{
    tap = register_tap(TCP_PHASE_TAP);
    return tap;
}

bool tap_has_listener(void)
{
    return have_tap_listener(tap);
}

void tap_segment(packet_info *pinfo, const struct annotated_layer *layer,
                 const struct tcp_conversation *conversation, const struct found_segment *found)
{
    struct tapped *tapped = wmem_new(pinfo->pool, struct tapped);

    tapped->annotation = layer->annotation;
    tapped->segment = (struct tapped_segment){
        .stream = layer->stream,
        .frame = pinfo->num,
        .time = nanoseconds(&pinfo->abs_ts),
        .since = nanoseconds(&pinfo->rel_ts),
        .annotation = &tapped->annotation,
        .conversation = conversation,
    };
    copy_address_shallow(&tapped->segment.source, found ? &found->source : &pinfo->src);
    copy_address_shallow(&tapped->segment.destination, found ? &found->destination : &pinfo->dst);
    tapped->segment.source_port = found ? found->segment.source_port : (uint16_t)pinfo->srcport;
    tapped->segment.destination_port =
        found ? found->segment.destination_port : (uint16_t)pinfo->destport;
    tap_queue_packet(tap, pinfo, &tapped->segment);
}

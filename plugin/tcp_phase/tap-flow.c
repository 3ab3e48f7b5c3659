/* tap-flow.c
 * The flow type "TCP Phases": an arrow for each segment, with its step, what it is, and its length;
 * beside it the states of both ends, and what they were before; in the colour of its phase.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tap-flow.h"

#include <epan/to_str.h>

#include "colours.h"
#include "compat_sequence_analysis.h"
#include "tap.h"
#include "tokens.h"

/** tshark shows no more of a label. */
#define LABEL_MAX 19

struct colours {
    unsigned ground;
    unsigned ink;
};

#define COLOURS(name)                               \
    {                                               \
        COLOUR_##name##_GROUND, COLOUR_##name##_INK \
    }

/* As the profile's colour rules choose them. */
static struct colours colours_of(const struct tcp_annotation *note)
{
    static const struct colours odd = COLOURS(ODD), reset = COLOURS(RESET);
    static const struct colours phases[] = {
        [TCP_PHASE_HANDSHAKE] = COLOURS(HANDSHAKE),
        [TCP_PHASE_DATA] = COLOURS(DATA),
        [TCP_PHASE_TEARDOWN] = COLOURS(TEARDOWN),
        [TCP_PHASE_CLOSED] = COLOURS(CLOSED),
    };

    if ((note->events & (TCP_DOES_RETRANSMISSION | TCP_DOES_ZERO_WINDOW)) ||
        (note->experts &
         (TCP_EXPERT_RESET_IGNORED | TCP_EXPERT_ACK_MISMATCH | TCP_EXPERT_NOT_CAPTURED)))
        return odd;
    if (note->events & TCP_DOES_RST)
        return reset;
    return phases[note->phase];
}

/* "1/3", "2+3/4"; nothing for a segment that is no step. */
static void add_step(GString *text, const struct tcp_annotation *note)
{
    const char *first = NULL, *last = NULL;

    for (const struct bit_token *step = step_tokens; step->token; step++)
        if (note->steps & step->bit) {
            if (!first)
                first = step->token;
            last = step->token;
        }
    if (!first)
        return;
    /* A segment that ends the handshake and begins the teardown has the handshake's step first. */
    if (first != last && strcmp(first + 1, last + 1) == 0)
        g_string_append_printf(text, "%c+%s ", first[0], last);
    else if (first != last)
        g_string_append_printf(text, "%s %s ", first, last);
    else
        g_string_append_printf(text, "%s ", first);
}

static void add_flags(GString *text, unsigned flags)
{
    static const struct bit_token names[] = {
        { TCP_SYN, "SYN" }, { TCP_FIN, "FIN" }, { TCP_RST, "RST" }, { TCP_ACK, "ACK" }, { 0, NULL },
    };
    const char *between = "";

    for (const struct bit_token *name = names; name->token; name++)
        if (flags & name->bit) {
            g_string_append_printf(text, "%s%s", between, name->token);
            between = "+";
        }
    if (!*between)
        g_string_append(text, "no flags");
}

/* "2+3/4 FIN+ACK 1460", "data 1460" */
static char *label_of(const struct tcp_annotation *note)
{
    GString *text = g_string_new(NULL);

    add_step(text, note);
    if (text->len == 0 && note->len > 0 && !(note->flags & (TCP_SYN | TCP_FIN | TCP_RST)))
        g_string_append(text, "data");
    else
        add_flags(text, note->flags);
    if (note->len >= 100000)
        g_string_append_printf(text, " %uk", note->len / 1000);
    else if (note->len > 0)
        g_string_append_printf(text, " %u", note->len);
    if (text->len > LABEL_MAX)
        g_string_truncate(text, LABEL_MAX);
    return g_string_free(text, FALSE);
}

/* "client ESTABLISHED -> FIN_WAIT_1, server CLOSE_WAIT (retransmission)" */
static char *comment_of(const struct tcp_annotation *note)
{
    GString *text = g_string_new(NULL);

    for (unsigned role = 0; role < 2; role++) {
        g_string_append_printf(text, "%s%s ", role > 0 ? ", " : "", token_of_role(role));
        if (note->from[role] != note->state[role])
            g_string_append_printf(text, "%s -> ",
                                   tcp_state_name((enum tcp_state)note->from[role]));
        g_string_append(text, tcp_state_name((enum tcp_state)note->state[role]));
    }
    if (note->events & TCP_DOES_RETRANSMISSION)
        g_string_append(text, " (retransmission)");
    return g_string_free(text, FALSE);
}

/* The life lines are addresses. Where both ends have the same one, as on a loopback interface, the port
 * is part of it, or the arrow would end where it begins. */
static void set_end(address *end, const address *from, uint16_t port, bool with_port)
{
    free_address(end);
    if (with_port) {
        char *text = address_to_str(NULL, from);
        char *whole =
            g_strdup_printf(from->type == AT_IPv6 ? "[%s]:%u" : "%s:%u", text, (unsigned)port);

        alloc_address_wmem(NULL, end, AT_STRINGZ, (int)strlen(whole) + 1, whole);
        g_free(whole);
        wmem_free(NULL, text);
    } else {
        copy_address(end, from);
    }
}

static tap_packet_status add_arrow(void *data, packet_info *pinfo, epan_dissect_t *edt _U_,
                                   const void *tapped, tap_flags_t flags _U_)
{
    seq_analysis_info_t *info = data;
    const struct tapped_segment *segment = tapped;
    seq_analysis_item_t *arrow = sequence_analysis_create_sai_with_addresses(pinfo, info);
    bool is_same = addresses_equal(&segment->source, &segment->destination);
    struct colours colours = colours_of(segment->annotation);

    if (!arrow)
        return TAP_PACKET_DONT_REDRAW;
    set_end(&arrow->src_addr, &segment->source, segment->source_port, is_same);
    set_end(&arrow->dst_addr, &segment->destination, segment->destination_port, is_same);
    arrow->port_src = segment->source_port;
    arrow->port_dst = segment->destination_port;
    arrow->frame_number = segment->frame;
    arrow->frame_label = label_of(segment->annotation);
    arrow->comment = comment_of(segment->annotation);
    arrow->conv_num = (uint16_t)segment->stream;
    arrow->fg_color = colours.ink;
    arrow->bg_color = colours.ground;
    arrow->has_color_filter = TRUE;
    arrow->display = TRUE;
    arrow->line_style = 1;
    g_queue_push_tail(info->items, arrow);
    return TAP_PACKET_REDRAW;
}

void flow_register(int proto)
{
    register_seq_analysis("tcp_phase", "TCP Phases", proto, TCP_PHASE_TAP, 0, add_arrow);
}

/* tcp_numbers.c
 * What an end has sent and what of it has arrived, in a fixed amount of memory.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcp_tracker_private.h"

/* The largest shift a window can have (RFC 7323 2.3): assumed where the SYN was not captured. */
#define WINDOW_SHIFT_MAX 14

static void forget_island(struct tcp_end *end)
{
    if (!(end->flags & END_ISLAND))
        return;
    end->flags &= ~(uint32_t)END_ISLAND;
    end->fin_acked_in = 0;
}

void numbers_begin(struct tcp_end *end, uint32_t isn, uint32_t next)
{
    end->isn = isn;
    end->next = next;
    end->edge = next;
    end->acked = isn;
    end->run_begin = next;
    forget_island(end);
    end->wraps = next < isn ? 1 : 0;
    end->flags &= ~(uint32_t)(END_SCATTERED | END_ACKED | END_FIN | END_FIN_AGAIN | END_SYN_DATA |
                              END_AHEAD | END_DOUBTED);
    end->flags |= END_NUMBERED;
}

/* Advance next; 32-bit numbers that go round are counted for the octet count. */
static void advance_next(struct tcp_end *end, uint32_t past)
{
    if (!seq_lt(end->next, past))
        return;
    if (past < end->next && end->wraps < UINT8_MAX)
        end->wraps++;
    end->next = past;
}

/* The island behind a gap joins the mainland once the gap is filled. */
static void join_island(struct tcp_end *end)
{
    if ((end->flags & END_ISLAND) && seq_le(end->island_begin, end->edge)) {
        end->edge = seq_max(end->edge, end->island_past);
        forget_island(end);
    }
    if (seq_le(end->next, end->edge))
        end->flags &= ~(uint32_t)END_SCATTERED;
}

uint32_t numbers_window(const struct tcp_end *end, const struct tcp_end *peer)
{
    unsigned shift = 0;

    if (!(end->flags & END_WINDOW))
        return UINT32_C(1) << 30; /* the largest there is (RFC 7323 2.3) */
    if (!(end->flags & END_SYN) || !(peer->flags & END_SYN))
        shift = WINDOW_SHIFT_MAX;
    else if ((end->flags & END_SCALED) && (peer->flags & END_SCALED))
        shift = end->flags >> END_SCALE_AT;
    return (uint32_t)end->window << shift;
}

bool numbers_in_window(const struct tcp_end *end, const struct tcp_end *peer, uint32_t seq)
{
    uint32_t from = (end->flags & END_ACKED) ? end->acked : end->isn;
    /* An ACK on its way may have opened the window further than the onlooker knows. */
    uint32_t window = numbers_window(peer, end) + UINT16_MAX;

    if (seq_le(seq, end->next))
        return true; /* goes on where the end itself had come to */
    if (!(peer->flags & END_WINDOW))
        return true; /* only this side was captured: the other's window and ACKs are unknown */
    return seq_diff(seq, from) >= 0 && (uint32_t)seq_diff(seq, from) <= window;
}

bool numbers_sent(struct tcp_end *end, uint32_t seq, uint32_t past)
{
    bool is_new = seq_lt(end->next, past);

    advance_next(end, past);
    if (seq_le(seq, end->edge)) {
        is_new = is_new || seq_lt(end->edge, past);
        end->edge = seq_max(end->edge, past);
        join_island(end);
        return is_new;
    }
    if ((end->flags & END_FIN) && numbers_fin_acked_in(end) != 0)
        return true; /* beyond a FIN that has arrived: nobody takes it */
    if (!(end->flags & END_ISLAND)) {
        end->island_begin = seq;
        end->island_past = past;
        end->flags |= END_ISLAND;
        end->flags &= ~(uint32_t)END_DOUBTED;
        return true;
    }
    /* One island is remembered. What touches it grows it; what lies apart waits for the ACK that
     * says that all before has come. */
    if (seq_le(end->island_begin, seq) && seq_le(past, end->island_past))
        return false;
    if (seq_le(seq, end->island_past) && seq_le(end->island_begin, past)) {
        if (seq_lt(seq, end->island_begin))
            end->island_begin = seq;
        end->island_past = seq_max(end->island_past, past);
    } else {
        end->flags |= END_SCATTERED;
    }
    return true;
}

void numbers_acked(struct tcp_end *end, uint32_t ack)
{
    if (!(end->flags & END_ACKED) || seq_lt(end->acked, ack))
        end->acked = ack;
    end->flags |= END_ACKED;
    if (seq_lt(end->edge, ack)) {
        end->edge = ack;
        advance_next(end, ack);
        join_island(end);
    }
}

void numbers_forget_fin(struct tcp_end *end)
{
    end->flags &= ~(uint32_t)(END_FIN | END_FIN_AGAIN | END_PASSIVE);
    if (end->next != end->fin + 1)
        return;
    if (end->next == 0 && end->wraps > 0)
        end->wraps--;
    end->next = end->fin;
}

void numbers_acked_ahead(struct tcp_end *end, uint32_t ack)
{
    end->acked = (end->flags & END_AHEAD) ? seq_max(end->acked, ack) : ack;
    end->flags |= END_ACKED | END_AHEAD;
}

void numbers_judge_ahead(struct tcp_end *end, uint32_t seq)
{
    if (!(end->flags & END_AHEAD) || seq_lt(seq, end->next))
        return;
    end->flags &= ~(uint32_t)END_AHEAD;
    if (seq == end->next) { /* it goes on where it was: the rest was never sent */
        end->acked = end->isn;
        end->flags &= ~(uint32_t)END_ACKED;
        return;
    }
    numbers_acked(end, seq_lt(seq, end->acked) ? seq : end->acked);
}

bool numbers_ack_fits(const struct tcp_end *end, uint32_t ack)
{
    return (end->flags & END_NUMBERED) && seq_lt(end->isn, ack) && seq_le(ack, end->next);
}

uint32_t numbers_fin_acked_in(const struct tcp_end *end)
{
    return (end->flags & END_ISLAND) ? 0 : end->fin_acked_in;
}

void numbers_set_fin_acked_in(struct tcp_end *end, uint32_t frame)
{
    end->flags &= ~(uint32_t)END_ISLAND;
    end->fin_acked_in = frame;
}

bool numbers_fin_complete(const struct tcp_end *end)
{
    return (end->flags & END_FIN) && seq_lt(end->fin, end->edge);
}

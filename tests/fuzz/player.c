/* player.c
 * Octets into segments.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "player.h"

#include <string.h>

#include "check.h"

#define MILLISECOND INT64_C(1000000)

/* Header, first octet. */
enum {
    HEAD_ORDINARY = 1 << 0,   /* the conversation begins with SYN and SYN-ACK */
    HEAD_ORDERLY = 1 << 1,    /* times do not go backwards */
    HEAD_LOW_CLIENT = 1 << 2, /* the first sender has the lower port */
    HEAD_SAME_PORTS = 1 << 3,
    HEAD_REUSED_ISN = 1 << 4, /* the next conversation has the same ISNs */
};

/* An event's first octet: what, who, when, and whether an octet follows that moves the numbers. */
#define EVENT_KIND   0x0f
#define EVENT_SERVER 0x10
#define EVENT_TIME   0x60
#define EVENT_MOVED  0x80

enum kind {
    KIND_SYN,
    KIND_SYN_ACK,
    KIND_ACK,
    KIND_DATA,
    KIND_FIN,
    KIND_RST,
    KIND_RST_WITHOUT_NUMBER, /* of an end that knows no connection (RFC 9293 3.10.7.1) */
    KIND_DATA_AGAIN,
    KIND_KEEP_ALIVE,
    KIND_COPY,
    KIND_ICMP,
    KIND_NEXT_CONVERSATION,
    KIND_RAW,
    KIND_OLD,    /* the next event has the numbers of the conversation before */
    KIND_WINDOW, /* an ACK with another window */
    KIND_FIN_WITH_DATA,
};

static uint8_t take(struct player *player)
{
    return player->at < player->end ? *player->at++ : 0;
}

static uint32_t take_number(struct player *player, unsigned octets)
{
    uint32_t number = 0;

    while (octets-- > 0)
        number = number << 8 | take(player);
    return number;
}

void player_begin(struct player *player, const uint8_t *data, size_t size, const uint32_t isn[2])
{
    uint8_t head, scale;

    memset(player, 0, sizeof *player);
    player->at = data;
    player->end = data + size;
    head = take(player);
    scale = take(player);
    player->manner.ordinary = (head & HEAD_ORDINARY) != 0;
    player->manner.orderly = (head & HEAD_ORDERLY) != 0;
    player->port[TCP_CLIENT] = (head & HEAD_LOW_CLIENT) ? 80 : 40000;
    player->port[TCP_SERVER] =
        (head & HEAD_SAME_PORTS) ? player->port[TCP_CLIENT] : 40080 - player->port[TCP_CLIENT];
    memcpy(player->isn, isn, sizeof player->isn);
    player->isn_step = (head & HEAD_REUSED_ISN) ? 0 : 100000;
    player->now = (int64_t)(head >> 5) * MILLISECOND;
    /* A window scale that SYNs offer, -1 to 14; the option is read as 14 at most. */
    player->segment.window_scale = (int8_t)(scale % 16 - 1);
    player->segment.window = 1000;
}

static void pass_time(struct player *player, uint8_t event)
{
    static const int64_t steps[] = { 0, MILLISECOND, 40 * MILLISECOND };
    static const int64_t leaps[] = {
        1,
        1000,
        1000 * MILLISECOND,
        75000 * MILLISECOND,
        7200000 * MILLISECOND,
        -MILLISECOND,
        -1,
        -60000 * MILLISECOND,
    };
    unsigned step = ((unsigned)event & EVENT_TIME) >> 5;
    int64_t passed = step < COUNT_OF(steps) ? steps[step] : leaps[take(player) % COUNT_OF(leaps)];

    if (passed > 0 || !player->manner.orderly)
        player->now += passed;
}

static uint32_t move_of(unsigned nibble)
{
    static const int32_t moves[16] = {
        0,    -1,    1,      -2,      2,       -10,       10,         -1000,
        1000, 65535, -65536, 1 << 20, 1 << 30, INT32_MIN, -(1 << 30), 3,
    };

    return (uint32_t)moves[nibble & 15];
}

/* Numbers of the segment as they are on the wire, and what its ends know after it. */
static void number(struct player *player, enum tcp_role from, unsigned conversation, uint8_t moves)
{
    struct player_numbers *sender = &player->numbers[conversation][from];
    struct player_numbers *receiver = &player->numbers[conversation][1 - from];
    struct tcp_segment *segment = &player->segment;
    uint32_t past;

    if (!(player->manner.ordinary && (segment->flags & TCP_SYN)))
        segment->seq += move_of(moves);
    segment->ack = sender->got + move_of(moves >> 4);
    past = segment->seq + segment->len + ((segment->flags & TCP_SYN) != 0) +
           ((segment->flags & TCP_FIN) != 0);
    if ((moves & 15) == 0 && !(segment->flags & TCP_RST)) {
        if ((int32_t)(past - sender->next) > 0)
            sender->next = past;
        if (segment->seq == receiver->got)
            receiver->got = past;
    }
    if (segment->len > 0) {
        sender->last = segment->seq;
        sender->last_len = segment->len;
    }
    segment->seq += player->isn[from] + conversation * player->isn_step;
    segment->ack += player->isn[1 - from] + conversation * player->isn_step;
}

static void fill(struct player *player, enum kind kind, const struct player_numbers *sender)
{
    static const uint16_t windows[] = { 0, 1, 20, 1000, 29200, 65535 };
    struct tcp_segment *segment = &player->segment;

    segment->len = 0;
    segment->seq = sender->next;
    segment->flags = TCP_ACK;
    switch (kind) {
    case KIND_SYN:
        segment->flags = TCP_SYN;
        segment->seq = 0;
        break;
    case KIND_SYN_ACK:
        segment->flags = TCP_SYN | TCP_ACK;
        segment->seq = 0;
        break;
    case KIND_FIN:
        segment->flags = TCP_FIN | TCP_ACK;
        break;
    case KIND_FIN_WITH_DATA:
        segment->flags = TCP_FIN | TCP_ACK | TCP_PSH;
        segment->len = 1 + take(player) % 16;
        break;
    case KIND_DATA:
        segment->flags = TCP_ACK | TCP_PSH;
        segment->len = 1U << take(player) % 31;
        break;
    case KIND_DATA_AGAIN:
        segment->seq = sender->last;
        segment->len = sender->last_len;
        break;
    case KIND_KEEP_ALIVE:
        segment->seq = sender->next - 1;
        segment->len = take(player) % 2;
        break;
    case KIND_RST:
        segment->flags = TCP_RST;
        break;
    case KIND_WINDOW:
        segment->window = windows[take(player) % COUNT_OF(windows)];
        break;
    default:
        break;
    }
}

static void fill_raw(struct player *player, const struct player_numbers *sender)
{
    struct tcp_segment *segment = &player->segment;
    uint8_t shape = take(player);

    segment->flags = (uint16_t)(take_number(player, 2) & 0x1ff);
    segment->seq = sender->next;
    if (shape & 1)
        segment->seq = take_number(player, 4);
    if (player->manner.ordinary && (segment->flags & TCP_SYN))
        segment->seq = 0;
    segment->len = (shape & 2) ? take_number(player, 4) & 0x7fffffff : 0;
    if (shape & 4)
        segment->window = (uint16_t)take_number(player, 2);
    if (shape & 8)
        segment->window_scale = (int8_t)(take(player) % 16 - 1);
}

/* Who sends, between which ports, in which frame, when. */
static void address(struct player *player, enum tcp_role from)
{
    struct tcp_segment *segment = &player->segment;

    segment->sender_id = from;
    segment->receiver_id = 1U - from;
    segment->source_port = player->port[from];
    segment->destination_port = player->port[1 - from];
    segment->time = player->now;
    segment->frame = RULES_FRAME(player->count++);
    player->has_begun = true;
}

static enum player_event send(struct player *player, enum kind kind, enum tcp_role from,
                              unsigned conversation, uint8_t moves)
{
    const struct player_numbers *sender = &player->numbers[conversation][from];

    if (kind == KIND_RAW)
        fill_raw(player, sender);
    else
        fill(player, kind, sender);
    number(player, from, conversation, moves);
    if (kind == KIND_RST_WITHOUT_NUMBER) {
        player->segment.flags = TCP_RST | TCP_ACK;
        player->segment.seq = 0;
        player->absolute = true;
    }
    address(player, from);
    return PLAYER_SEGMENT;
}

/* The first two segments of a conversation that begins as most do. */
static bool must_begin(const struct player *player)
{
    return player->manner.ordinary && player->conversation == 0 && player->count < 2;
}

enum player_event player_next(struct player *player)
{
    unsigned conversation = player->conversation;

    if (player->at >= player->end || player->count >= RULES_SEGMENTS_MAX)
        return PLAYER_END;
    if (must_begin(player))
        return send(player, player->count == 0 ? KIND_SYN : KIND_SYN_ACK,
                    player->count == 0 ? TCP_CLIENT : TCP_SERVER, 0, 0);
    while (player->at < player->end) {
        uint8_t event = take(player);
        enum kind kind = (enum kind)(event & EVENT_KIND);
        uint8_t moves = (event & EVENT_MOVED) ? take(player) : 0;

        pass_time(player, event);
        if (kind == KIND_OLD) {
            conversation = player->conversation > 0 ? player->conversation - 1 : 0;
        } else if (kind == KIND_NEXT_CONVERSATION) {
            if (!player->has_begun || player->conversation + 1 == PLAYER_CONVERSATIONS_MAX)
                continue;
            conversation = ++player->conversation;
            player->has_begun = false;
        } else if (kind == KIND_COPY || kind == KIND_ICMP) {
            if (!player->has_begun)
                continue;
            player->segment.time = player->now;
            return kind == KIND_COPY ? PLAYER_COPY : PLAYER_ICMP;
        } else {
            return send(player, kind, (event & EVENT_SERVER) ? TCP_SERVER : TCP_CLIENT,
                        conversation, moves);
        }
    }
    return PLAYER_END;
}

/* tcp_zeek.c
 * A conversation in the words of Zeek's conn.log.
 *
 * The rules are those of Zeek 8 (TCPSessionAdapter, TCP_Endpoint, TCP_Reassembler and
 * base/protocols/conn/main.zeek), told anew.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcp_zeek.h"

#include <stddef.h>
#include <string.h>

#include "tcp_tracker_private.h"

/* What Zeek takes an end to be in. */
enum zeek_state {
    ZEEK_INACTIVE,     /* nothing of it was seen, or nothing that counts */
    ZEEK_SYN_SENT,     /* its SYN was seen, it is the originator */
    ZEEK_SYN_ACK_SENT, /* the conversation begins with its SYN-ACK */
    ZEEK_PARTIAL,      /* it was there, its SYN was not seen */
    ZEEK_ESTABLISHED,
    ZEEK_CLOSED, /* it sent FIN */
    ZEEK_RESET,  /* it sent RST */
};

/* tcp_zeek.flags */
enum {
    STATE_BITS = 7,         /* enum zeek_state */
    STATE_BEFORE_AT = 3,    /* the one before, likewise */
    SEEN_SYN = 1 << 6,      /* s or h is in the history */
    SEEN_FIN = 1 << 7,      /* f */
    SEEN_RST = 1 << 8,      /* r */
    SEEN_ACK = 1 << 9,      /* a */
    SEEN_DATA = 1 << 10,    /* d */
    SEEN_FIN_RST = 1 << 11, /* i */
    SEEN_FLAGS = 1 << 12,   /* q */
    IS_ORIGINATOR = 1 << 13,
};

/* tcp_zeek.counts: three counters, which stop at the first number beyond all that tell. */
enum { COUNT_BITS = 10, COUNT_MAX = 1001 };
enum counted { COUNT_RETRANSMISSIONS, COUNT_ZERO_WINDOWS, COUNT_GAPS };

/* Letters are stored as their place here plus 1: the responder's, then the originator's. */
static const char letter_names[] = "sShHaAdDfFrRtTwWgGiIqQ^^";
enum { LETTER_BITS = 5, LETTERS_IN_A_NUMBER = 6, LETTER_MASK = 31 };

/* A jump that Zeek does not believe a SYN or a RST. */
#define JUMP_MAX 1048576

/* One segment, seen as Zeek sees it. */
struct look {
    struct tcp_conversation *conv;
    const struct tcp_segment *seg;
    enum tcp_role own;  /* the sender */
    enum tcp_role peer; /* the receiver */
    uint32_t past;      /* one past its last number; what a RST carries does not count */
    uint32_t start;     /* number of the sender's SYN, or what Zeek puts in its place */
};

/* TCP ports of services in Zeek's default scripts. */
static const uint16_t service_ports[] = {
    21,   22,   25,   53,   79,   80,   81,   88,   110,  135,   139,  143,  389,
    443,  445,  465,  502,  563,  585,  587,  614,  631,  636,   989,  990,  992,
    993,  995,  1080, 1434, 1883, 2811, 3128, 3268, 3306, 3389,  5222, 5223, 5269,
    5432, 6379, 6666, 6667, 6668, 6669, 8000, 8080, 8888, 20000,
};

static bool is_service(uint16_t port)
{
    for (size_t i = 0; i < sizeof service_ports / sizeof *service_ports; i++)
        if (service_ports[i] == port)
            return true;
    return false;
}

static enum zeek_state state_of(const struct tcp_conversation *conv, enum tcp_role role)
{
    return (enum zeek_state)(conv->zeek.flags[role] & STATE_BITS);
}

static enum zeek_state state_before(const struct tcp_conversation *conv, enum tcp_role role)
{
    return (enum zeek_state)(conv->zeek.flags[role] >> STATE_BEFORE_AT & STATE_BITS);
}

static void set_state(struct tcp_conversation *conv, enum tcp_role role, enum zeek_state state)
{
    uint16_t *flags = &conv->zeek.flags[role];
    unsigned kept = *flags & ~(unsigned)(STATE_BITS | STATE_BITS << STATE_BEFORE_AT);

    if (state_of(conv, role) != state)
        *flags = (uint16_t)(kept | (unsigned)state_of(conv, role) << STATE_BEFORE_AT | state);
}

static bool is_originator(const struct tcp_conversation *conv, enum tcp_role role)
{
    return (conv->zeek.flags[role] & IS_ORIGINATOR) != 0;
}

static enum tcp_role originator_of(const struct tcp_conversation *conv)
{
    return is_originator(conv, TCP_SERVER) ? TCP_SERVER : TCP_CLIENT;
}

/* --- the history --- */

static void add_letter(struct tcp_conversation *conv, enum tcp_role role, char letter)
{
    uint32_t *letters = conv->zeek.letters;
    uint32_t *end = letters + sizeof conv->zeek.letters / sizeof *letters;
    uint32_t code = 0;
    unsigned shift = 0;

    while (letter_names[code] != letter)
        code += 2;
    code += is_originator(conv, role) ? 2 : 1;
    while (letters < end && *letters >> LETTER_BITS * (LETTERS_IN_A_NUMBER - 1) != 0)
        letters++; /* full */
    if (letters == end)
        return;
    while (*letters >> shift != 0)
        shift += LETTER_BITS;
    *letters |= code << shift;
}

/* A letter that an end gets once. Returns whether it had it already. */
static bool add_letter_once(const struct look *look, unsigned seen, char letter)
{
    uint16_t *flags = &look->conv->zeek.flags[look->own];

    if (*flags & seen)
        return true;
    *flags = (uint16_t)(*flags | seen);
    add_letter(look->conv, look->own, letter);
    return false;
}

/* A letter for the 1st, 10th, 100th and 1000th time. */
static void add_letter_counted(struct tcp_conversation *conv, enum tcp_role role,
                               enum counted counted, char letter)
{
    unsigned at = (unsigned)counted * COUNT_BITS;
    uint32_t count = conv->zeek.counts[role] >> at & ((1U << COUNT_BITS) - 1);

    if (count == COUNT_MAX)
        return;
    conv->zeek.counts[role] += UINT32_C(1) << at;
    count++;
    if (count == 1 || count == 10 || count == 100 || count == 1000)
        add_letter(conv, role, letter);
}

/* Half of a sequence number: near ones differ in it, wherever the ISN lies. Numbers 65,536 apart, or
 * a multiple of that, count as the same. */
static uint16_t mark_of(uint32_t number)
{
    return (uint16_t)number;
}

/* A SYN, FIN or RST has its letter again when it comes with another number than before. */
static void add_letter_again(const struct look *look, unsigned seen, char letter, uint32_t number,
                             bool is_first_number)
{
    uint16_t *mark = &look->conv->zeek.marks[look->own];

    if (add_letter_once(look, seen, letter) && !is_first_number && mark_of(number) != *mark)
        add_letter(look->conv, look->own, letter);
    if (!is_first_number)
        *mark = mark_of(number);
}

static void note_flags(const struct look *look)
{
    const struct tcp_segment *seg = look->seg;
    const struct tcp_end *end = &look->conv->end[look->own];
    uint32_t fin = seg->seq + seg->len;

    switch (seg->flags & (TCP_SYN | TCP_FIN | TCP_RST)) {
    case 0:
        if (seg->len > 0)
            add_letter_once(look, SEEN_DATA, 'd');
        else if (seg->flags & TCP_ACK)
            add_letter_once(look, SEEN_ACK, 'a');
        break;
    case TCP_SYN:
        add_letter_again(look, SEEN_SYN, (seg->flags & TCP_ACK) ? 'h' : 's', seg->seq,
                         seg->seq == look->start);
        break;
    case TCP_FIN:
        add_letter_again(look, SEEN_FIN, 'f', fin, (end->flags & END_FIN) && fin == end->fin);
        break;
    case TCP_RST:
        add_letter_again(look, SEEN_RST, 'r', seg->seq, false);
        break;
    case TCP_FIN | TCP_RST:
    case TCP_FIN | TCP_RST | TCP_SYN:
        add_letter_once(look, SEEN_FIN_RST, 'i');
        break;
    default:
        add_letter_once(look, SEEN_FLAGS, 'q');
        break;
    }
}

/* A closed window tells nothing once the peer sends no more. */
static void note_zero_window(const struct look *look)
{
    if (look->seg->window == 0 && !(look->seg->flags & TCP_RST) &&
        state_of(look->conv, look->peer) != ZEEK_CLOSED &&
        state_of(look->conv, look->own) != ZEEK_RESET)
        add_letter_counted(look->conv, look->own, COUNT_ZERO_WINDOWS, 'w');
}

/* --- numbers --- */

/* Whether a SYN gives its sender a new numbering. */
static bool starts_anew(const struct look *look)
{
    switch (state_of(look->conv, look->own)) {
    case ZEEK_SYN_SENT:
    case ZEEK_SYN_ACK_SENT:
        return look->seg->seq != look->start;
    case ZEEK_PARTIAL:
    case ZEEK_ESTABLISHED:
        return true;
    case ZEEK_RESET:
        return state_before(look->conv, look->own) == ZEEK_INACTIVE;
    default:
        return false;
    }
}

static void begin_numbers(struct look *look)
{
    const struct tcp_segment *seg = look->seg;
    const struct tcp_end *end = &look->conv->end[look->own];
    bool syn = (seg->flags & TCP_SYN) != 0;

    look->past = seg->seq + ((seg->flags & TCP_RST) ? 0 : seg->len) + (syn ? 1U : 0U) +
                 ((seg->flags & TCP_FIN) ? 1U : 0U);
    look->start = end->isn;
    if (state_of(look->conv, look->own) == ZEEK_INACTIVE || !(end->flags & END_NUMBERED)) {
        look->start = syn ? seg->seq : seg->seq - 1;
        look->conv->zeek.last[look->own] = syn ? look->past : seg->seq;
    } else if (syn && starts_anew(look)) {
        look->start = seg->seq;
        look->conv->zeek.last[look->own] = look->past;
    }
}

/* Payload whose end is not beyond all that was sent before. A SYN counts as sent before its payload
 * is looked at: payload on a SYN is a retransmission to Zeek. */
static void note_retransmission(const struct look *look)
{
    uint16_t flags = look->seg->flags;
    uint32_t *last = &look->conv->zeek.last[look->own];
    int32_t further = seq_diff(look->past, *last);
    bool are_syn_and_fin_alone; /* all that was captured */

    if ((flags & (TCP_SYN | TCP_RST)) && (further > JUMP_MAX || further < -JUMP_MAX))
        return;
    are_syn_and_fin_alone = (flags & TCP_FIN) && *last == look->start + 1;
    if (!are_syn_and_fin_alone && state_of(look->conv, look->own) == ZEEK_RESET)
        return;
    if (are_syn_and_fin_alone || further > 0)
        *last = look->past;
    else if (look->seg->len > 0)
        add_letter_counted(look->conv, look->own, COUNT_RETRANSMISSIONS, 't');
}

static bool is_cleanly_open(const struct tcp_conversation *conv, enum tcp_role role)
{
    return state_of(conv, role) == ZEEK_ESTABLISHED ||
           (state_of(conv, role) == ZEEK_CLOSED && state_before(conv, role) == ZEEK_ESTABLISHED);
}

/* An ACK for octets that the peer was not seen to send: they are missing from the capture. Where
 * more than one part beyond a gap has arrived, whether the rest has too is not known any more. */
static void note_gap(const struct look *look)
{
    const struct tcp_end *peer = &look->conv->end[look->peer];
    uint32_t ack = look->seg->ack;

    if (!(look->seg->flags & TCP_ACK) || !(peer->flags & END_NUMBERED) ||
        !is_cleanly_open(look->conv, look->own) || !is_cleanly_open(look->conv, look->peer))
        return;
    if ((peer->flags & END_FIN) && seq_lt(peer->fin, ack))
        ack = peer->fin;
    if (!seq_lt(peer->edge, ack))
        return;
    if ((peer->flags & END_SCATTERED) && seq_le(ack, peer->next))
        return;
    add_letter_counted(look->conv, look->peer, COUNT_GAPS, 'g');
}

/* --- who is who --- */

static void flip(struct tcp_conversation *conv)
{
    for (int role = 0; role < 2; role++)
        conv->zeek.flags[role] ^= IS_ORIGINATOR;
}

/* The sender of the first segment is the originator, unless that is no SYN and its port is that of
 * a service: of two services the one with the higher port, but a SYN-ACK is left as it is then. */
static void begin(const struct look *look)
{
    struct tcp_conversation *conv = look->conv;
    const struct tcp_segment *seg = look->seg;
    bool turned = false;

    conv->zeek.flags[look->own] |= IS_ORIGINATOR;
    if ((seg->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN)
        return;
    if (is_service(seg->source_port))
        turned = !is_service(seg->destination_port) ||
                 (!(seg->flags & TCP_SYN) && seg->source_port < seg->destination_port);
    if (!turned)
        return;
    flip(conv);
    add_letter(conv, TCP_CLIENT, '^');
}

/* A SYN-ACK came first, and data or an ACK follows: no scan, but an answer to a SYN that was not
 * captured. Its sender becomes the responder, and the history is told anew. */
static void turn_after_syn_ack(const struct look *look)
{
    struct tcp_conversation *conv = look->conv;
    enum tcp_role first = originator_of(conv);
    const struct tcp_segment *seg = look->seg;

    if (state_of(conv, first) != ZEEK_SYN_ACK_SENT ||
        state_of(conv, tcp_other_role(first)) != ZEEK_INACTIVE)
        return;
    if ((seg->flags & (TCP_SYN | TCP_FIN | TCP_RST)) || !((seg->flags & TCP_ACK) || seg->len > 0))
        return;
    flip(conv);
    memset(conv->zeek.letters, 0, sizeof conv->zeek.letters);
    add_letter(conv, first, '^');
    add_letter(conv, first, 'h');
    set_state(conv, first, ZEEK_ESTABLISHED);
}

/* --- the states --- */

static void take_first_syn(const struct look *look)
{
    struct tcp_conversation *conv = look->conv;
    bool has_ack = (look->seg->flags & TCP_ACK) != 0;

    if (is_originator(conv, look->own)) {
        set_state(conv, look->own, has_ack ? ZEEK_SYN_ACK_SENT : ZEEK_SYN_SENT);
        return;
    }
    if (!has_ack && state_of(conv, look->peer) == ZEEK_SYN_ACK_SENT &&
        (conv->end[look->own].flags & END_NUMBERED) && look->seg->seq == conv->end[look->own].isn) {
        flip(conv); /* the SYN was captured behind its SYN-ACK */
        add_letter(conv, look->own, '^');
        set_state(conv, look->peer, ZEEK_ESTABLISHED);
    }
    if (state_of(conv, look->peer) == ZEEK_SYN_SENT)
        set_state(conv, look->peer, ZEEK_ESTABLISHED);
    set_state(conv, look->own, ZEEK_ESTABLISHED);
}

static void take_first(const struct look *look)
{
    struct tcp_conversation *conv = look->conv;
    uint16_t flags = look->seg->flags;

    if (flags & TCP_SYN)
        take_first_syn(look);
    if (flags & TCP_FIN)
        set_state(conv, look->own, ZEEK_CLOSED);
    if (flags & TCP_RST)
        set_state(conv, look->own, ZEEK_RESET);
    if (state_of(conv, look->own) != ZEEK_INACTIVE)
        return;
    if (!is_originator(conv, look->own) && look->seg->len == 0 &&
        state_of(conv, look->peer) == ZEEK_SYN_SENT)
        return; /* acknowledges the SYN before it sends its own */
    if ((flags & TCP_ACK) && state_of(conv, look->peer) == ZEEK_ESTABLISHED)
        set_state(conv, look->own, ZEEK_ESTABLISHED); /* answers a SYN-ACK: its SYN was missed */
    else
        set_state(conv, look->own, ZEEK_PARTIAL);
}

static void take_in_opening(const struct look *look)
{
    if (look->seg->flags & TCP_FIN)
        set_state(look->conv, look->own, ZEEK_CLOSED);
    if (look->seg->flags & TCP_RST)
        set_state(look->conv, look->own, ZEEK_RESET);
}

static void take_in_open(const struct look *look)
{
    struct tcp_conversation *conv = look->conv;
    uint16_t flags = look->seg->flags;

    if ((flags & (TCP_SYN | TCP_ACK)) == TCP_SYN && state_of(conv, look->own) == ZEEK_PARTIAL &&
        state_of(conv, look->peer) == ZEEK_INACTIVE)
        set_state(conv, look->own, ZEEK_SYN_SENT);
    if ((flags & (TCP_FIN | TCP_RST)) == TCP_FIN) {
        set_state(conv, look->own, ZEEK_CLOSED);
        /* The peer's FIN had come before its RST: they have closed after all. */
        if (state_of(conv, look->peer) == ZEEK_RESET &&
            state_before(conv, look->peer) == ZEEK_CLOSED)
            set_state(conv, look->peer, ZEEK_CLOSED);
    }
    if (flags & TCP_RST)
        set_state(conv, look->own, ZEEK_RESET);
}

static void take(const struct look *look)
{
    switch (state_of(look->conv, look->own)) {
    case ZEEK_INACTIVE:
        take_first(look);
        break;
    case ZEEK_SYN_SENT:
    case ZEEK_SYN_ACK_SENT:
        take_in_opening(look);
        break;
    case ZEEK_PARTIAL:
    case ZEEK_ESTABLISHED:
        take_in_open(look);
        break;
    case ZEEK_CLOSED: /* a RST after both FINs changes nothing */
        if ((look->seg->flags & TCP_RST) && state_of(look->conv, look->peer) != ZEEK_CLOSED)
            set_state(look->conv, look->own, ZEEK_RESET);
        break;
    case ZEEK_RESET:
        break;
    }
}

void tcp_zeek_step(struct tcp_conversation *conversation, const struct tcp_segment *segment,
                   enum tcp_role role)
{
    struct look look = {
        .conv = conversation,
        .seg = segment,
        .own = role,
        .peer = tcp_other_role(role),
    };

    if (!tcp_conversation_has_begun(conversation))
        begin(&look);
    else
        turn_after_syn_ack(&look);
    begin_numbers(&look);
    note_flags(&look);
    note_zero_window(&look);
    note_retransmission(&look);
    take(&look);
    note_gap(&look);
}

/* --- reading it out --- */

/* SYN, then RST, and of the originator's nothing in between but more of the same: its letters that
 * rule this out. */
static bool is_syn_then_rst(const struct tcp_conversation *conv)
{
    char text[TCP_HISTORY_MAX + 1];
    const char *letter = text;

    tcp_zeek_history(conv, text);
    if (*letter == '^')
        letter++;
    if (*letter++ != 'S')
        return false;
    for (; *letter; letter++)
        switch (*letter) {
        case 'R':
            return true;
        case 'H':
        case 'A':
        case 'F':
        case 'G':
        case 'I':
        case 'Q':
            return false;
        default:
            break;
        }
    return false;
}

static bool is_unseen(enum zeek_state state)
{
    return state == ZEEK_INACTIVE || state == ZEEK_PARTIAL;
}

static enum tcp_conn_state conn_state_of_reset(const struct tcp_conversation *conv,
                                               bool has_payload)
{
    enum tcp_role originator = originator_of(conv);
    enum zeek_state orig = state_of(conv, originator);
    enum zeek_state resp = state_of(conv, tcp_other_role(originator));

    if (resp == ZEEK_RESET) {
        if (orig == ZEEK_SYN_SENT || orig == ZEEK_SYN_ACK_SENT ||
            (orig == ZEEK_RESET && !has_payload))
            return TCP_CONN_REJ;
        return is_unseen(orig) ? TCP_CONN_RSTRH : TCP_CONN_RSTR;
    }
    if (!is_unseen(resp))
        return TCP_CONN_RSTO;
    return is_syn_then_rst(conv) ? TCP_CONN_RSTOS0 : TCP_CONN_OTH;
}

enum tcp_conn_state tcp_zeek_conn_state(const struct tcp_conversation *conversation,
                                        bool has_payload)
{
    enum tcp_role originator = originator_of(conversation);
    enum zeek_state orig = state_of(conversation, originator);
    enum zeek_state resp = state_of(conversation, tcp_other_role(originator));

    if (orig == ZEEK_RESET || resp == ZEEK_RESET)
        return conn_state_of_reset(conversation, has_payload);
    if (orig == ZEEK_CLOSED && resp == ZEEK_CLOSED)
        return TCP_CONN_SF;
    if (orig == ZEEK_CLOSED)
        return is_unseen(resp) ? TCP_CONN_SH : TCP_CONN_S2;
    if (resp == ZEEK_CLOSED)
        return is_unseen(orig) ? TCP_CONN_SHR : TCP_CONN_S3;
    if (orig == ZEEK_SYN_SENT && resp == ZEEK_INACTIVE)
        return TCP_CONN_S0;
    if (orig == ZEEK_ESTABLISHED && resp == ZEEK_ESTABLISHED)
        return TCP_CONN_S1;
    return TCP_CONN_OTH;
}

unsigned tcp_zeek_history(const struct tcp_conversation *conversation, char *text)
{
    const uint32_t *letters = conversation->zeek.letters;
    unsigned count = 0;

    for (size_t i = 0; i < sizeof conversation->zeek.letters / sizeof *letters; i++)
        for (uint32_t rest = letters[i]; rest != 0; rest >>= LETTER_BITS)
            text[count++] = letter_names[(rest & LETTER_MASK) - 1];
    text[count] = '\0';
    return count;
}

/* make_capture.c
 * Writes a capture of any size for bench/run: whole TCP conversations, interleaved over time.
 *
 * A conversation is SYN, SYN-ACK, ACK, then request, ACK, reply, ACK as often as its length allows,
 * then FIN, FIN+ACK, ACK. With as many conversations as segments each is a SYN that nothing answers. The
 * same options give the same file, octet for octet, on any machine.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPENING = 3, /* segments of the handshake */
    CLOSING = 3, /* segments of the teardown */
    ETH_LEN = 14,
    IP_LEN = 20,
    TCP_LEN = 20,
    REQUEST_LEN = 96,
    REPLY_LEN = 240,
    MAX_FRAME = ETH_LEN + IP_LEN + TCP_LEN + 20 + REPLY_LEN,
    FIN = 0x01,
    SYN = 0x02,
    PSH = 0x08,
    ACK = 0x10,
};

/* Ports that no dissector of Wireshark 4.0 to 4.6 has registered, so that the payload stays "data"
 * and the time measured is that of TCP; bench/run checks it for the version at hand. */
enum { SERVER_PORT = 23571, CLIENT_PORT = 53000, CLIENT_PORTS = 3000 };

/* How the 4-tuples are spread. A server is used by all clients and ports before the next set of
 * servers comes up, so no 4-tuple is used twice. */
enum { CLIENTS = 1000, SERVERS = 8, SERVER_SETS = 31 };
static const uint64_t max_conversations = (uint64_t)CLIENTS * CLIENT_PORTS * SERVER_SETS;

/* 2024-01-01 00:00:00 UTC */
static const uint64_t start_us = UINT64_C(1704067200) * 1000000;

struct end {
    uint8_t address[4];
    uint16_t port;
    uint32_t seq;        /* next to send */
    uint32_t clock_ms;   /* offset of its timestamp clock */
    uint32_t last_tsval; /* of its last segment, for the other end to echo */
    uint8_t ttl;
    uint16_t ip_id;
};

struct conversation {
    uint64_t length; /* in segments */
    uint64_t done;
    struct end client, server;
};

struct options {
    uint64_t segments;
    uint64_t conversations;
    uint64_t open;
    const char *file;
};

static uint64_t random_state = UINT64_C(0x9e3779b97f4a7c15);

/** xorshift64: cheap, and the same everywhere. */
static uint32_t next_random(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 32);
}

static uint8_t *put16(uint8_t *p, uint32_t value)
{
    *p++ = (uint8_t)(value >> 8);
    *p++ = (uint8_t)value;
    return p;
}

static uint8_t *put32(uint8_t *p, uint32_t value)
{
    return put16(put16(p, value >> 16), value & 0xffff);
}

/** Adds @p len octets to a sum in one's complement (RFC 1071), to be folded by checksum(). */
static uint32_t add_sum(uint32_t sum, const uint8_t *p, size_t len)
{
    for (size_t i = 0; i + 1 < len; i += 2)
        sum += (uint32_t)(p[i] << 8 | p[i + 1]);
    return len % 2 ? sum + (uint32_t)(p[len - 1] << 8) : sum;
}

static uint32_t checksum(uint32_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return ~sum & 0xffff;
}

static void start_conversation(struct conversation *c, uint64_t number, uint64_t length)
{
    uint64_t tuple = number;
    uint32_t host = (uint32_t)(tuple % CLIENTS);
    tuple /= CLIENTS;
    uint32_t port = (uint32_t)(tuple % CLIENT_PORTS);
    tuple /= CLIENT_PORTS;
    uint32_t server = 1 + host % SERVERS + (uint32_t)tuple * SERVERS;

    *c = (struct conversation){
        .length = length,
        .client = { .address = { 10, 0, (uint8_t)(host / 250), (uint8_t)(1 + host % 250) },
                    .port = (uint16_t)(CLIENT_PORT + port),
                    .ttl = 64 },
        .server = { .address = { 198, 51, 100, (uint8_t)server }, .port = SERVER_PORT, .ttl = 57 },
    };
    struct end *ends[] = { &c->client, &c->server };
    for (int i = 0; i < 2; i++) {
        ends[i]->seq = next_random();
        ends[i]->clock_ms = next_random();
        ends[i]->ip_id = (uint16_t)next_random();
    }
}

struct segment {
    struct end *from, *to;
    uint8_t flags;
    size_t payload;
};

/** What the next segment of a conversation is. */
static struct segment next_segment(struct conversation *c)
{
    struct segment request_or_fin = { &c->client, &c->server, ACK, 0 };
    struct segment reply = { &c->server, &c->client, ACK, 0 };
    uint64_t at = c->done, left = c->length - c->done;

    if (at == 0)
        request_or_fin.flags = SYN;
    else if (at == 1)
        return reply.flags = SYN | ACK, reply;
    else if (at == 2 || left == 1)
        return request_or_fin;
    else if (left == 3)
        request_or_fin.flags = FIN | ACK;
    else if (left == 2)
        return reply.flags = FIN | ACK, reply;
    else
        switch ((at - OPENING) % 4) {
        case 0:
            request_or_fin.flags = PSH | ACK;
            request_or_fin.payload = REQUEST_LEN;
            break;
        case 1:
            return reply;
        case 2:
            reply.flags = PSH | ACK;
            reply.payload = REPLY_LEN;
            return reply;
        default:
            break;
        }
    return request_or_fin;
}

/** Options as Linux sends them. @return the end of what was written. */
static uint8_t *put_options(uint8_t *p, const struct segment *s, uint32_t tsval)
{
    if (s->flags & SYN) {
        p = put32(p, 0x020405b4); /* MSS 1460 */
        p = put16(p, 0x0402);     /* SACK permitted */
        p = put16(p, 0x080a);     /* timestamps */
        p = put32(p, tsval);
        p = put32(p, s->flags & ACK ? s->to->last_tsval : 0);
        return put32(p, 0x01030307); /* no-op, window scale 7 */
    }
    p = put32(p, 0x0101080a); /* two no-ops, timestamps */
    p = put32(p, tsval);
    return put32(p, s->to->last_tsval);
}

/** @return the end of the TCP segment written at @p tcp; its checksum is still to come. */
static uint8_t *put_tcp(uint8_t *tcp, const struct segment *s, uint64_t now_us)
{
    struct end *from = s->from;
    uint32_t tsval = from->clock_ms + (uint32_t)(now_us / 1000);
    uint8_t *p = put16(tcp, from->port);
    p = put16(p, s->to->port);
    p = put32(p, from->seq);
    p = put32(p, s->flags & ACK ? s->to->seq : 0);
    uint8_t *offset_and_flags = p;
    p = put16(p + 2, s->flags & SYN ? 64240 : 502);
    p = put32(p, 0); /* checksum, urgent pointer */
    p = put_options(p, s, tsval);
    put16(offset_and_flags, (uint32_t)(p - tcp) / 4 << 12 | s->flags);
    for (size_t i = 0; i < s->payload; i++)
        *p++ = (uint8_t)('a' + (from->seq + i) % 26);

    from->last_tsval = tsval;
    from->seq += (uint32_t)s->payload + (s->flags & (SYN | FIN) ? 1 : 0);
    return p;
}

static void put_ip(uint8_t *ip, const struct segment *s, size_t tcp_len)
{
    uint8_t *p = put16(ip, 0x4500);
    p = put16(p, (uint32_t)(IP_LEN + tcp_len));
    p = put16(p, s->from->ip_id++);
    p = put16(p, 0x4000); /* do not fragment */
    *p++ = s->from->ttl;
    *p++ = 6;
    p = put16(p, 0);
    memcpy(p, s->from->address, 4);
    memcpy(p + 4, s->to->address, 4);
    put16(ip + 10, checksum(add_sum(0, ip, IP_LEN)));
}

/** @return the length of the frame written. */
static size_t put_frame(uint8_t *frame, const struct segment *s, bool from_client, uint64_t now_us)
{
    static const uint8_t client_mac[6] = { 0x02, 0, 0, 0, 0, 0x01 };
    static const uint8_t server_mac[6] = { 0x02, 0, 0, 0, 0, 0x02 };
    memcpy(frame, from_client ? server_mac : client_mac, 6);
    memcpy(frame + 6, from_client ? client_mac : server_mac, 6);
    put16(frame + 12, 0x0800);

    uint8_t *ip = frame + ETH_LEN, *tcp = ip + IP_LEN;
    size_t tcp_len = (size_t)(put_tcp(tcp, s, now_us) - tcp);
    put_ip(ip, s, tcp_len);
    uint32_t pseudo_header = add_sum(6 + (uint32_t)tcp_len, ip + 12, 8);
    put16(tcp + 16, checksum(add_sum(pseudo_header, tcp, tcp_len)));
    return ETH_LEN + IP_LEN + tcp_len;
}

static bool write_header(FILE *out)
{
    uint8_t header[24] = { 0 };
    put32(header, 0xa1b2c3d4); /* big-endian, microseconds */
    put32(header + 4, 0x00020004);
    put32(header + 16, 262144);
    put32(header + 20, 1); /* Ethernet */
    return fwrite(header, sizeof header, 1, out) == 1;
}

static bool write_next(FILE *out, struct conversation *c, uint64_t now_us)
{
    uint8_t record[16 + MAX_FRAME];
    struct segment s = next_segment(c);
    size_t len = put_frame(record + 16, &s, s.from == &c->client, now_us);
    put32(record, (uint32_t)((start_us + now_us) / 1000000));
    put32(record + 4, (uint32_t)((start_us + now_us) % 1000000));
    put32(record + 8, (uint32_t)len);
    put32(record + 12, (uint32_t)len);
    c->done++;
    return fwrite(record, 16 + len, 1, out) == 1;
}

/** Keeps o->open conversations going at once, and lets chance say which goes on. */
static bool write_conversations(FILE *out, const struct options *o)
{
    uint64_t open = o->open < o->conversations ? o->open : o->conversations;
    uint64_t each = o->segments / o->conversations, longer = o->segments % o->conversations;
    uint64_t started = 0, now_us = 0;
    struct conversation *slots = calloc(open, sizeof *slots);
    bool ok = slots != NULL;

    for (; started < open && ok; started++)
        start_conversation(&slots[started], started, each + (started < longer));
    while (open > 0 && ok) {
        struct conversation *c = &slots[next_random() % open];
        now_us += 5 + next_random() % 30;
        ok = write_next(out, c, now_us);
        if (c->done < c->length)
            continue;
        if (started < o->conversations) {
            start_conversation(c, started, each + (started < longer));
            started++;
        } else {
            *c = slots[--open];
        }
    }
    free(slots);
    return ok;
}

static bool parse_number(const char *text, uint64_t *value)
{
    char *end;
    errno = 0;
    unsigned long long parsed = strtoull(text, &end, 10);
    *value = parsed;
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0;
}

static bool parse_options(int argc, char **argv, struct options *o)
{
    *o = (struct options){ .segments = 1000000, .conversations = 100000, .open = 50 };
    int i = 1;
    for (; i + 1 < argc && argv[i][0] == '-'; i += 2) {
        uint64_t *value = !strcmp(argv[i], "--segments")        ? &o->segments
                          : !strcmp(argv[i], "--conversations") ? &o->conversations
                          : !strcmp(argv[i], "--open")          ? &o->open
                                                                : NULL;
        if (value == NULL || !parse_number(argv[i + 1], value) || *value == 0)
            return false;
    }
    if (i + 1 != argc || argv[i][0] == '-')
        return false;
    o->file = argv[i];
    return true;
}

int main(int argc, char **argv)
{
    struct options o;
    if (!parse_options(argc, argv, &o)) {
        fputs(
            "usage: make_capture [--segments N] [--conversations N] [--open N] FILE\n"
            "  --segments N       in all (default 1000000)\n"
            "  --conversations N  the segments are dealt out to them (default 100000); as many as\n"
            "                     segments: each is a SYN alone\n"
            "  --open N           conversations that go on at the same time (default 50)\n",
            stderr);
        return 2;
    }
    bool has_whole_ones = o.segments / o.conversations >= OPENING + CLOSING;
    bool is_flood = o.segments == o.conversations;
    if (!(has_whole_ones || is_flood) || o.conversations > max_conversations) {
        fprintf(stderr,
                "make_capture: a conversation has at least %d segments, or each has one, and there "
                "are at most %llu conversations\n",
                OPENING + CLOSING, (unsigned long long)max_conversations);
        return 2;
    }
    FILE *out = fopen(o.file, "wb");
    bool ok = out != NULL && write_header(out) && write_conversations(out, &o);
    if (out != NULL && fclose(out) != 0)
        ok = false;
    if (!ok) {
        fprintf(stderr, "make_capture: %s: %s\n", o.file, strerror(errno));
        return 1;
    }
    return 0;
}

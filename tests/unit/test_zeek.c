/* test_zeek.c
 * conn_state and history: every state, every letter, and who counts as the originator.
 *
 * A conversation is a few words: who sends (c or s), flags as tcpdump prints them, sequence number,
 * acknowledgment number, payload octets, and "w0" where the window is closed. Numbers count from the
 * ends' ISNs; c: port 40000, s: port 80, unless the test says otherwise.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "check.h"
#include "notation.h"
#include "tcp_verdict.h"

#include <stdio.h>
#include <string.h>

#define OPENED "c S 0 0 0, s S. 0 1 0, c . 1 1 0, "
#define DATA   "c P. 1 1 5, s . 1 6 0, s P. 1 6 7, c . 6 8 0, "

struct sample {
    const char *name;
    const char *segments;
    const char *conn_state;
    const char *history;
    uint16_t ports[2]; /* c's and s's */
};

static const struct sample samples[] = {
    /* --- every conn_state --- */
    { "a SYN alone", "c S 0 0 0, c S 0 0 0", "S0", "S", { 0 } },
    { "open", OPENED DATA, "S1", "ShADad", { 0 } },
    { "without the last ACK of the handshake", "c S 0 0 0, s S. 0 1 0", "S1", "Sh", { 0 } },
    { "closed in order", OPENED DATA "c F. 6 8 0, s F. 8 7 0, c . 7 9 0", "SF", "ShADadFf", { 0 } },
    { "refused", "c S 0 0 0, s R. 0 1 0", "REJ", "Sr", { 0 } },
    { "the originator alone closed", OPENED "c F. 1 1 0, s . 1 2 0", "S2", "ShAFa", { 0 } },
    { "the responder alone closed", OPENED "s F. 1 1 0, c . 1 2 0", "S3", "ShAf", { 0 } },
    { "reset by the originator", OPENED DATA "c R. 6 8 0", "RSTO", "ShADadR", { 0 } },
    { "reset by the responder", OPENED DATA "s R. 8 6 0", "RSTR", "ShADadr", { 0 } },
    { "a SYN, then a RST", "c S 0 0 0, c R 1 0 0", "RSTOS0", "SR", { 0 } },
    { "the responder only acknowledged the SYN",
      "c S 0 0 0, s . 1 1 0, c R 1 0 0",
      "RSTOS0",
      "SaR",
      { 0 } },
    { "a SYN, then more than a RST",
      "c S 0 0 0, s . 1 1 0, c F 1 0 0, c R 2 0 0",
      "OTH",
      "SaFR",
      { 0 } },
    { "one direction, reset", "c S 0 0 0, c . 1 1 0, c R 1 1 0", "OTH", "SAR", { 0 } },
    { "from the middle, reset by the responder", "c P. 1 1 5, s R. 1 6 0", "RSTRH", "Dr", { 0 } },
    { "one direction of the originator",
      "c S 0 0 0, c . 1 1 0, c P. 1 1 3, c F. 4 1 0",
      "SH",
      "SADF",
      { 0 } },
    { "one direction of the responder", "s S. 0 1 0, s . 1 9 0, s F. 1 9 0", "SHR", "^haf", { 0 } },
    { "from the middle", "c P. 1 1 5, s P. 1 6 5, c . 6 6 0", "OTH", "DdA", { 0 } },
    { "a RST alone", "c R 5 0 0", "OTH", "R", { 0 } },
    { "no flags at all", "c 0 1 0 0", "OTH", "", { 0 } },

    /* --- who is who: the ports, and what follows a SYN-ACK --- */
    { "from the middle, a service speaks first", "s P. 1 1 5, c . 1 6 0", "OTH", "^dA", { 0 } },
    { "a FIN of a service comes first", "s F. 1 1 0, c . 1 2 0", "SHR", "^fA", { 0 } },
    { "neither port is a service's", "s P. 1 1 5, c . 1 6 0", "OTH", "Da", { 40000, 9999 } },
    { "two services: the higher port is the client's", "s P. 1 1 5", "OTH", "^d", { 443, 80 } },
    { "two services, the higher port first", "c P. 1 1 5", "OTH", "D", { 443, 80 } },
    { "a SYN is never turned", "s S 0 0 0", "S0", "S", { 0 } },
    { "a SYN-ACK of a service, answered", "s S. 0 1 0, c . 1 1 0", "S1", "^hA", { 0 } },
    { "a SYN-ACK of a service between services", "s S. 0 1 0", "OTH", "H", { 443, 80 } },
    { "... and an ACK follows", "s S. 0 1 0, c . 1 1 0, c P. 1 1 5", "S1", "^hAD", { 443, 80 } },
    { "a SYN-ACK, then data", "s S. 0 1 0, s P. 1 1 9", "OTH", "^hd", { 40000, 9999 } },
    { "a SYN-ACK, then its sender's ACK and FIN",
      "s S. 0 1 0, s . 1 9 0, s F. 1 9 0",
      "SHR",
      "^haf",
      { 40000, 9999 } },
    { "a SYN-ACK, then a RST: a scan", "s S. 0 1 0, c R 1 0 0", "REJ", "Hr", { 40000, 9999 } },
    { "a SYN-ACK, then a FIN", "s S. 0 1 0, s F. 1 1 0", "SH", "HF", { 40000, 9999 } },
    { "a SYN-ACK alone", "s S. 0 1 0, s S. 0 1 0", "OTH", "H", { 40000, 9999 } },
    { "a SYN behind its SYN-ACK",
      "s S. 0 1 0, c S 0 0 0, c . 1 1 0",
      "S1",
      "Hs^A",
      { 40000, 9999 } },

    { "a SYN-ACK of a service alone", "s S. 0 1 0", "OTH", "^h", { 0 } },
    { "equal ports of a service", "c P. 1 1 5", "OTH", "D", { 80, 80 } },
    { "a SYN-ACK, then data without ACK", "s S. 0 1 0, s P 1 0 9", "OTH", "^hd", { 40000, 9999 } },
    { "a SYN-ACK, then its sender's RST", "s S. 0 1 0, s R. 1 1 0", "OTH", "HR", { 40000, 9999 } },
    { "a SYN-ACK, a RST, then an ACK",
      "s S. 0 1 0, c R 1 0 0, s . 1 1 0",
      "REJ",
      "HrA",
      { 40000, 9999 } },
    { "a SYN-ACK with a closed window", "s S. 0 1 0 w0, c . 1 1 0", "S1", "^hA", { 40000, 9999 } },
    { "two SYN-ACKs", "s S. 0 1 0, c S. 0 1 0", "OTH", "Hh", { 40000, 9999 } },
    { "a SYN-ACK, then a SYN that it does not acknowledge",
      "s S. 0 1 0, c S 70 0 0",
      "OTH",
      "Hs",
      { 40000, 9999 } },

    /* --- what opens --- */
    { "an ACK of the SYN opens nothing", "c S 0 0 0, s . 1 1 0", "S0", "Sa", { 0 } },
    { "... the SYN-ACK behind it does",
      "c S 0 0 0, s . 1 1 0, s S. 0 1 0, c . 1 1 0",
      "S1",
      "SahA",
      { 0 } },
    { "data for a SYN", "c S 0 0 0, s P. 1 1 5", "OTH", "Sd", { 0 } },
    { "a SYN-ACK of an end found in the middle",
      "c P. 1 1 5, c S. 20 1 0",
      "OTH",
      "DH",
      { 40000, 9999 } },
    { "a SYN where both were found in the middle",
      "c P. 1 1 5, s P. 1 6 5, c S 20 0 0",
      "OTH",
      "DdS",
      { 40000, 9999 } },
    { "a SYN in an open connection", OPENED "c S 0 0 0", "S1", "ShA", { 0 } },

    /* --- letters that come once an end --- */
    { "ACKs and data again and again",
      OPENED DATA "c P. 6 8 5, s P. 8 11 5, c . 11 13 0",
      "S1",
      "ShADad",
      { 0 } },
    { "FIN and RST", OPENED "c FR. 1 1 0, c FR. 1 1 0, s FR. 1 1 0", "REJ", "ShAIi", { 0 } },
    { "SYN and FIN", "c SF 0 0 0, c SF 0 0 0, s SR. 0 1 0", "RSTR", "Qq", { 0 } },
    { "all three", "c SFR 0 0 0", "OTH", "I", { 0 } },
    { "data on a FIN is no d", OPENED "c FP. 1 1 5, s FP. 1 7 5", "SF", "ShAFf", { 0 } },

    /* --- letters that come again with another number --- */
    { "a SYN again", "c S 0 0 0, c S 0 0 0, s S. 0 1 0, s S. 0 1 0", "S1", "Sh", { 0 } },
    { "a SYN-ACK with another number", "c S 0 0 0, s S. 0 1 0, s S. 70 1 0", "S1", "Sh", { 0 } },
    { "a SYN-ACK with another number after the close",
      OPENED "c F. 1 1 0, s F. 1 2 0, s S. 70 1 0, s S. 70 1 0",
      "SF",
      "ShAFfh",
      { 0 } },
    { "a FIN again",
      OPENED "c F. 1 1 0, c F. 1 1 0, s F. 1 2 0, s F. 1 2 0",
      "SF",
      "ShAFf",
      { 0 } },
    { "a FIN with another number",
      OPENED "c F. 1 1 0, c F. 9 1 0, c F. 9 1 0",
      "S2",
      "ShAFF",
      { 0 } },
    { "RSTs with the same number", OPENED "s R 1 0 0, s R 1 0 0", "RSTR", "ShAr", { 0 } },
    { "RSTs with different numbers",
      OPENED "s R 1 0 0, s R 9 0 0, s R 9 0 0, s R 1 0 0",
      "RSTR",
      "ShArrr",
      { 0 } },
    { "a RST and its FIN have different numbers",
      OPENED "c F. 1 1 0, c R 2 0 0, c F. 1 1 0, c R 2 0 0",
      "RSTO",
      "ShAFR",
      { 0 } },

    { "a SYN with another number, nothing opened",
      "c S 100 0 0, c S 0 0 0, c P. 1 1 5",
      "S0",
      "SD",
      { 0 } },
    { "a SYN with another number after the sender's RST",
      OPENED "c R 1 0 0, c S 70 0 0",
      "RSTO",
      "ShARS",
      { 0 } },
    { "... where the RST came first", "c R 100 0 0, c S 0 0 0, c S 70 0 0", "OTH", "RS", { 0 } },

    /* --- letters that are counted --- */
    { "data again", OPENED "c P. 1 1 5, c P. 1 1 5", "S1", "ShADT", { 0 } },
    { "data again, with more", OPENED "c P. 1 1 5, c P. 1 1 9", "S1", "ShAD", { 0 } },
    { "data that fills a gap counts as sent again",
      OPENED "c P. 6 1 5, c P. 1 1 5",
      "S1",
      "ShADT",
      { 0 } },
    { "a FIN that overtakes data", OPENED "s F. 6 1 0, s P. 1 1 5", "S3", "ShAfdt", { 0 } },
    { "a keep-alive without an octet",
      OPENED "c P. 1 1 5, s . 1 6 0, c . 5 1 0",
      "S1",
      "ShADa",
      { 0 } },
    { "a keep-alive with an octet",
      OPENED "c P. 1 1 5, s . 1 6 0, c . 5 1 1",
      "S1",
      "ShADaT",
      { 0 } },
    { "a FIN more than 2 GiB after the SYN", OPENED "c F. 3000000000 1 5", "S2", "ShAF", { 0 } },
    { "data on a SYN", "c S 0 0 5, s S. 0 6 0, c . 6 1 0", "S1", "SThA", { 0 } },
    { "data again after the SYN again",
      "c S 0 0 0, c P. 1 1 5, c S 0 0 0, c P. 1 1 5",
      "S0",
      "SDT",
      { 0 } },
    { "data again after the own RST",
      OPENED "c P. 1 1 5, c R 6 0 0, c P. 1 1 5",
      "RSTO",
      "ShADR",
      { 0 } },
    { "data again after the other end's RST",
      OPENED "c P. 1 1 5, s R 1 0 0, c P. 1 1 5",
      "RSTR",
      "ShADrT",
      { 0 } },
    { "data on a SYN from far back",
      OPENED "c F. 1 1 0, c S. 4285967296 1 5",
      "S2",
      "ShAFH",
      { 0 } },
    { "data on a RST", OPENED "c R. 1 1 5", "RSTO", "ShART", { 0 } },
    { "data after the sender's RST", OPENED "c R 1 0 0, c P. 1 1 5", "RSTO", "ShARD", { 0 } },
    { "... from far back is not looked at", OPENED "c R. 4285967296 1 5", "RSTO", "ShAR", { 0 } },
    { "a closed window", OPENED "s . 1 1 0 w0", "S1", "ShAaw", { 0 } },
    { "... on a SYN", "c S 0 0 0 w0", "S0", "SW", { 0 } },
    { "... on a RST", OPENED "s R. 1 1 0 w0", "RSTR", "ShAr", { 0 } },
    { "... after the other end's FIN", OPENED "c F. 1 1 0, s . 1 2 0 w0", "S2", "ShAFa", { 0 } },
    { "... after the own FIN", OPENED "c F. 1 1 0, c . 2 1 0 w0", "S2", "ShAFW", { 0 } },
    { "... after the own RST", OPENED "c R 1 0 0, c . 2 1 0 w0", "RSTO", "ShAR", { 0 } },
    { "an ACK for data that is missing", OPENED "s . 1 6 0", "S1", "ShAaG", { 0 } },
    { "an ACK over a gap", OPENED "c P. 6 1 5, s . 1 11 0", "S1", "ShADaG", { 0 } },
    { "a gap that is filled", OPENED "c P. 6 1 5, c P. 1 1 5, s . 1 11 0", "S1", "ShADTa", { 0 } },
    { "gaps that are filled out of order",
      OPENED "c P. 6 1 5, c P. 16 1 5, c P. 1 1 5, c P. 11 1 5, s . 1 21 0",
      "S1",
      "ShADTa",
      { 0 } },
    { "two parts beyond a gap, and more missing",
      OPENED "c P. 6 1 5, c P. 16 1 5, s . 1 22 0",
      "S1",
      "ShADaG",
      { 0 } },
    { "the ACK of a FIN is no gap", OPENED "c F. 1 1 0, s . 1 2 0", "S2", "ShAFa", { 0 } },
    { "an ACK of a FIN over a gap", OPENED "c F. 9 1 0, s . 1 10 0", "S2", "ShAFaG", { 0 } },
    { "a gap before a RST is not told", OPENED "s R. 1 6 0", "RSTR", "ShAr", { 0 } },
    { "a gap from the middle is not told",
      "c P. 1 1 5, s . 1 90 0, s . 1 95 0",
      "OTH",
      "Da",
      { 0 } },

    /* --- how an end that reset or closed goes on --- */
    { "a FIN, then a RST, then the other's FIN",
      OPENED "c F. 1 1 0, c R 2 0 0, s F. 1 2 0",
      "SF",
      "ShAFRf",
      { 0 } },
    { "a RST without a FIN, then the other's FIN",
      OPENED "c R 1 0 0, s F. 1 1 0",
      "RSTO",
      "ShARf",
      { 0 } },
    { "a RST after both FINs", OPENED "c F. 1 1 0, s F. 1 2 0, c R 2 0 0", "SF", "ShAFfR", { 0 } },
    { "both reset, no payload", OPENED "c R 1 0 0, s R 1 0 0", "REJ", "ShARr", { 0 } },
    { "both reset, with payload", OPENED DATA "c R 6 0 0, s R 8 0 0", "RSTR", "ShADadRr", { 0 } },
    { "both open at once", "c S 0 0 0, s S 0 0 0, c S. 0 1 0, s S. 0 1 0", "S1", "Ss", { 0 } },
    { "a SYN after the sender's data", "c P. 1 1 5, c S 20 0 0", "S0", "DS", { 40000, 9999 } },
    { "a RST whatever its number", OPENED "s R 70000 0 0", "RSTR", "ShAr", { 0 } },
};

/* A conversation being played. */
struct play {
    struct tcp_conversation conversation;
    const uint32_t *isn;
    uint32_t frame;
    uint16_t ports[2];
};

static void send(struct play *play, int from, const char *flags, uint32_t seq, uint32_t ack,
                 uint32_t len, bool closed)
{
    struct tcp_annotation note;
    struct tcp_segment segment = {
        .time = ++play->frame * INT64_C(1000000),
        .frame = play->frame,
        .sender_id = (uint32_t)from + 1,
        .receiver_id = 2 - (uint32_t)from,
        .seq = play->isn[from] + seq,
        .ack = strchr(flags, '.') ? play->isn[1 - from] + ack : 0,
        .len = len,
        .flags = flags_of(strcmp(flags, "0") == 0 ? "" : flags),
        .window = closed ? 0 : 1000,
        .source_port = play->ports[from],
        .destination_port = play->ports[1 - from],
        .window_scale = -1,
    };

    tcp_tracker_step(&play->conversation, NULL, &segment, &note);
    segment.frame = ++play->frame;
    tcp_tracker_copy(&play->conversation, &segment, &note, segment.frame - 1, &note);
}

static void begin(struct play *play, const struct sample *sample, const uint32_t *isn)
{
    *play = (struct play){ .isn = isn };
    play->ports[0] = sample->ports[0] ? sample->ports[0] : 40000;
    play->ports[1] = sample->ports[1] ? sample->ports[1] : 80;
}

static void send_all(struct play *play, const char *segments)
{
    int used;

    for (; *segments; segments += used) {
        char who, flags[8], more[8] = "";
        unsigned seq, ack, len;

        used = 0;
        if (!CHECK(sscanf(segments, " %c %7s %u %u %u%n", &who, flags, &seq, &ack, &len, &used) ==
                   5))
            return;
        segments += used;
        used = 0;
        if (sscanf(segments, " %2[w0]%n", more, &used) == 1)
            segments += used;
        send(play, who == 's', flags, seq, ack, len, strcmp(more, "w0") == 0);
        used = (int)strspn(segments, ", ");
    }
}

static void check_sample(const struct sample *sample, const uint32_t *isn)
{
    struct play play;
    struct tcp_outcome outcome;

    check_about("%s, ISNs %u and %u", sample->name, isn[0], isn[1]);
    begin(&play, sample, isn);
    send_all(&play, sample->segments);
    tcp_verdict(&play.conversation, &outcome);
    CHECK_TEXT(sample->conn_state, word_for_conn_state(outcome.conn_state));
    CHECK_TEXT(sample->history, outcome.history);
}

static void all_samples(void)
{
    static const uint32_t isn[2] = { 1000, 5000 };

    for (size_t i = 0; i < COUNT_OF(samples); i++)
        check_sample(&samples[i], isn);
}

/* Where unsigned numbers go round, and where the sign of their difference does. */
static void sequence_numbers_go_round(void)
{
    for (size_t i = 0; i < COUNT_OF(samples); i++)
        for (uint32_t offset = 0; offset < 32; offset++) {
            const uint32_t isn[2] = { 0 - offset, (UINT32_C(1) << 31) - offset };
            const uint32_t other[2] = { isn[1], isn[0] };

            check_sample(&samples[i], isn);
            check_sample(&samples[i], other);
        }
}

/* The ports of services by themselves: each turns the roles. */
static void ports_of_services(void)
{
    static const uint16_t ports[] = {
        21, 22, 25, 53, 80, 88, 110, 143, 443, 502, 3389, 8080, 20000
    };
    static const uint32_t isn[2] = { 1000, 5000 };

    for (size_t i = 0; i < COUNT_OF(ports); i++) {
        const struct sample turned = {
            "a service", "s P. 1 1 5", "OTH", "^d", { 40000, ports[i] }
        };

        check_sample(&turned, isn);
    }
}

/* What is counted has a letter the 1st, 10th, 100th and 1000th time, and none after that. */
static void counted_letters(void)
{
    static const uint32_t isn[2] = { 1000, 5000 };
    static const struct {
        unsigned times;
        const char *history;
    } counts[] = {
        { 1, "ShADT" },        { 9, "ShADT" },        { 10, "ShADTT" },     { 99, "ShADTT" },
        { 100, "ShADTTT" },    { 999, "ShADTTT" },    { 1000, "ShADTTTT" }, { 1024, "ShADTTTT" },
        { 10000, "ShADTTTT" }, { 70000, "ShADTTTT" },
    };

    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        struct play play;
        struct tcp_outcome outcome;

        begin(&play, &samples[0], isn);
        send_all(&play, OPENED "c P. 1 1 5");
        for (unsigned n = 0; n < counts[i].times; n++)
            send(&play, 0, "P.", 1, 1, 5, false);
        tcp_verdict(&play.conversation, &outcome);
        check_about("sent again %u times", counts[i].times);
        CHECK_TEXT(counts[i].history, outcome.history);
    }
}

/* The counters do not run into each other: all of both ends at their highest. */
static void counters_are_apart(void)
{
    static const uint32_t isn[2] = { 1000, 5000 };
    struct play play;
    struct tcp_outcome outcome;

    begin(&play, &samples[0], isn);
    send_all(&play, OPENED "c P. 1 1 5, s . 1 6 0, s P. 1 6 5");
    for (uint32_t n = 0; n < 2000; n++)
        for (int from = 0; from < 2; from++)
            send(&play, from, "P.", 1, 100 + 10 * n, 5, true);
    tcp_verdict(&play.conversation, &outcome);
    CHECK_TEXT("ShADadWTgwtGWTgwtGWTgwtG", outcome.history);
}

/* What goes beyond the letters kept is left out, and nothing else is harmed. */
static void a_history_too_long(void)
{
    static const uint32_t isn[2] = { 1000, 5000 };
    struct play play;
    struct tcp_outcome outcome;

    begin(&play, &samples[0], isn);
    send_all(&play, OPENED);
    for (uint32_t n = 0; n < 100; n++)
        send(&play, 1, "R", 1 + n, 0, 0, false);
    tcp_verdict(&play.conversation, &outcome);
    CHECK_NUMBER(TCP_HISTORY_MAX, strlen(outcome.history));
    CHECK_TEXT("ShArrrrrrrrrrrrrrrrrrrrr", outcome.history);
    CHECK_TEXT("RSTR", word_for_conn_state(outcome.conn_state));
}

static void nothing_yet(void)
{
    struct tcp_conversation conversation = { 0 };
    struct tcp_outcome outcome;

    tcp_verdict(&conversation, &outcome);
    CHECK_TEXT("OTH", word_for_conn_state(outcome.conn_state));
    CHECK_TEXT("", outcome.history);
}

int main(void)
{
    RUN(all_samples);
    RUN(sequence_numbers_go_round);
    RUN(ports_of_services);
    RUN(counted_letters);
    RUN(counters_are_apart);
    RUN(a_history_too_long);
    RUN(nothing_yet);
    return check_end();
}

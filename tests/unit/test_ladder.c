/* test_ladder.c
 * What becomes a row of a ladder, and what every format makes of it.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "ladder/ladder.h"
#include "ladder/ladder_fold.h"
#include "ladder/ladder_formats.h"
#include "ladder/ladder_layout.h"
#include "ladder/ladder_words.h"
#include "ladder_rules.h"
#include "notation.h"
#include "tcp_phase/languages.h"
#include "trace.h"

#define MS INT64_C(1000000)

enum { CLIENT, SERVER };

/* A conversation that is sent and drawn at once. */
struct play {
    struct tcp_conversation conversation;
    struct ladder *ladder;
    int64_t now;
    uint32_t frame;
};

static struct play begin(void)
{
    return (struct play){ .ladder = ladder_new(7, "a:1", "b:2") };
}

/* A segment, so many nanoseconds after the one before. */
static void after(struct play *play, int64_t wait, int from, const char *flags, uint32_t seq,
                  uint32_t ack, uint32_t len)
{
    struct tcp_annotation note;
    struct tcp_segment segment = {
        .time = play->now += wait,
        .frame = ++play->frame,
        .sender_id = (uint32_t)from,
        .receiver_id = (uint32_t)!from,
        .seq = (from == CLIENT ? 1000U : 5000U) + seq,
        .ack = (from == CLIENT ? 5000U : 1000U) + ack,
        .len = len,
        .flags = flags_of(flags),
        .window = 65000,
        .source_port = from == CLIENT ? 40000 : 80,
        .destination_port = from == CLIENT ? 80 : 40000,
        .window_scale = -1,
    };

    tcp_tracker_step(&play->conversation, NULL, &segment, &note);
    ladder_add(play->ladder, play->frame, play->now, from == CLIENT, &note);
}

static void next(struct play *play, int from, const char *flags, uint32_t seq, uint32_t ack,
                 uint32_t len)
{
    after(play, MS, from, flags, seq, ack, len);
}

static void open_it(struct play *play)
{
    next(play, CLIENT, "S", 0, 0, 0);
    next(play, SERVER, "S.", 0, 1, 0);
    next(play, CLIENT, ".", 1, 1, 0);
}

/* All is there: check it in every format, and hand out the rows. */
static const struct ladder_row *rows_of(struct play *play, unsigned expected)
{
    ladder_end(play->ladder, &play->conversation);
    ladder_check_rows(play->ladder, play->frame);
    for (unsigned i = 0; i < LANGUAGE_COUNT; i++)
        if (languages[i].table)
            ladder_check_formats(&play->ladder, 1, languages[i].table);
    CHECK_NUMBER(expected, play->ladder->rows->len);
    return play->ladder->rows->len == expected ? ladder_rows(play->ladder) : NULL;
}

static void end(struct play *play)
{
    ladder_free(play->ladder);
}

static void phases(void)
{
    static const enum ladder_phase expected[] = { LADDER_HANDSHAKE, LADDER_HANDSHAKE,
                                                  LADDER_HANDSHAKE, LADDER_DATA,
                                                  LADDER_TEARDOWN,  LADDER_RESET,
                                                  LADDER_CLOSED };
    struct play play = begin();
    const struct ladder_row *rows;

    open_it(&play);
    next(&play, CLIENT, "P.", 1, 1, 10);
    next(&play, CLIENT, "F.", 11, 1, 0);
    next(&play, SERVER, "R.", 1, 11, 0);
    next(&play, CLIENT, ".", 12, 1, 0);
    rows = rows_of(&play, COUNT_OF(expected));
    for (unsigned i = 0; rows && i < COUNT_OF(expected); i++) {
        check_about("row %u", i);
        CHECK_NUMBER(LADDER_SEGMENT, rows[i].kind);
        CHECK_NUMBER(expected[i], rows[i].phase);
        CHECK_NUMBER(i + 1, rows[i].frame);
        CHECK_NUMBER((int64_t)i * MS, rows[i].time);
    }
    check_about(NULL);
    CHECK_NUMBER(6, play.ladder->facts.rst);
    CHECK_NUMBER(TCP_STATE_LISTEN, play.ladder->begin[TCP_SERVER]);
    end(&play);
}

/* So many segments with data, the first in the given frame. */
static void send_data(struct play *play, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        next(play, CLIENT, ".", 1 + 100 * i, 1, 100);
}

static void a_long_run_is_folded(void)
{
    struct play play = begin();
    const struct ladder_row *rows;

    open_it(&play);
    send_data(&play, 1000);
    next(&play, CLIENT, "F.", 100001, 1, 0);
    rows = rows_of(&play, 3 + LADDER_FOLD_HEAD + 1 + LADDER_FOLD_TAIL + 1);
    if (rows) {
        const struct ladder_row *fold = &rows[3 + LADDER_FOLD_HEAD];

        CHECK_NUMBER(LADDER_FOLD, fold->kind);
        CHECK_NUMBER(1000 - LADDER_FOLD_HEAD - LADDER_FOLD_TAIL, fold->segments);
        CHECK_NUMBER(100 * fold->segments, fold->bytes);
        CHECK_NUMBER(0, fold->again);
        CHECK_NUMBER(rows[5].frame + 1, fold->frame);
        CHECK_NUMBER(fold[1].frame - 1, fold->last);
        CHECK_NUMBER(LADDER_DATA, fold->phase);
    }
    end(&play);
}

static void a_short_run_stays(void)
{
    const unsigned longest = LADDER_FOLD_HEAD + LADDER_FOLD_TAIL + LADDER_FOLD_MIN - 1;
    struct play play = begin();

    open_it(&play);
    send_data(&play, longest);
    rows_of(&play, 3 + longest);
    end(&play);
    play = begin();
    open_it(&play);
    send_data(&play, longest + 1);
    rows_of(&play, 3 + LADDER_FOLD_HEAD + 1 + LADDER_FOLD_TAIL);
    end(&play);
}

/* It does not matter when the folding is done. */
static void folding_is_the_same_at_any_time(void)
{
    struct play often = begin(), once = begin();

    open_it(&often);
    open_it(&once);
    for (unsigned i = 0; i < 200; i++) {
        next(&often, CLIENT, ".", 1 + 100 * i, 1, 100);
        next(&once, CLIENT, ".", 1 + 100 * i, 1, 100);
        ladder_fold(often.ladder);
    }
    if (rows_of(&often, once.ladder->rows->len - 200 + LADDER_FOLD_HEAD + 1 + LADDER_FOLD_TAIL)) {
        ladder_end(once.ladder, &once.conversation);
        CHECK(memcmp(often.ladder->rows->data, once.ladder->rows->data,
                     once.ladder->rows->len * sizeof(struct ladder_row)) == 0);
    }
    end(&often);
    end(&once);
}

/* What is sent again stands out, as long as there are few of them. */
static void retransmissions_are_folded_only_where_they_are_many(void)
{
    struct play play = begin();

    open_it(&play);
    send_data(&play, 50);
    for (unsigned i = 0; i < 3; i++)
        next(&play, CLIENT, ".", 4901, 1, 100);
    rows_of(&play, 3 + LADDER_FOLD_HEAD + 1 + LADDER_FOLD_TAIL + 3);
    CHECK(ladder_rows(play.ladder)[play.ladder->rows->len - 1].odd);
    CHECK_NUMBER(3, play.ladder->facts.data_again.count);
    CHECK_NUMBER(54, play.ladder->facts.data_again.first);
    end(&play);
    play = begin();
    open_it(&play);
    for (unsigned i = 0; i < 1000; i++) {
        next(&play, CLIENT, ".", 1 + 100 * i, 1, 100);
        next(&play, CLIENT, ".", 1 + 100 * i, 1, 100);
    }
    rows_of(&play, 3 + LADDER_FOLD_HEAD + 1 + LADDER_FOLD_TAIL);
    /* One of them is among the three at the beginning, one among the two at the end. */
    CHECK_NUMBER(998, ladder_rows(play.ladder)[3 + LADDER_FOLD_HEAD].again);
    end(&play);
}

/* Whatever comes, there are never more rows than a drawing can have. */
static void rows_are_few(void)
{
    struct play play = begin();

    for (unsigned i = 0; i < 3000; i++) { /* a SYN and its RST: the states change with each */
        next(&play, CLIENT, "S", 100 * i, 0, 0);
        next(&play, SERVER, "R.", 0, 100 * i + 1, 0);
    }
    ladder_end(play.ladder, &play.conversation);
    ladder_check_rows(play.ladder, play.frame);
    end(&play);
}

static void what_was_not_captured(void)
{
    struct play play = begin();
    const struct ladder_row *rows;

    next(&play, CLIENT, "S", 0, 0, 0); /* the SYN-ACK is missing */
    next(&play, CLIENT, ".", 1, 1, 0);
    next(&play, CLIENT, "P.", 1, 1, 10);
    next(&play, CLIENT, "P.", 31, 1, 10); /* 20 octets are missing, and never come */
    next(&play, SERVER, ".", 1, 41, 0);
    rows = rows_of(&play, 7);
    if (rows) {
        CHECK_NUMBER(LADDER_UNSEEN, rows[1].kind);
        CHECK_NUMBER(LADDER_UNSEEN_SYN_ACK, rows[1].unseen);
        CHECK_NUMBER(TCP_SERVER, rows[1].note.sender);
        CHECK_NUMBER(LADDER_HANDSHAKE, rows[1].phase);
        CHECK_NUMBER(LADDER_UNSEEN, rows[4].kind);
        CHECK_NUMBER(LADDER_UNSEEN_DATA, rows[4].unseen);
        CHECK_NUMBER(TCP_CLIENT, rows[4].note.sender);
        CHECK_NUMBER(11, rows[4].from);
        CHECK_NUMBER(30, rows[4].to);
        CHECK_NUMBER(0, rows[4].late);
    }
    end(&play);
}

static void what_comes_late(void)
{
    struct play play = begin();
    const struct ladder_row *rows;

    open_it(&play);
    next(&play, CLIENT, "P.", 11, 1, 10);
    next(&play, CLIENT, "P.", 1, 1, 10);
    rows = rows_of(&play, 6);
    if (rows) {
        CHECK_NUMBER(LADDER_UNSEEN, rows[3].kind);
        CHECK_NUMBER(1, rows[3].from);
        CHECK_NUMBER(10, rows[3].to);
        CHECK_NUMBER(5, rows[3].late);
    }
    end(&play);
}

static void arrows_that_cross(void)
{
    struct play play = begin();
    const struct ladder_row *rows;

    open_it(&play);
    next(&play, CLIENT, "F.", 1, 1, 0);
    next(&play, SERVER, "F.", 1, 1, 0);
    next(&play, CLIENT, ".", 2, 2, 0);
    next(&play, SERVER, ".", 2, 2, 0);
    rows = rows_of(&play, 7);
    if (rows) {
        CHECK(rows[4].crosses);
        CHECK(rows[3].is_withdrawn && !rows[3].is_lost);
        CHECK(!rows[5].crosses && !rows[6].crosses);
    }
    end(&play);
}

/* The same with a time-out between them: what had not come by then is lost. */
static void what_is_lost(void)
{
    struct play play = begin();
    const struct ladder_row *rows;

    next(&play, CLIENT, "S", 0, 0, 0);
    next(&play, SERVER, "S.", 0, 1, 0);
    after(&play, 1000 * MS, CLIENT, "S", 0, 0, 0);
    next(&play, SERVER, "S.", 0, 1, 0);
    next(&play, CLIENT, ".", 1, 1, 0);
    rows = rows_of(&play, 5);
    if (rows) {
        CHECK(rows[1].is_lost && rows[1].is_withdrawn);
        CHECK(!rows[2].crosses);
        CHECK(!rows[3].is_lost);
        CHECK_NUMBER(1000 * MS, ladder_pause(play.ladder, 2));
        CHECK_NUMBER(0, ladder_pause(play.ladder, 3));
        CHECK_NUMBER(0, ladder_pause(play.ladder, 0));
    }
    CHECK_NUMBER(1, play.ladder->facts.syn_again.count);
    CHECK_NUMBER(3, play.ladder->facts.syn_again.first);
    CHECK_NUMBER(3, play.ladder->facts.silence_before);
    end(&play);
}

/* An ACK that stops short of a FIN has crossed it, but not where the FIN came too early. */
static void an_early_fin_is_not_crossed(void)
{
    struct play play = begin();
    const struct ladder_row *rows;

    open_it(&play);
    next(&play, CLIENT, "F.", 11, 1, 0);
    next(&play, SERVER, ".", 1, 1, 0);
    rows = rows_of(&play, 6);
    CHECK(rows && !rows[5].crosses);
    end(&play);
    play = begin();
    open_it(&play);
    next(&play, CLIENT, "P.", 1, 1, 10);
    next(&play, CLIENT, "F.", 11, 1, 0);
    next(&play, SERVER, ".", 1, 11, 0);
    rows = rows_of(&play, 6);
    CHECK(rows && rows[5].crosses && !rows[4].is_withdrawn);
    end(&play);
}

/* The FIN that the story tells of is the one that was taken. */
static void a_fin_that_is_not_taken(void)
{
    struct play play = begin();

    open_it(&play);
    next(&play, CLIENT, "F.", 1, 5001, 0); /* acknowledges what was never sent: dropped */
    next(&play, SERVER, ".", 1, 1, 0);
    next(&play, CLIENT, "F.", 1, 1, 0);
    next(&play, CLIENT, "F.", 1, 1, 0);
    ladder_end(play.ladder, &play.conversation);
    CHECK_NUMBER(6, play.ladder->facts.fin[TCP_CLIENT]);
    CHECK_NUMBER(1, play.ladder->facts.fin_again.count);
    end(&play);
}

/* Strays before the SYN may look as if the server were the client. */
static void roles_that_turn_out_otherwise(void)
{
    struct play play = begin();

    play.conversation = (struct tcp_conversation){ 0 };
    next(&play, CLIENT, "FPU", 0, 0, 0);
    next(&play, SERVER, "S", 0, 0, 0);
    next(&play, CLIENT, "S.", 0, 1, 0);
    next(&play, SERVER, ".", 1, 1, 0);
    rows_of(&play, 4);
    CHECK_TEXT("b:2", play.ladder->name[TCP_CLIENT]);
    CHECK_TEXT("a:1", play.ladder->name[TCP_SERVER]);
    CHECK_NUMBER(TCP_SERVER, ladder_rows(play.ladder)[0].note.sender);
    CHECK_NUMBER(TCP_CLIENT, ladder_rows(play.ladder)[1].note.sender);
    end(&play);
}

static void an_icmp_error(void)
{
    struct play play = begin();
    struct tcp_segment quoted = {
        .sender_id = CLIENT, .receiver_id = SERVER, .seq = 1000, .frame = 2
    };
    const struct ladder_row *rows;

    next(&play, CLIENT, "S", 0, 0, 0);
    tcp_tracker_icmp_error(&play.conversation, &quoted);
    ladder_set_rejected(play.ladder, play.now + 5 * MS);
    ladder_end(play.ladder, &play.conversation);
    rows = rows_of(&play, 2); /* ending a second time adds nothing */
    if (rows) {
        CHECK_NUMBER(LADDER_ICMP, rows[1].kind);
        CHECK_NUMBER(2, rows[1].frame);
        CHECK_NUMBER(5 * MS, rows[1].time);
    }
    end(&play);
}

/* An ICMP error between two segments that cross comes after them. */
static void an_icmp_error_between_two_that_cross(void)
{
    struct play play = begin();
    struct tcp_segment quoted = {
        .sender_id = CLIENT, .receiver_id = SERVER, .seq = 1000, .frame = 3
    };
    const struct ladder_row *rows;

    next(&play, CLIENT, "S", 0, 0, 0);
    next(&play, SERVER, "S.", 0, 1, 0);
    tcp_tracker_icmp_error(&play.conversation, &quoted);
    ladder_set_rejected(play.ladder, play.now);
    play.frame++;
    next(&play, CLIENT, "S", 0, 0, 0);
    play.frame--; /* rows_of() counts segments by it */
    rows = rows_of(&play, 4);
    if (rows) {
        CHECK(rows[2].crosses);
        CHECK_NUMBER(LADDER_ICMP, rows[3].kind);
    }
    end(&play);
}

static void hostile_names(void)
{
    static const struct {
        const char *name, *clean;
    } names[] = {
        { "host.example:80", "host.example:80" },
        { "<script>alert(1)</script>:1", "<script>alert(1)</script>:1" },
        { "a&b\"c'd]]>;#35;%%{init}", "a&b\"c'd]]>;#35;%%{init}" },
        { "\x1b[31mred\x1b[0m", "\xef\xbf\xbd[31mred\xef\xbf\xbd[0m" },
        { "line\nbreak\ttab", "line\xef\xbf\xbd"
                              "break\xef\xbf\xbdtab" },
        { "bad\xff\xfeoctets\xc3", "bad\xef\xbf\xbd\xef\xbf\xbdoctets\xef\xbf\xbd" },
        { "\xe2\x80\xaegnp.exe", "\xef\xbf\xbdgnp.exe" }, /* right to left from here */
        { "\xef\xbf\xbf", "\xef\xbf\xbd" },               /* U+FFFF: no character of XML's */
        { "\xe4\xb8\xbb\xe6\x9c\xba", "\xe4\xb8\xbb\xe6\x9c\xba" },
        { "", "" },
    };

    for (unsigned i = 0; i < COUNT_OF(names); i++) {
        struct play play = begin();

        check_about("name %u", i);
        ladder_free(play.ladder);
        play.ladder = ladder_new(0, names[i].name, names[i].name);
        CHECK_TEXT(names[i].clean, play.ladder->name[TCP_SERVER]);
        open_it(&play);
        rows_of(&play, 3);
        end(&play);
    }
}

static void long_names(void)
{
    char name[600];
    struct play play = begin();

    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    ladder_free(play.ladder);
    play.ladder = ladder_new(0, name, name);
    open_it(&play);
    rows_of(&play, 3);
    end(&play);
}

static void times_and_sizes(void)
{
    static const struct {
        int64_t time;
        const char *text;
    } times[] = {
        { 0, "0 s" },
        { 999, "999 ns" },
        { 1000, "1 µs" },
        { 12345, "12.3 µs" },
        { 999499, "999 µs" },
        { 999500, "1 ms" },
        { 10000000, "10 ms" },
        { 10460000, "10.5 ms" },
        { 999499999, "999 ms" },
        { 999500000, "1 s" },
        { 1034000000, "1.03 s" },
        { 1000000000, "1 s" },
        { 59949999999, "59.9 s" },
        { 60000000000, "1 min 0 s" },
        { 621000000000, "10 min 21 s" },
        { 7499000000000, "2 h 4 min" },
        { 300000000000000, "3 d 11 h" },
        { -10000000, "-10 ms" },
        { INT64_MIN, "-106751 d 23 h" },
    };
    static const struct {
        uint64_t size;
        const char *text;
    } sizes[] = { { 0, "0 B" },           { 999, "999 B" },
                  { 1000, "1 kB" },       { 1448, "1.45 kB" },
                  { 168000, "168 kB" },   { 999499, "999 kB" },
                  { 999500, "1 MB" },     { 24000000, "24 MB" },
                  { 1680000, "1.68 MB" }, { UINT64_MAX, "18.4 EB" } };
    struct ladder_number number;

    for (unsigned i = 0; i < COUNT_OF(times); i++)
        CHECK_TEXT(times[i].text, ladder_time(&number, times[i].time));
    for (unsigned i = 0; i < COUNT_OF(sizes); i++)
        CHECK_TEXT(sizes[i].text, ladder_size(&number, sizes[i].size));
    CHECK_TEXT("621.000012", ladder_seconds(&number, 621000012999));
    CHECK_TEXT("-0.500000", ladder_seconds(&number, -500000000));
    CHECK_TEXT("9999.999999", ladder_seconds(&number, 9999999999999));
    CHECK_TEXT("10000.000", ladder_seconds(&number, 10000000000000));
    CHECK_TEXT("10000000", ladder_seconds(&number, 10000000000000000));
    CHECK_TEXT("-9223372036", ladder_seconds(&number, INT64_MIN));
}

static void check_wrapped(const char *expected, const char *text, unsigned columns)
{
    GPtrArray *lines = ladder_wrap(text, columns);
    char *joined;

    g_ptr_array_add(lines, NULL);
    joined = g_strjoinv("|", (char **)lines->pdata);
    CHECK_TEXT(expected, joined);
    g_free(joined);
    g_ptr_array_unref(lines);
}

static void lines(void)
{
    char *shorter;

    CHECK_NUMBER(5, ladder_columns("a\xe4\xb8\xadze\xcc\x81"));
    check_wrapped("one two|three", "one two three", 8);
    check_wrapped("one two|three", "  one two   three ", 7);
    check_wrapped("abcd|efgh|ij", "abcdefghij", 4);
    check_wrapped("", "", 10);
    check_wrapped("10 ms|x", "10" LADDER_NO_BREAK "ms x", 6);
    check_wrapped("in|10 ms", "in 10" LADDER_NO_BREAK "ms", 7);
    /* Wide characters: between any two, but not before punctuation that closes. */
    check_wrapped("连接|建立", "连接建立", 5);
    check_wrapped("连|接。", "连接。", 4);
    check_wrapped("第 2 帧|的 SYN", "第 2 帧的 SYN", 8);
    shorter = ladder_shorten("abcdefghij", 7);
    CHECK_TEXT("abc\xe2\x80\xa6hij", shorter);
    g_free(shorter);
    shorter = ladder_shorten("abcdefghij", 10);
    CHECK_TEXT("abcdefghij", shorter);
    g_free(shorter);
    shorter = ladder_shorten("连接建立完成", 6);
    CHECK_TEXT("连\xe2\x80\xa6成", shorter);
    g_free(shorter);
}

static unsigned long drawn;

/* Every conversation that the engine's tests have: all that holds of ladders. */
static void draw_scenario(const struct scenario *scenario)
{
    struct trace *trace = trace_of_scenario(scenario);
    struct replay replay = trace_play(trace);
    struct ladder **ladders = g_new0(struct ladder *, trace->streams);
    uint64_t *segments = g_new0(uint64_t, trace->streams);
    unsigned count = 0;

    for (size_t i = 0; i < trace->count; i++) {
        const struct traced *traced = &trace->at[i];
        struct ladder **ladder = &ladders[traced->stream];

        if (!*ladder)
            *ladder = ladder_new(traced->stream, "one", "other");
        ladder_add(*ladder, traced->segment.frame, traced->segment.time,
                   traced->segment.sender_id == trace->at[0].segment.sender_id, &replay.notes[i]);
        segments[traced->stream]++;
    }
    for (unsigned i = 0; i < trace->streams; i++) {
        if (!ladders[i])
            continue;
        ladder_fold(ladders[i]);
        ladders[i]->outcome = replay.outcomes[i];
        check_about("%s, conversation %u", trace->name, i);
        ladder_check_rows(ladders[i], segments[i]);
        ladders[count++] = ladders[i];
        drawn++;
    }
    if (count > 0) /* the languages in turn */
        ladder_check_formats(ladders, count,
                             languages[LANGUAGE_EN + drawn % (LANGUAGE_COUNT - LANGUAGE_EN)].table);
    for (unsigned i = 0; i < count; i++)
        ladder_free(ladders[i]);
    g_free(ladders);
    g_free(segments);
    replay_free(&replay);
    trace_free(trace);
}

static void every_scenario(void)
{
    scenarios_each(draw_scenario, "");
    printf("conversations drawn: %lu\n", drawn);
}

static void formats_by_name(void)
{
    CHECK(ladder_find_format("svg") && ladder_find_format("svg")->write == ladder_svg);
    CHECK(!ladder_find_format("SVG"));
    CHECK(!ladder_find_format(""));
}

int main(void)
{
    RUN(phases);
    RUN(a_long_run_is_folded);
    RUN(a_short_run_stays);
    RUN(folding_is_the_same_at_any_time);
    RUN(retransmissions_are_folded_only_where_they_are_many);
    RUN(rows_are_few);
    RUN(what_was_not_captured);
    RUN(what_comes_late);
    RUN(arrows_that_cross);
    RUN(what_is_lost);
    RUN(an_early_fin_is_not_crossed);
    RUN(a_fin_that_is_not_taken);
    RUN(roles_that_turn_out_otherwise);
    RUN(an_icmp_error);
    RUN(an_icmp_error_between_two_that_cross);
    RUN(hostile_names);
    RUN(long_names);
    RUN(times_and_sizes);
    RUN(lines);
    RUN(every_scenario);
    RUN(formats_by_name);
    return check_end();
}

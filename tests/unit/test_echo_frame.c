/* test_echo_frame.c
 * The framed echo protocol: heads read, written, judged, answered and found again.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "check.h"

#include "echo_frame.h"

#include <string.h>

static const struct echo_rules from_client = { ECHO_FROM_CLIENT, 1000 };
static const struct echo_rules from_server = { ECHO_FROM_SERVER, 1000 };
static const struct echo_rules from_anyone = { ECHO_FROM_ANYONE, UINT32_MAX };

/* A head with something in every field, no two octets alike. */
static struct echo_head full_head(void)
{
    return (struct echo_head){ .magic = ECHO_MAGIC,
                               .version = ECHO_VERSION,
                               .type = ECHO_REQUEST,
                               .flags = ECHO_FLAG_TIMES | ECHO_FLAG_CRC,
                               .code = 0,
                               .id = 0x1112131415161718,
                               .length = 0x21222324,
                               .checksum = 0x31323334,
                               .client_sent = 0x4142434445464748,
                               .server_received = 0x5152535455565758,
                               .server_sent = 0x6162636465666768 };
}

static const uint8_t full_head_octets[ECHO_HEAD_MAX] = {
    0xEC, 0x40, 0x01, 0x01, 0x00, 0x03, 0x00, 0x00, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18,
    0x21, 0x22, 0x23, 0x24, 0x31, 0x32, 0x33, 0x34, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48,
    0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68
};

static void check_same_head(const struct echo_head *expected, const struct echo_head *got)
{
    CHECK_NUMBER(expected->magic, got->magic);
    CHECK_NUMBER(expected->version, got->version);
    CHECK_NUMBER(expected->type, got->type);
    CHECK_NUMBER(expected->flags, got->flags);
    CHECK_NUMBER(expected->code, got->code);
    CHECK_NUMBER(expected->id, got->id);
    CHECK_NUMBER(expected->length, got->length);
    CHECK_NUMBER(expected->checksum, got->checksum);
    CHECK_NUMBER(expected->client_sent, got->client_sent);
    CHECK_NUMBER(expected->server_received, got->server_received);
    CHECK_NUMBER(expected->server_sent, got->server_sent);
}

/* reading and writing ------------------------------------------------------------------------ */

static void octets_are_those_of_the_specification(void)
{
    uint8_t octets[ECHO_HEAD_MAX];
    struct echo_head head = full_head();
    struct echo_head again;

    CHECK_NUMBER(sizeof octets, echo_head_write(octets, &head));
    CHECK(memcmp(octets, full_head_octets, sizeof octets) == 0);
    CHECK_NUMBER(0, echo_head_read(&again, octets, sizeof octets));
    check_same_head(&head, &again);
}

static void what_was_written_is_read_again(void)
{
    static const uint64_t values[] = { 0,          1,          0x7F,
                                       0x80,       0xFF,       0xFFFF,
                                       0x80000000, UINT32_MAX, UINT64_C(0x8000000000000000),
                                       UINT64_MAX };

    for (unsigned i = 0; i < COUNT_OF(values) * COUNT_OF(values); i++) {
        uint64_t a = values[i % COUNT_OF(values)], b = values[i / COUNT_OF(values)];
        struct echo_head again, head = { .magic = (uint16_t)a,
                                         .version = (uint8_t)b,
                                         .type = (uint8_t)a,
                                         .flags = (uint16_t)b,
                                         .code = (uint16_t)a,
                                         .id = b,
                                         .length = (uint32_t)a,
                                         .checksum = (uint32_t)b,
                                         .client_sent = a,
                                         .server_received = b,
                                         .server_sent = a };
        uint8_t octets[ECHO_HEAD_MAX];
        size_t size;

        check_about("values %llx %llx", (unsigned long long)a, (unsigned long long)b);
        size = echo_head_write(octets, &head);
        CHECK_NUMBER(head.flags & 1 ? 48 : 24, size);
        if (!(head.flags & ECHO_FLAG_TIMES))
            head.client_sent = head.server_received = head.server_sent = 0;
        CHECK_NUMBER(0, echo_head_read(&again, octets, size));
        check_same_head(&head, &again);
    }
    check_about(NULL);
}

/* Nothing behind a header without times is touched. */
static void a_header_takes_24_octets(void)
{
    uint8_t octets[ECHO_HEAD_MAX];
    struct echo_head head = echo_head_make(ECHO_REPLY, 9, 5);

    memset(octets, 0xAA, sizeof octets);
    CHECK_NUMBER(24, echo_head_write(octets, &head));
    for (size_t i = 24; i < sizeof octets; i++)
        CHECK_NUMBER(0xAA, octets[i]);
}

/* A field appears when its last octet does. */
static void a_part_of_a_head(void)
{
    struct echo_head whole = full_head();

    for (size_t size = 0; size <= ECHO_HEAD_MAX; size++) {
        struct echo_head expected = whole, head;

        check_about("%zu octets", size);
        if (size < 2)
            expected.magic = 0;
        if (size < 3)
            expected.version = 0;
        if (size < 4)
            expected.type = 0;
        if (size < 6)
            expected.flags = 0;
        if (size < 16)
            expected.id = 0;
        if (size < 20)
            expected.length = 0;
        if (size < 24)
            expected.checksum = 0;
        if (size < 32)
            expected.client_sent = 0;
        if (size < 40)
            expected.server_received = 0;
        if (size < 48)
            expected.server_sent = 0;
        CHECK_NUMBER(size < 24 ? 24 - size : 48 - size,
                     echo_head_read(&head, full_head_octets, size));
        check_same_head(&expected, &head);
    }
    check_about(NULL);
}

static void sizes(void)
{
    struct echo_head head = echo_head_make(ECHO_REQUEST, 0, 0);

    CHECK_NUMBER(24, echo_frame_size(&head));
    head.length = UINT32_MAX;
    CHECK_NUMBER(INT64_C(4294967295) + 24, echo_frame_size(&head));
    head.flags = ECHO_FLAG_TIMES;
    CHECK_NUMBER(INT64_C(4294967295) + 48, echo_frame_size(&head));
    CHECK_NUMBER(24, echo_head_size(ECHO_FLAG_CRC));
    CHECK_NUMBER(48, echo_head_size(ECHO_FLAG_CRC | ECHO_FLAG_TIMES));
}

/* judging ------------------------------------------------------------------------------------ */

static struct echo_head make(unsigned type, unsigned flags, unsigned code)
{
    struct echo_head head = echo_head_make((enum echo_type)type, 77, 10);

    head.flags = (uint16_t)flags;
    head.code = (uint16_t)code;
    return head;
}

static void check_verdict(struct echo_head head, const struct echo_rules *rules,
                          enum echo_error error, enum echo_field field)
{
    enum echo_field got = ECHO_FIELD_ID;

    CHECK_TEXT(echo_error_text(error), echo_error_text(echo_head_check(&head, rules, &got)));
    CHECK_TEXT(echo_field_name(field), echo_field_name(got));
    CHECK_NUMBER(error, echo_head_check(&head, rules, NULL));
}

static void check_good(struct echo_head head, const struct echo_rules *rules)
{
    check_verdict(head, rules, ECHO_NO_ERROR, ECHO_FIELD_NONE);
}

static void every_magic_and_version(void)
{
    struct echo_head head = make(ECHO_REQUEST, 0, 0);

    for (unsigned magic = 0; magic <= UINT16_MAX; magic++) {
        head.magic = (uint16_t)magic;
        if (magic == 0xEC40)
            check_good(head, &from_client);
        else
            check_verdict(head, &from_client, ECHO_BAD_MAGIC, ECHO_FIELD_MAGIC);
    }
    head.magic = ECHO_MAGIC;
    for (unsigned version = 0; version <= UINT8_MAX; version++) {
        head.version = (uint8_t)version;
        if (version == 1)
            check_good(head, &from_client);
        else
            check_verdict(head, &from_client, ECHO_BAD_VERSION, ECHO_FIELD_VERSION);
    }
}

static void every_type_from_every_sender(void)
{
    static const char good[3][5] = { [ECHO_FROM_ANYONE] = { 0, 1, 1, 1, 1 },
                                     [ECHO_FROM_CLIENT] = { 0, 1, 0, 1, 0 },
                                     [ECHO_FROM_SERVER] = { 0, 0, 1, 1, 1 } };

    for (unsigned sender = 0; sender < COUNT_OF(good); sender++) {
        struct echo_rules rules = { (enum echo_sender)sender, 1000 };

        for (unsigned type = 0; type <= UINT8_MAX; type++) {
            struct echo_head head = make(type, 0, type == ECHO_ERROR ? ECHO_BUSY : 0);

            check_about("type %u from %u", type, sender);
            if (type < 5 && good[sender][type])
                check_good(head, &rules);
            else
                check_verdict(head, &rules, ECHO_BAD_TYPE, ECHO_FIELD_TYPE);
        }
    }
    check_about(NULL);
}

static void every_flag(void)
{
    for (unsigned flags = 0; flags <= UINT16_MAX; flags++) {
        if (flags <= 3)
            check_good(make(ECHO_REQUEST, flags, 0), &from_client);
        else
            check_verdict(make(ECHO_REQUEST, flags, 0), &from_client, ECHO_BAD_FLAGS,
                          ECHO_FIELD_FLAGS);
    }
}

/* Whether a code is good, written anew from the specification. */
static bool is_good_code(unsigned type, unsigned code, const struct echo_rules *rules)
{
    if (type == ECHO_ERROR)
        return code >= 1 && code <= 9;
    if (type == ECHO_GOODBYE)
        return code % 256 <= (rules->sender == ECHO_FROM_SERVER ? 1 : 3);
    return code == 0;
}

static void every_code_of_every_type(void)
{
    const struct echo_rules *const both[] = { &from_client, &from_server };

    for (unsigned i = 0; i < COUNT_OF(both); i++) {
        for (unsigned type = ECHO_REQUEST; type <= ECHO_ERROR; type++) {
            if (echo_head_check(
                    &(struct echo_head){ .magic = ECHO_MAGIC, .version = 1, .type = (uint8_t)type },
                    both[i], NULL) == ECHO_BAD_TYPE)
                continue;
            for (unsigned code = 0; code <= UINT16_MAX; code++) {
                check_about("sender %u, type %u, code %#x", i, type, code);
                if (is_good_code(type, code, both[i]))
                    check_good(make(type, 0, code), both[i]);
                else
                    check_verdict(make(type, 0, code), both[i], ECHO_BAD_FLAGS, ECHO_FIELD_CODE);
            }
        }
    }
    check_about(NULL);
}

static void every_boundary_of_the_length(void)
{
    static const uint32_t limits[] = {
        0, 1, 1000, 65535, 65536, 65537, UINT32_MAX - 1, UINT32_MAX
    };
    static const enum echo_type types[] = { ECHO_REQUEST, ECHO_GOODBYE };

    for (unsigned t = 0; t < COUNT_OF(types); t++) {
        for (unsigned l = 0; l < COUNT_OF(limits); l++) {
            for (unsigned i = 0; i < COUNT_OF(limits); i++) {
                struct echo_rules rules = { ECHO_FROM_CLIENT, limits[l] };
                struct echo_head head = make(types[t], 0, 0);
                uint32_t most = limits[l];

                if (types[t] == ECHO_GOODBYE && most > 65536)
                    most = 65536;
                head.length = limits[i];
                check_about("type %d, limit %u, length %u", types[t], limits[l], limits[i]);
                if (limits[i] <= most)
                    check_good(head, &rules);
                else
                    check_verdict(head, &rules, ECHO_TOO_LARGE, ECHO_FIELD_LENGTH);
            }
        }
    }
    check_about(NULL);
}

static void a_checksum_needs_its_flag(void)
{
    struct echo_head head = make(ECHO_REQUEST, ECHO_FLAG_CRC, 0);

    check_good(head, &from_client); /* 0 is a checksum like any other */
    head.checksum = 1;
    check_good(head, &from_client);
    head.flags = ECHO_FLAG_TIMES;
    check_verdict(head, &from_client, ECHO_BAD_CHECKSUM, ECHO_FIELD_CHECKSUM);
    head.flags = 0;
    head.checksum = 0x80000000;
    check_verdict(head, &from_client, ECHO_BAD_CHECKSUM, ECHO_FIELD_CHECKSUM);
}

/* Where several fields are wrong, the first of them counts. */
static void the_first_bad_field_counts(void)
{
    struct echo_head head = { .magic = 1,
                              .version = 2,
                              .type = 9,
                              .flags = 0xFFF0,
                              .code = 1,
                              .length = UINT32_MAX,
                              .checksum = 1 };

    check_verdict(head, &from_client, ECHO_BAD_MAGIC, ECHO_FIELD_MAGIC);
    head.magic = ECHO_MAGIC;
    check_verdict(head, &from_client, ECHO_BAD_VERSION, ECHO_FIELD_VERSION);
    head.version = ECHO_VERSION;
    check_verdict(head, &from_client, ECHO_BAD_TYPE, ECHO_FIELD_TYPE);
    head.type = ECHO_REQUEST;
    check_verdict(head, &from_client, ECHO_BAD_FLAGS, ECHO_FIELD_FLAGS);
    head.flags = 0;
    check_verdict(head, &from_client, ECHO_BAD_FLAGS, ECHO_FIELD_CODE);
    head.code = 0;
    check_verdict(head, &from_client, ECHO_TOO_LARGE, ECHO_FIELD_LENGTH);
    head.length = 0;
    check_verdict(head, &from_client, ECHO_BAD_CHECKSUM, ECHO_FIELD_CHECKSUM);
    head.checksum = 0;
    check_good(head, &from_client);
}

/* parsing ------------------------------------------------------------------------------------ */

static void a_good_head_at_every_split(void)
{
    struct echo_head expected = full_head();

    for (size_t size = 0; size <= ECHO_HEAD_MAX + 5; size++) {
        uint8_t octets[ECHO_HEAD_MAX + 5] = { 0 };
        struct echo_front front;

        check_about("%zu octets", size);
        memcpy(octets, full_head_octets, sizeof full_head_octets);
        if (size < ECHO_HEAD_MAX) {
            CHECK_NUMBER(ECHO_INCOMPLETE, echo_parse(octets, size, &from_anyone, &front));
            CHECK_NUMBER(size < 24 ? 24 - size : 48 - size, front.missing);
            CHECK_NUMBER(0, front.size);
        } else {
            CHECK_NUMBER(ECHO_COMPLETE, echo_parse(octets, size, &from_anyone, &front));
            CHECK_NUMBER(0, front.missing);
            CHECK_NUMBER(48, front.size);
            check_same_head(&expected, &front.head);
        }
        CHECK_NUMBER(ECHO_NO_ERROR, front.error);
        CHECK_NUMBER(ECHO_FIELD_NONE, front.field);
        CHECK_NUMBER(0, front.error_id);
    }
    check_about(NULL);
}

/* A bad head is found out as soon as it can be, and whenever it is found out, with the same words. */
static void a_bad_head_at_every_split(void)
{
    static const struct {
        struct echo_head head;
        enum echo_error error;
        enum echo_field field;
        size_t enough; /* octets */
        uint64_t id;
    } cases[] = {
        { { .magic = 0x4745, .version = 1, .type = 1, .id = 5 },
          ECHO_BAD_MAGIC,
          ECHO_FIELD_MAGIC,
          1,
          0 },
        { { .magic = 0xEC41, .version = 1, .type = 1, .id = 5 },
          ECHO_BAD_MAGIC,
          ECHO_FIELD_MAGIC,
          2,
          0 },
        { { .magic = 0xEC40, .version = 2, .type = 9, .id = 5 },
          ECHO_BAD_VERSION,
          ECHO_FIELD_VERSION,
          3,
          0 },
        { { .magic = 0xEC40, .version = 1, .type = 2, .id = 5 },
          ECHO_BAD_TYPE,
          ECHO_FIELD_TYPE,
          24,
          5 },
        { { .magic = 0xEC40, .version = 1, .type = 1, .flags = 4, .id = 6 },
          ECHO_BAD_FLAGS,
          ECHO_FIELD_FLAGS,
          24,
          6 },
        { { .magic = 0xEC40, .version = 1, .type = 3, .code = 4, .id = 7 },
          ECHO_BAD_FLAGS,
          ECHO_FIELD_CODE,
          24,
          7 },
        { { .magic = 0xEC40, .version = 1, .type = 1, .flags = 1, .id = 8, .length = UINT32_MAX },
          ECHO_TOO_LARGE,
          ECHO_FIELD_LENGTH,
          24,
          8 },
        { { .magic = 0xEC40, .version = 1, .type = 1, .id = UINT64_MAX, .checksum = 1 },
          ECHO_BAD_CHECKSUM,
          ECHO_FIELD_CHECKSUM,
          24,
          UINT64_MAX },
    };

    for (unsigned i = 0; i < COUNT_OF(cases); i++) {
        uint8_t octets[ECHO_HEAD_MAX];
        size_t all = echo_head_write(octets, &cases[i].head);

        for (size_t size = 0; size <= all; size++) {
            bool enough = size >= cases[i].enough;
            struct echo_front front;

            check_about("case %u, %zu octets", i, size);
            CHECK_NUMBER(enough ? ECHO_MALFORMED : ECHO_INCOMPLETE,
                         echo_parse(octets, size, &from_client, &front));
            CHECK_NUMBER(enough ? 0 : 24 - size, front.missing);
            CHECK_NUMBER(enough ? cases[i].error : ECHO_NO_ERROR, front.error);
            CHECK_NUMBER(enough ? cases[i].field : ECHO_FIELD_NONE, front.field);
            CHECK_NUMBER(enough ? cases[i].id : 0, front.error_id);
            CHECK_NUMBER(0, front.size);
        }
    }
    check_about(NULL);
}

/* answers ------------------------------------------------------------------------------------ */

static void a_reply_is_its_request_in_place(void)
{
    uint8_t octets[ECHO_HEAD_MAX], expected[ECHO_HEAD_MAX];
    struct echo_head request = full_head(), reply;

    echo_head_write(octets, &request);
    memcpy(expected, octets, sizeof octets);
    expected[ECHO_FIELD_TYPE] = ECHO_REPLY;
    echo_make_reply(octets);
    CHECK(memcmp(expected, octets, sizeof octets) == 0);

    echo_set_time(octets, ECHO_FIELD_SERVER_RECEIVED, 0x0123456789ABCDEF);
    echo_set_time(octets, ECHO_FIELD_SERVER_SENT, UINT64_MAX);
    echo_head_read(&reply, octets, sizeof octets);
    CHECK_NUMBER(0x0123456789ABCDEF, reply.server_received);
    CHECK_NUMBER(UINT64_MAX, reply.server_sent);
    CHECK_NUMBER(request.client_sent, reply.client_sent);
    CHECK_NUMBER(ECHO_NO_ERROR, echo_head_check(&reply, &from_anyone, NULL));
    CHECK_NUMBER(ECHO_FIELD_NONE, echo_answer_mismatch(&request, &reply));

    echo_set_time(octets, ECHO_FIELD_CLIENT_SENT, 1);
    echo_head_read(&reply, octets, sizeof octets);
    CHECK_NUMBER(1, reply.client_sent);
    CHECK_NUMBER(ECHO_FIELD_CLIENT_SENT, echo_answer_mismatch(&request, &reply));
}

static void an_answer_that_does_not_fit(void)
{
    struct echo_head request = full_head(), reply = request, bad;

    reply.type = ECHO_REPLY;
    CHECK_NUMBER(ECHO_FIELD_NONE, echo_answer_mismatch(&request, &reply));
    CHECK_NUMBER(ECHO_FIELD_TYPE, echo_answer_mismatch(&request, &request));
    CHECK_NUMBER(ECHO_FIELD_TYPE, echo_answer_mismatch(&reply, &reply));
#define CHECK_DIFFERENCE(where, what) \
    bad = reply;                      \
    bad.where ^= 1;                   \
    CHECK_NUMBER(what, echo_answer_mismatch(&request, &bad))
    CHECK_DIFFERENCE(flags, ECHO_FIELD_FLAGS);
    CHECK_DIFFERENCE(code, ECHO_FIELD_CODE);
    CHECK_DIFFERENCE(id, ECHO_FIELD_ID);
    CHECK_DIFFERENCE(length, ECHO_FIELD_LENGTH);
    CHECK_DIFFERENCE(checksum, ECHO_FIELD_CHECKSUM);
    CHECK_DIFFERENCE(client_sent, ECHO_FIELD_CLIENT_SENT);
    CHECK_DIFFERENCE(server_sent, ECHO_FIELD_NONE);
#undef CHECK_DIFFERENCE
}

static void what_answers_a_goodbye(void)
{
    for (unsigned how = ECHO_CLOSE_CLIENT_FIRST; how <= ECHO_CLOSE_LINGER; how++) {
        struct echo_head request = make(ECHO_GOODBYE, 0, 0x0500 + how);
        struct echo_head same = request, reply = make(ECHO_REPLY, 0, 0);

        check_about("%s", echo_close_text(how));
        CHECK_NUMBER(how <= ECHO_CLOSE_SERVER_FIRST ? ECHO_FIELD_NONE : ECHO_FIELD_TYPE,
                     echo_answer_mismatch(&request, &same));
        CHECK_NUMBER(how == ECHO_CLOSE_LINGER ? ECHO_FIELD_NONE : ECHO_FIELD_TYPE,
                     echo_answer_mismatch(&request, &reply));
        same.code = 0x0400;
        same.code = (uint16_t)(same.code + how);
        if (how <= ECHO_CLOSE_SERVER_FIRST)
            CHECK_NUMBER(ECHO_FIELD_CODE, echo_answer_mismatch(&request, &same));
    }
    check_about(NULL);
}

/* The last REPLY of a server that lingers: the wait and the way are gone from the code. */
static void a_goodbye_becomes_a_reply(void)
{
    uint8_t octets[ECHO_HEADER_SIZE];
    struct echo_head request = make(ECHO_GOODBYE, 0, echo_goodbye_code(ECHO_CLOSE_LINGER, 200));
    struct echo_head reply;

    echo_head_write(octets, &request);
    echo_make_reply(octets);
    echo_head_read(&reply, octets, sizeof octets);
    check_good(reply, &from_server);
    CHECK_NUMBER(ECHO_FIELD_NONE, echo_answer_mismatch(&request, &reply));
}

static void the_codes_of_a_goodbye(void)
{
    static const struct {
        unsigned wait, code;
    } cases[] = { { 0, 0x0002 },    { 1, 0x0102 },    { 10, 0x0102 },        { 11, 0x0202 },
                  { 200, 0x1402 },  { 2540, 0xFE02 }, { 2541, 0xFF02 },      { 2550, 0xFF02 },
                  { 2551, 0xFF02 }, { 9999, 0xFF02 }, { 4294967295, 0xFF02 } };

    for (unsigned i = 0; i < COUNT_OF(cases); i++)
        CHECK_NUMBER(cases[i].code, echo_goodbye_code(ECHO_CLOSE_RESET, cases[i].wait));
    for (unsigned code = 0; code <= UINT16_MAX; code++) {
        CHECK_NUMBER(code % 256, echo_goodbye_how((uint16_t)code));
        CHECK_NUMBER(code / 256 * 10, echo_goodbye_wait_ms((uint16_t)code));
        CHECK_NUMBER(code, echo_goodbye_code((enum echo_close)(code % 256),
                                             echo_goodbye_wait_ms((uint16_t)code)));
    }
}

static void errors_as_frames(void)
{
    uint8_t octets[ECHO_ERROR_FRAME_MAX + 1];

    for (unsigned error = ECHO_BAD_MAGIC; error <= ECHO_TIMED_OUT; error++) {
        const char *text = echo_error_text(error);
        struct echo_head head;
        size_t size = echo_write_error(octets, sizeof octets, (enum echo_error)error, error, NULL);

        check_about("%s", text);
        CHECK_NUMBER(24 + strlen(text), size);
        CHECK_NUMBER(0, echo_head_read(&head, octets, size));
        check_good(head, &from_server);
        CHECK_NUMBER(ECHO_ERROR, head.type);
        CHECK_NUMBER(error, head.code);
        CHECK_NUMBER(error, head.id);
        CHECK_NUMBER(strlen(text), head.length);
        CHECK(memcmp(text, octets + 24, head.length) == 0);
    }
    check_about(NULL);
}

/* A text is cut where it must be, and never inside a character. */
static void an_error_with_a_long_text(void)
{
    static const char text[] =
        "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\xA6\x88z"; /* a, e acute, euro, shark */
    static const size_t fits[] = { 0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11 };
    uint8_t octets[ECHO_ERROR_FRAME_MAX + 200];
    char longest[ECHO_ERROR_TEXT_MAX + 100];

    for (size_t room = 0; room < COUNT_OF(fits); room++) {
        struct echo_head head;

        check_about("room for %zu octets", room);
        memset(octets, 0xAA, sizeof octets);
        CHECK_NUMBER(24 + fits[room], echo_write_error(octets, 24 + room, ECHO_BUSY, 0, text));
        echo_head_read(&head, octets, 24);
        CHECK_NUMBER(fits[room], head.length);
        CHECK(memcmp(octets + 24, text, fits[room]) == 0);
        CHECK_NUMBER(0xAA, octets[24 + fits[room]]);
    }
    check_about(NULL);
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    CHECK_NUMBER(ECHO_ERROR_FRAME_MAX,
                 echo_write_error(octets, sizeof octets, ECHO_BUSY, 0, longest));
}

/* finding frames ----------------------------------------------------------------------------- */

static void framed_or_plain(void)
{
    CHECK_NUMBER(ECHO_UNDECIDED, echo_detect(NULL, 0));
    for (unsigned first = 0; first <= UINT8_MAX; first++) {
        uint8_t octets[3] = { (uint8_t)first };

        CHECK_NUMBER(first == 0xEC ? ECHO_UNDECIDED : ECHO_PLAIN, echo_detect(octets, 1));
        for (unsigned second = 0; second <= UINT8_MAX; second++) {
            enum echo_kind kind = first == 0xEC && second == 0x40 ? ECHO_FRAMED : ECHO_PLAIN;

            octets[1] = (uint8_t)second;
            CHECK_NUMBER(kind, echo_detect(octets, 2));
            CHECK_NUMBER(kind, echo_detect(octets, 3));
        }
    }
}

/* Three frames: payloads of 30, 0 and 50 octets, the first and the last with times. */
#define STREAM_SECOND (48 + 30)
#define STREAM_THIRD  (STREAM_SECOND + 24)
#define STREAM_SIZE   (STREAM_THIRD + 48 + 50)

static void make_stream(uint8_t *octets)
{
    struct echo_head head = echo_head_make(ECHO_REQUEST, 1, 30);

    memset(octets, 0xEC, STREAM_SIZE); /* payloads of what the magic begins with */
    head.flags = ECHO_FLAG_TIMES;
    echo_head_write(octets, &head);
    head.length = 50;
    echo_head_write(octets + STREAM_THIRD, &head);
    head = echo_head_make(ECHO_REQUEST, 2, 0);
    echo_head_write(octets + STREAM_SECOND, &head);
}

static void the_next_header_from_everywhere(void)
{
    uint8_t octets[STREAM_SIZE];

    make_stream(octets);
    for (size_t from = 0; from <= STREAM_THIRD; from++) {
        size_t next = from == 0 ? 0 : from <= STREAM_SECOND ? STREAM_SECOND : STREAM_THIRD;

        check_about("from %zu", from);
        CHECK_NUMBER(next - from,
                     echo_find_header(octets + from, STREAM_SIZE - from, &from_client));
    }
    /* Behind the last header only its payload's last octet may begin another. */
    for (size_t from = STREAM_THIRD + 1; from < STREAM_SIZE; from++) {
        check_about("from %zu", from);
        CHECK_NUMBER(STREAM_SIZE - 1 - from,
                     echo_find_header(octets + from, STREAM_SIZE - from, &from_client));
    }
    check_about(NULL);
    CHECK_NUMBER(0, echo_find_header(octets, 0, &from_client));
}

/* The octets may end anywhere: what is found is there or ahead of it, never missed. */
static void a_header_cut_off(void)
{
    uint8_t octets[STREAM_SIZE];

    make_stream(octets);
    for (size_t end = STREAM_SECOND + 1; end <= STREAM_THIRD; end++) {
        check_about("to %zu", end);
        CHECK_NUMBER(STREAM_SECOND - 40, echo_find_header(octets + 40, end - 40, &from_client));
    }
    check_about(NULL);
}

/* What looks like a header, but is followed by none, is a payload. */
static void a_header_in_a_payload(void)
{
    uint8_t octets[200] = { 0 };
    struct echo_head head = echo_head_make(ECHO_REQUEST, 3, 10);

    echo_head_write(octets + 7, &head); /* 41 is the end of its frame */
    CHECK_NUMBER(41 + 0, 7 + 24 + 10);
    CHECK_NUMBER(200, echo_find_header(octets, 200, &from_client));
    CHECK_NUMBER(7, echo_find_header(octets, 41, &from_client));
    CHECK_NUMBER(42, echo_find_header(octets, 42, &from_client));
    octets[41] = 0xEC;
    CHECK_NUMBER(7, echo_find_header(octets, 42, &from_client));
    CHECK_NUMBER(43, echo_find_header(octets, 43, &from_client));
    echo_head_write(octets + 41, &head);
    CHECK_NUMBER(7, echo_find_header(octets, 75, &from_client));
    CHECK_NUMBER(41 - 8, echo_find_header(octets + 8, 75 - 8, &from_client));
    /* Rules that say more find less. */
    CHECK_NUMBER(75, echo_find_header(octets, 75, &from_server));
    CHECK_NUMBER(75, echo_find_header(octets, 75, &(struct echo_rules){ ECHO_FROM_CLIENT, 9 }));
    CHECK_NUMBER(7, echo_find_header(octets, 75, &from_anyone));
}

static void names(void)
{
    static const struct {
        enum echo_field field;
        const char *name;
    } fields[] = { { ECHO_FIELD_MAGIC, "magic" },
                   { ECHO_FIELD_VERSION, "version" },
                   { ECHO_FIELD_TYPE, "type" },
                   { ECHO_FIELD_FLAGS, "flags" },
                   { ECHO_FIELD_CODE, "code" },
                   { ECHO_FIELD_ID, "id" },
                   { ECHO_FIELD_LENGTH, "length" },
                   { ECHO_FIELD_CHECKSUM, "checksum" },
                   { ECHO_FIELD_CLIENT_SENT, "client sent" },
                   { ECHO_FIELD_SERVER_RECEIVED, "server received" },
                   { ECHO_FIELD_SERVER_SENT, "server sent" } };

    CHECK_TEXT("REQUEST", echo_type_name(1));
    CHECK_TEXT("ERROR", echo_type_name(4));
    CHECK_TEXT("unknown", echo_type_name(0));
    CHECK_TEXT("unknown", echo_type_name(5));
    CHECK_TEXT("no error", echo_error_text(0));
    CHECK_TEXT("frame not finished in time", echo_error_text(9));
    CHECK_TEXT("unknown error", echo_error_text(10));
    CHECK_TEXT("client closes first", echo_close_text(0));
    CHECK_TEXT("server lingers", echo_close_text(3));
    CHECK_TEXT("unknown", echo_close_text(4));
    for (unsigned i = 0; i < COUNT_OF(fields); i++)
        CHECK_TEXT(fields[i].name, echo_field_name(fields[i].field));
    CHECK_TEXT("none", echo_field_name(ECHO_FIELD_NONE));
}

int main(void)
{
    RUN(octets_are_those_of_the_specification);
    RUN(what_was_written_is_read_again);
    RUN(a_header_takes_24_octets);
    RUN(a_part_of_a_head);
    RUN(sizes);
    RUN(every_magic_and_version);
    RUN(every_type_from_every_sender);
    RUN(every_flag);
    RUN(every_code_of_every_type);
    RUN(every_boundary_of_the_length);
    RUN(a_checksum_needs_its_flag);
    RUN(the_first_bad_field_counts);
    RUN(a_good_head_at_every_split);
    RUN(a_bad_head_at_every_split);
    RUN(a_reply_is_its_request_in_place);
    RUN(an_answer_that_does_not_fit);
    RUN(what_answers_a_goodbye);
    RUN(a_goodbye_becomes_a_reply);
    RUN(the_codes_of_a_goodbye);
    RUN(errors_as_frames);
    RUN(an_error_with_a_long_text);
    RUN(framed_or_plain);
    RUN(the_next_header_from_everywhere);
    RUN(a_header_cut_off);
    RUN(a_header_in_a_payload);
    RUN(names);
    return check_end();
}

/* test_echo_specification.c
 * The examples of the echo protocol's specification are what the codec makes.
 *
 * ECHO_SPECIFICATION is the document's path. An example is a code block "```hex NAME" of lines that
 * hold an offset, octets, and after two spaces a comment.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "check.h"

#include "echo_crc32c.h"
#include "echo_frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OCTETS_MAX 128
#define TIME_SENT  UINT64_C(1767323045000000006)

/* An example as the codec makes it. */
struct example {
    const char *name;
    enum echo_sender sender;
    unsigned type, flags, code;
    uint64_t id, received, sent;
    const char *payload;
    bool found;
};

static struct example examples[] = {
    { "request", ECHO_FROM_CLIENT, ECHO_REQUEST, 0, 0, 1, 0, 0, "hello\n", false },
    { "reply", ECHO_FROM_SERVER, ECHO_REPLY, 0, 0, 1, 0, 0, "hello\n", false },
    { "request-times-crc", ECHO_FROM_CLIENT, ECHO_REQUEST, 3, 0, 2, 0, 0, "123456789", false },
    { "reply-times-crc", ECHO_FROM_SERVER, ECHO_REPLY, 3, 0, 2, TIME_SENT + 50000,
      TIME_SENT + 57000, "123456789", false },
    { "goodbye-server-first", ECHO_FROM_ANYONE, ECHO_GOODBYE, 0, 0x1401, 3, 0, 0, "", false },
    { "goodbye-linger", ECHO_FROM_CLIENT, ECHO_GOODBYE, 0, 0x0A03, 4, 0, 0, "bye", false },
    { "reply-linger", ECHO_FROM_SERVER, ECHO_REPLY, 0, 0, 4, 0, 0, "bye", false },
    { "error-too-large", ECHO_FROM_SERVER, ECHO_ERROR, 0, ECHO_TOO_LARGE, 5, 0, 0,
      "payload too large", false },
};

static size_t make(const struct example *example, uint8_t *octets)
{
    size_t length = strlen(example->payload);
    struct echo_head head =
        echo_head_make((enum echo_type)example->type, example->id, (uint32_t)length);

    head.flags = (uint16_t)example->flags;
    head.code = (uint16_t)example->code;
    if (head.flags & ECHO_FLAG_CRC)
        head.checksum = echo_crc32c(0, example->payload, length);
    head.client_sent = TIME_SENT;
    head.server_received = example->received;
    head.server_sent = example->sent;
    memcpy(octets + echo_head_write(octets, &head), example->payload, length);
    return echo_head_size(head.flags) + length;
}

/* Take a line's octets; returns how many there are now. */
static size_t take_line(const char *line, uint8_t *octets, size_t size)
{
    char *end;

    CHECK_NUMBER(size, strtoul(line, &end, 16)); /* the offset */
    CHECK_NUMBER(4, end - line);
    CHECK(strncmp(end, "  ", 2) == 0);
    for (end += 2; size < OCTETS_MAX && strspn(end, "0123456789ABCDEF") == 2; end++) {
        octets[size++] = (uint8_t)strtoul(end, &end, 16);
        if (*end != ' ')
            break;
    }
    CHECK(*end == ' ' || *end == '\n');
    return size;
}

static void compare(const char *name, const uint8_t *octets, size_t size)
{
    bool known = false;

    for (unsigned i = 0; i < COUNT_OF(examples); i++) {
        struct echo_rules rules = { examples[i].sender, 65536 };
        uint8_t expected[OCTETS_MAX];
        struct echo_front front;

        if (strcmp(examples[i].name, name) != 0)
            continue;
        known = true;
        CHECK(!examples[i].found);
        examples[i].found = true;
        CHECK_NUMBER(make(&examples[i], expected), size);
        for (size_t at = 0; at < size; at++) {
            check_about("%s, octet %zu", name, at);
            CHECK_NUMBER(expected[at], octets[at]);
        }
        CHECK_NUMBER(ECHO_COMPLETE, echo_parse(octets, size, &rules, &front));
        CHECK_NUMBER(size, echo_frame_size(&front.head));
    }
    check_about("%s", name);
    CHECK(known);
}

static void examples_are_what_the_codec_makes(void)
{
    FILE *file = fopen(ECHO_SPECIFICATION, "r");
    uint8_t octets[OCTETS_MAX];
    size_t size = 0;
    char line[1024], name[64] = "";

    CHECK(file != NULL);
    if (!file)
        return;
    while (fgets(line, sizeof line, file)) {
        check_about("%s", name);
        if (name[0] != '\0' && strncmp(line, "```", 3) == 0) {
            compare(name, octets, size);
            name[0] = '\0';
        } else if (name[0] != '\0') {
            size = take_line(line, octets, size);
        } else if (sscanf(line, "```hex %63s", name) == 1) {
            size = 0;
        }
    }
    fclose(file);
    for (unsigned i = 0; i < COUNT_OF(examples); i++) {
        check_about("%s", examples[i].name);
        CHECK(examples[i].found);
    }
    check_about(NULL);
}

int main(void)
{
    RUN(examples_are_what_the_codec_makes);
    return check_end();
}

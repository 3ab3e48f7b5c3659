/* test_echo_address.c
 * Addresses as people write them: what each form means, and what is none.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "check.h"
#include "echo_address.h"

#include <string.h>

static void forms(void)
{
    static const struct {
        const char *text, *host;
        uint16_t port;
        bool has_port, is_unix;
    } table[] = {
        { "localhost", "localhost", 2333, false, false },
        { "localhost:7", "localhost", 7, true, false },
        { "127.0.0.1:0", "127.0.0.1", 0, true, false },
        { "::1", "::1", 2333, false, false },
        { "[::1]", "::1", 2333, false, false },
        { "[fe80::1%lo]:65535", "fe80::1%lo", 65535, true, false },
        { "*:80", "*", 80, true, false },
        { "unix:/run/echo", "/run/echo", 2333, false, true },
        { "unix:@echo", "@echo", 2333, false, true },
    };

    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct echo_address address;

        CHECK(echo_address_parse(&address, table[i].text) == NULL);
        CHECK_TEXT(table[i].host, address.host);
        CHECK_NUMBER(table[i].port, address.port);
        CHECK(address.has_port == table[i].has_port);
        CHECK(address.is_unix == table[i].is_unix);
    }
}

static void faults(void)
{
    static const char *const table[] = {
        "",     ":7",   "host:",  "host:x", "host:7x", "host:-1", "h:65536",
        "[::1", "[]:7", "[::1]7", "[::1]:", "unix:",   "unix:@",  "h:99999999999999999999"
    };
    char path[300] = "unix:", host[300];
    struct echo_address address;

    for (size_t i = 0; i < COUNT_OF(table); i++)
        CHECK(echo_address_parse(&address, table[i]) != NULL);
    memset(path + 5, 'p', 108);
    CHECK(echo_address_parse(&address, path) != NULL);
    memset(host, 'h', sizeof host - 1);
    host[sizeof host - 1] = '\0';
    CHECK(echo_address_parse(&address, host) != NULL);
}

/* What was written is what comes out again. */
static void what_was_written_comes_out(void)
{
    static const char *const texts[] = { "127.0.0.1:2333", "[::1]:7", "unix:/run/echo",
                                         "unix:@echo" };

    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        char text[ECHO_ENDPOINT_TEXT_MAX];
        struct echo_endpoint endpoints[4];
        struct echo_address address;
        const char *problem;

        CHECK(echo_address_parse(&address, texts[i]) == NULL);
        CHECK(echo_address_resolve(&address, true, endpoints, 4, &problem) == 1 && !problem);
        CHECK_TEXT(texts[i], echo_endpoint_text(&endpoints[0], text, sizeof text));
    }
}

static void every_address(void)
{
    struct echo_endpoint endpoints[4];
    struct echo_address address;
    const char *problem;

    CHECK(echo_address_parse(&address, "*") == NULL);
    CHECK(echo_address_resolve(&address, true, endpoints, 4, &problem) >= 1 && !problem);
    CHECK(echo_address_resolve(&address, false, endpoints, 4, &problem) == 0 && problem);
}

int main(void)
{
    RUN(forms);
    RUN(faults);
    RUN(what_was_written_comes_out);
    RUN(every_address);
    return check_end();
}

/* interactive.c
 * A line is a request.
 *
 * libedit, not readline: the same for a line of input, smaller, and its callbacks let the prompt and
 * the connection be watched at the same time.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "interactive.h"
#include "echo_crc32c.h"
#include "echo_frame.h"
#include "load.h"
#include "stream.h"

#include <editline/readline.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PROMPT "> "

/** The conversation. */
static struct {
    const struct options *options;
    struct stream stream;
    uint64_t id;
    bool is_over; /**< nothing more is to be sent */
    bool has_failed;
    bool at_prompt;          /**< libedit holds the terminal */
    const sigset_t *waiting; /**< signals blocked while it waits; NULL: as they are */
} talk;

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
}

__attribute__((format(printf, 1, 2))) static void fail(const char *format, ...)
{
    va_list values;

    fputs("handshark-echo-client: ", stderr);
    va_start(values, format);
    vfprintf(stderr, format, values);
    va_end(values);
    fputc('\n', stderr);
    talk.has_failed = talk.is_over = true;
}

/* the stream, waiting ------------------------------------------------------------------------ */

/* Wait for what the stream wants. Returns whether it came in time. */
static bool wait_for(ssize_t wanted, uint64_t until)
{
    struct pollfd poller = { talk.stream.fd, wanted == STREAM_WANTS_WRITE ? POLLOUT : POLLIN, 0 };
    uint64_t now = load_now();
    struct timespec left = { .tv_sec = (time_t)((until - now) / 1000000000),
                             .tv_nsec = (long)((until - now) % 1000000000) };
    int result;

    if (now >= until)
        return false;
    result = ppoll(&poller, 1, &left, talk.waiting);
    return result > 0 || (result < 0 && errno == EINTR && !interrupted) ||
           (result == 0 && load_now() < until);
}

static uint64_t deadline(void)
{
    return load_now() + (uint64_t)(talk.options->timeout * 1e9);
}

static bool send_all(const uint8_t *octets, size_t size)
{
    uint64_t until = deadline();

    while (size > 0) {
        ssize_t sent = stream_write(&talk.stream, octets, size);

        if (sent > 0) {
            octets += sent;
            size -= (size_t)sent;
        } else if (sent == STREAM_FAILED) {
            fail("could not send: %s", stream_problem(&talk.stream));
            return false;
        } else if (!wait_for(sent, until)) {
            fail("could not send within %g s", talk.options->timeout);
            return false;
        }
    }
    return true;
}

/* Returns whether all of it came; `end` is what to say when the server's FIN comes instead. */
static bool receive_all(uint8_t *octets, size_t size, const char *end)
{
    uint64_t until = deadline();

    while (size > 0) {
        ssize_t got = stream_read(&talk.stream, octets, size);

        if (got > 0) {
            octets += got;
            size -= (size_t)got;
        } else if (got == STREAM_END) {
            fail("%s", end);
            return false;
        } else if (got == STREAM_FAILED) {
            fail("%s", stream_problem(&talk.stream));
            return false;
        } else if (!wait_for(got, until)) {
            fail("no answer within %g s", talk.options->timeout);
            return false;
        }
    }
    return true;
}

/* answers ------------------------------------------------------------------------------------ */

/* Octets that a terminal shall see: its own control characters not among them. */
static void print_text(const uint8_t *octets, size_t size)
{
    for (size_t i = 0; i < size; i++)
        putchar((octets[i] < ' ' && octets[i] != '\t') || octets[i] == 0x7F ? '?' : octets[i]);
}

static bool tell_error(const struct echo_head *head)
{
    uint8_t text[ECHO_ERROR_TEXT_MAX];
    size_t size = head->length < sizeof text ? head->length : sizeof text;

    fail("the server answers with error %u, %s", head->code, echo_error_text(head->code));
    if (size > 0 && receive_all(text, size, "it closed within its text")) {
        print_text(text, size);
        putchar('\n');
    }
    return false;
}

/* The head of the answer to a request. */
static bool receive_head(struct echo_front *front, const struct echo_head *request)
{
    static const struct echo_rules rules = { ECHO_FROM_SERVER, UINT32_MAX };
    static const char CLOSED[] = "the server closed without an answer";
    uint8_t octets[ECHO_HEAD_MAX];
    size_t size = 0;
    enum echo_parsed parsed;
    enum echo_field field;

    while ((parsed = echo_parse(octets, size, &rules, front)) == ECHO_INCOMPLETE) {
        if (!receive_all(octets + size, front->missing, CLOSED))
            return false;
        size += front->missing;
    }
    if (parsed == ECHO_MALFORMED) {
        fail("the answer is wrong: %s", echo_error_text(front->error));
        return false;
    }
    if (front->head.type == ECHO_ERROR)
        return tell_error(&front->head);
    field = echo_answer_mismatch(request, &front->head);
    if (field != ECHO_FIELD_NONE) {
        fail("the answer is wrong: its %s is not the request's", echo_field_name(field));
        return false;
    }
    return true;
}

static bool receive_answer(const struct echo_head *request, const char *text, uint64_t began)
{
    struct echo_front front = { 0 };
    size_t size = request->length;
    uint8_t *octets = malloc(size + 1);
    uint64_t round_trip, server;
    bool is_good;

    is_good = octets && (talk.options->plain || receive_head(&front, request)) &&
              receive_all(octets, size, "the server closed within its answer");
    if (!is_good) {
        free(octets);
        return false;
    }
    round_trip = load_now() - began;
    print_text(octets, talk.options->plain && size > 0 ? size - 1 : size);
    printf("   (%.3f ms", (double)round_trip / 1e6);
    server = front.head.server_sent - front.head.server_received;
    if (front.head.server_received && server <= round_trip)
        printf(", server %.3f ms", (double)server / 1e6);
    puts(")");
    fflush(stdout);
    if (memcmp(octets, text, size) != 0) {
        fail("the answer is wrong: not the octets that were sent");
        is_good = false;
    }
    free(octets);
    return is_good;
}

/* requests ----------------------------------------------------------------------------------- */

static struct echo_head make_head(enum echo_type type, const char *text, size_t size)
{
    struct echo_head head = echo_head_make(type, ++talk.id, (uint32_t)size);
    struct timespec now;

    if (talk.options->times) {
        clock_gettime(CLOCK_REALTIME, &now);
        head.flags |= ECHO_FLAG_TIMES;
        head.client_sent = (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
    }
    if (talk.options->crc) {
        head.flags |= ECHO_FLAG_CRC;
        head.checksum = echo_crc32c(0, text, size);
    }
    return head;
}

/* Send a line and print its answer. A plain one has its line feed, as telnet would send it. */
static bool ask(const char *line)
{
    size_t size = strlen(line), head_size = 0;
    uint8_t *octets = malloc(ECHO_HEAD_MAX + size + 1);
    char *text;
    struct echo_head head;
    uint64_t began;
    bool is_good;

    if (!octets) {
        fail("no memory");
        return false;
    }
    if (talk.options->plain) {
        head = (struct echo_head){ .length = (uint32_t)(size + 1) };
    } else {
        head = make_head(ECHO_REQUEST, line, size);
        head_size = echo_head_write(octets, &head);
    }
    text = (char *)octets + head_size;
    memcpy(text, line, size);
    text[size] = '\n';
    began = load_now();
    is_good = send_all(octets, head_size + head.length) && receive_answer(&head, text, began);
    free(octets);
    return is_good;
}

static void take_line(const char *line)
{
    if (strcmp(line, "Q") == 0 || strcmp(line, "exit") == 0)
        talk.is_over = true;
    else
        ask(line);
}

/* closing ------------------------------------------------------------------------------------ */

static void close_in_order(void)
{
    struct echo_head head;
    struct echo_front front;
    uint8_t octets[ECHO_HEAD_MAX];
    ssize_t size;
    uint64_t until;

    interrupted = 0;
    if (!talk.options->plain) {
        head = make_head(ECHO_GOODBYE, "", 0);
        if (!send_all(octets, echo_head_write(octets, &head)) || !receive_head(&front, &head))
            return;
    }
    stream_shutdown(&talk.stream);
    until = deadline();
    while ((size = stream_read(&talk.stream, octets, sizeof octets)) != STREAM_END) {
        if (size > 0)
            fail("the server sends more than was asked for");
        else if (size == STREAM_FAILED)
            fail("%s, where its FIN was due", stream_problem(&talk.stream));
        else if (!wait_for(size, until))
            fail("the server did not close within %g s", talk.options->timeout);
        if (talk.has_failed)
            return;
    }
}

/* opening ------------------------------------------------------------------------------------ */

static int connect_once(const struct echo_endpoint *endpoint, SSL_CTX *tls)
{
    uint64_t until = deadline();
    int result;

    if (stream_connect(&talk.stream, endpoint, OPEN_THREE_WAY) != 0)
        return -1;
    if (!wait_for(STREAM_WANTS_WRITE, until)) {
        errno = ETIMEDOUT;
        return -1;
    }
    errno = stream_connected(&talk.stream);
    if (errno)
        return -1;
    while ((result = stream_secure(&talk.stream, tls, talk.options)) != 1)
        if (result == STREAM_FAILED) {
            return -1;
        } else if (!wait_for(result, until)) {
            errno = ETIMEDOUT;
            return -1;
        }
    return 0;
}

static bool open_stream(SSL_CTX *tls)
{
    struct echo_endpoint endpoints[ENDPOINTS_MAX];
    char text[ECHO_ENDPOINT_TEXT_MAX] = "";
    size_t count = load_resolve(talk.options, endpoints);
    uint64_t began = load_now();

    if (count == 0)
        return false;
    for (size_t i = 0; i < count; i++) {
        echo_endpoint_text(&endpoints[i], text, sizeof text);
        if (connect_once(&endpoints[i], tls) == 0) {
            printf("connected to %s in %.3f ms%s; Q or exit ends\n", text,
                   (double)(load_now() - began) / 1e6, tls ? " by TLS" : "");
            fflush(stdout);
            return true;
        }
        if (i + 1 < count)
            stream_close(&talk.stream);
    }
    fail("could not connect to %s: %s", text, stream_problem(&talk.stream));
    return false;
}

/* lines -------------------------------------------------------------------------------------- */

static void on_line(char *line)
{
    rl_callback_handler_remove();
    talk.at_prompt = false;
    if (!line) {
        putchar('\n');
        talk.is_over = true;
        return;
    }
    if (*line)
        add_history(line);
    take_line(line);
    free(line);
}

/* The connection while nothing is asked: only its end can come. */
static void look_at_stream(void)
{
    uint8_t octet;
    ssize_t size = stream_read(&talk.stream, &octet, 1);

    if (size == STREAM_END)
        fail("the server has closed the connection");
    else if (size == STREAM_FAILED)
        fail("%s", stream_problem(&talk.stream));
    else if (size > 0)
        fail("the server sends what nobody asked for");
}

/* Until the end of the input or the connection. Standard input is a terminal. Signals come while it
 * waits and at no other time: none is missed between a look at interrupted and the wait. */
static void talk_at_terminal(void)
{
    sigset_t blocked, before;

    rl_catch_signals = 0; /* libedit would send them on to the whole process group */
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGINT);
    sigaddset(&blocked, SIGTERM);
    sigprocmask(SIG_BLOCK, &blocked, &before);
    talk.waiting = &before;
    while (!talk.is_over && !interrupted) {
        struct pollfd pollers[] = { { STDIN_FILENO, POLLIN, 0 }, { talk.stream.fd, POLLIN, 0 } };

        if (!talk.at_prompt) {
            rl_callback_handler_install(PROMPT, on_line);
            talk.at_prompt = true;
        }
        if (ppoll(pollers, 2, NULL, talk.waiting) < 0)
            continue;
        if (pollers[1].revents)
            look_at_stream();
        else if (pollers[0].revents)
            rl_callback_read_char();
    }
    if (talk.at_prompt)
        rl_callback_handler_remove();
    talk.waiting = NULL;
    sigprocmask(SIG_SETMASK, &before, NULL);
}

static void talk_from_pipe(void)
{
    char *line = NULL;
    size_t capacity = 0;
    ssize_t size;

    while (!talk.is_over && !interrupted && (size = getline(&line, &capacity, stdin)) >= 0) {
        if (size > 0 && line[size - 1] == '\n')
            line[size - 1] = '\0';
        take_line(line);
    }
    free(line);
}

int interactive_run(const struct options *options)
{
    struct sigaction action = { .sa_handler = on_signal }; /* poll() and getline() come back */
    SSL_CTX *tls = stream_tls(options);

    talk.options = options;
    talk.stream.fd = -1;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    if (open_stream(tls)) {
        if (isatty(STDIN_FILENO))
            talk_at_terminal();
        else
            talk_from_pipe();
        if (!talk.has_failed)
            close_in_order();
    } else {
        talk.has_failed = true;
    }
    stream_close(&talk.stream);
    SSL_CTX_free(tls);
    return talk.has_failed ? STATUS_FAILED : STATUS_GOOD;
}

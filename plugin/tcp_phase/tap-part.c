/* tap-part.c
 * -z tcp_phase,part,FRAMES,NUMBER,FILE: the capture is a part of another one.
 *
 * A capture that is too large for one process is split by conversation. What is said of a conversation names frames,
 * and these have to be those of the whole: FRAMES says which frame of the whole lies in which part, an octet each,
 * and NUMBER which part this is. The numbers of streams can be known only when all parts are: FILE ("-": standard
 * output) gets a line with the frame (of the whole) that each stream began with, in the order of streams:
 * {"streams":[1,4,4,9]}. In one pass. The names of files are written as in a URI: %2C for a comma.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "part.h"

#include <epan/dissectors/packet-tcp.h>
#include <epan/packet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "output.h"
#include "statistic.h"
#include "statistics.h"
#include "tap.h"

/** How many parts there may be; one more number is for frames that are in none. */
#define PARTS_MAX 255

struct part {
    const struct statistic *statistic;
    GArray *streams; /* of uint32_t */
    uint32_t seen;   /* the last frame */
    char *file;
};

/* The numbers of this capture's frames, 32 bits each; NULL: they are what they are. */
static GArray *numbers;

uint32_t part_frame(uint32_t frame)
{
    if (!numbers || frame == 0 || frame > numbers->len)
        return frame;
    return g_array_index(numbers, uint32_t, frame - 1);
}

static void forget(void *data)
{
    struct part *part = data;

    g_array_set_size(part->streams, 0);
    part->seen = 0;
}

static tap_packet_status take_frame(void *data, packet_info *pinfo, epan_dissect_t *edt,
                                    const void *unused, tap_flags_t flags)
{
    struct part *part = data;
    uint32_t frame = part_frame(pinfo->num);

    (void)edt;
    (void)unused;
    (void)flags;
    part->seen = pinfo->num;
    while (part->streams->len < get_tcp_stream_count())
        g_array_append_val(part->streams, frame);
    return TAP_PACKET_DONT_REDRAW;
}

static GError *problem(const char *file, const char *what)
{
    return g_error_new(G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s: %s", file, what);
}

static void write_line(FILE *stream, const GArray *frames)
{
    fputs("{\"streams\":[", stream);
    for (guint i = 0; i < frames->len; i++)
        fprintf(stream, "%s%" PRIu32, i > 0 ? "," : "", g_array_index(frames, uint32_t, i));
    fputs("]}\n", stream);
}

static void write_streams(void *data)
{
    struct part *part = data;
    GError *error = NULL;
    struct output *output;

    if (part->seen != numbers->len) {
        statistic_fail(part->statistic, problem(part->file, "the part has another number of frames "
                                                            "than is said of it"));
        return;
    }
    output = output_open(part->file, &error);
    if (output)
        write_line(output_stream(output), part->streams);
    if (!output || !output_close(output, &error))
        statistic_fail(part->statistic, error);
}

static void finish(void *data)
{
    struct part *part = data;

    g_array_free(part->streams, TRUE);
    g_free(part->file);
    g_free(part);
    g_array_free(numbers, TRUE);
    numbers = NULL;
    statistic_end();
}

static bool read_numbers(const char *path, uint8_t number, GError **error)
{
    GMappedFile *file = g_mapped_file_new(path, FALSE, error);
    const char *octets = file ? g_mapped_file_get_contents(file) : NULL;
    gsize size = file ? g_mapped_file_get_length(file) : 0;
    bool is_good = octets && size >= PART_HEADER_SIZE && size - PART_HEADER_SIZE < UINT32_MAX &&
                   memcmp(octets, PART_MAGIC, sizeof PART_MAGIC - 1) == 0;

    if (is_good) {
        numbers = g_array_new(FALSE, FALSE, sizeof(uint32_t));
        for (gsize i = PART_HEADER_SIZE; i < size; i++) {
            uint32_t frame = (uint32_t)(i - PART_HEADER_SIZE + 1);

            if ((uint8_t)octets[i] == number)
                g_array_append_val(numbers, frame);
        }
    } else if (file) {
        *error = problem(path, "does not say which frame lies in which part");
    }
    if (file)
        g_mapped_file_unref(file);
    return is_good;
}

static bool read_words(const char *frames, const char *number, const char *file, GError **error)
{
    guint64 parsed;

    if (numbers)
        *error = problem("tcp_phase,part", "a capture is a part of one other only");
    else if (!frames || !file)
        *error = problem("tcp_phase,part", "% stands before two digits");
    return !*error && g_ascii_string_to_unsigned(number, 10, 0, PARTS_MAX - 1, &parsed, error) &&
           output_check(file, error) && read_numbers(frames, (uint8_t)parsed, error);
}

static bool begin(const struct statistic *statistic, char *const *words, const char *filter)
{
    char *frames = g_uri_unescape_string(words[0], NULL);
    char *file = g_uri_unescape_string(words[2], NULL);
    GError *error = NULL;
    struct part *part;
    bool is_good = read_words(frames, words[1], file, &error);

    (void)filter;
    g_free(frames);
    if (!is_good) {
        g_free(file);
        statistic_fail(statistic, error);
        return false;
    }
    part = g_new0(struct part, 1);
    part->statistic = statistic;
    part->streams = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    part->file = file;
    return statistic_listen(statistic, NULL, part, forget, take_frame, write_streams, finish);
}

void tap_part_register(void)
{
    static const struct statistic statistic = {
        .name = TCP_PHASE_TAP ",part",
        .title = "TCP Phases: Part of a Capture",
        .tap = "frame",
        .usage = ",FRAMES,NUMBER,FILE",
        .words = 3,
        .begin = begin,
    };

    statistic_register(&statistic);
}

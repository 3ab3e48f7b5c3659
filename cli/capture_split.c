/* capture_split.c
 * Splits a capture by conversation, and writes parts of it.
 *
 * A map is a file of an octet for each frame, its part, after a header that the plugin knows too
 * (plugin/tcp_phase/part.h). Of its own 8 octets of the header the first is how many parts there are; 0 where the
 * capture cannot be split: then the reason follows in place of the frames.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "capture_split.h"

#include "capture_private.h"
#include "cli.h"
#include "conversation_groups.h"
#include "flow_keys.h"
#include "tcp_phase/part.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/** A frame that goes nowhere: it is no packet. */
enum { NO_PART = 255 };
#define NO_GROUP UINT32_MAX

/** The first second whose nanoseconds since 1970 take more than 64 bits. */
#define SECONDS_END ((int64_t)(UINT64_MAX / 1000000000))

/* Splitting ------------------------------------------------------------------------------------- */

struct split {
    struct groups *groups;
    GArray *frames; /* of uint32_t: numbers of groups, or NO_GROUP */
    char *reason;   /* why it cannot be split */
};

static bool is_pcap(wtap *opened)
{
    const char *kind = wtap_file_type_subtype_name(wtap_file_type_subtype(opened));

    return g_strcmp0(kind, "pcap") == 0 || g_strcmp0(kind, "nsecpcap") == 0 ||
           g_strcmp0(kind, "pcapng") == 0;
}

/* What other formats know of a packet beside its octets has no place in pcapng, but for these there is nothing to
 * know. */
static bool is_plain(int link_type)
{
    return link_type == WTAP_ENCAP_ETHERNET || link_type == WTAP_ENCAP_RAW_IP ||
           link_type == WTAP_ENCAP_RAW_IP4 || link_type == WTAP_ENCAP_RAW_IP6 ||
           link_type == WTAP_ENCAP_NULL || link_type == WTAP_ENCAP_SLL;
}

static const char *why_not(const wtap_rec *header, bool is_pcap)
{
    int link_type = capture_link_type(header->rec_header.packet_header.pkt_encap);

    if ((!is_pcap && !is_plain(link_type)) ||
        !wtap_dump_can_write_encap(wtap_pcapng_file_type_subtype(), link_type))
        return "its packets cannot be written as pcapng without a loss";
    if (!(header->presence_flags & WTAP_HAS_TS) || header->ts.secs < 0 ||
        header->ts.secs >= SECONDS_END)
        return "there are packets with a time that pcapng has no place for";
    return NULL;
}

static const uint8_t *octets_of(const struct record *record)
{
#ifdef COMPAT_RECORD_HOLDS_DATA
    return ws_buffer_start_ptr(&record->header.data);
#else
    return ws_buffer_start_ptr(&record->data);
#endif
}

static void take_record(struct split *split, const struct record *record, bool is_pcap)
{
    const wtap_packet_header *packet = &record->header.rec_header.packet_header;
    uint32_t group = NO_GROUP;
    struct flow_keys keys;
    const char *problem;

    if (record->header.rec_type == REC_TYPE_PACKET) {
        problem = why_not(&record->header, is_pcap);
        flow_keys_of(capture_link_type(packet->pkt_encap), octets_of(record), packet->caplen,
                     packet->len, &keys);
        if (!problem && keys.is_opaque)
            problem = "conversations cannot be told apart without Wireshark";
        if (problem)
            split->reason = g_strdup_printf("frame %u: %s", split->frames->len + 1, problem);
        group = groups_add(split->groups, &keys);
    }
    g_array_append_val(split->frames, group);
}

static bool read_file(struct split *split, const char *path, GError **error)
{
    wtap *opened = capture_open_library(path, error);
    struct record record;
    char *details = NULL;
    int number = 0;
    bool is_of_pcap;

    if (!opened)
        return false;
    is_of_pcap = is_pcap(opened);
    record_init(&record);
    while (!split->reason && record_read(&record, opened, &number, &details)) {
        if (split->frames->len == UINT32_MAX - PART_HEADER_SIZE)
            split->reason = g_strdup("it has too many frames");
        else
            take_record(split, &record, is_of_pcap);
    }
    if (number != 0) /* tshark says what of */
        split->reason = g_strdup("it cannot be read to the end");
    g_free(details);
    record_clear(&record);
    wtap_close(opened);
    return true;
}

static bool write_map(const struct split *split, unsigned parts, const char *path, GError **error)
{
    uint8_t header[PART_HEADER_SIZE] = PART_MAGIC;
    struct output *output = output_begin(path, error);

    if (!output)
        return false;
    header[sizeof PART_MAGIC - 1] = (uint8_t)(split->reason ? 0 : parts);
    output_write(output, header, sizeof header);
    if (split->reason)
        output_write(output, split->reason, strlen(split->reason));
    for (guint i = 0; !split->reason && i < split->frames->len; i++) {
        uint32_t group = g_array_index(split->frames, uint32_t, i);
        uint8_t part = group == NO_GROUP ? NO_PART : (uint8_t)groups_part_of(split->groups, group);

        output_write(output, &part, 1);
    }
    return output_finish(output, error);
}

bool capture_split(const GPtrArray *paths, unsigned parts, const char *map, GError **error)
{
    struct split split = { .groups = groups_new() };
    bool is_good = true;

    split.frames = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    for (guint i = 0; is_good && !split.reason && i < paths->len; i++)
        is_good = read_file(&split, g_ptr_array_index(paths, i), error);
    if (is_good && !split.reason)
        groups_share(split.groups, parts);
    is_good = is_good && write_map(&split, parts, map, error);
    g_free(split.reason);
    g_array_unref(split.frames);
    groups_free(split.groups);
    return is_good;
}

/* Reading a map --------------------------------------------------------------------------------- */

static GMappedFile *open_map(const char *path, const uint8_t **octets, size_t *size)
{
    GMappedFile *file = g_mapped_file_new(path, FALSE, NULL);

    if (!file)
        return NULL;
    *octets = (const uint8_t *)g_mapped_file_get_contents(file);
    *size = g_mapped_file_get_length(file);
    if (*size >= PART_HEADER_SIZE && memcmp(*octets, PART_MAGIC, sizeof PART_MAGIC - 1) == 0)
        return file;
    g_mapped_file_unref(file);
    return NULL;
}

bool capture_split_read(const char *map, unsigned *parts, char **reason)
{
    const uint8_t *octets;
    size_t size;
    GMappedFile *file = open_map(map, &octets, &size);

    *reason = NULL;
    if (!file)
        return false;
    *parts = octets[sizeof PART_MAGIC - 1];
    if (*parts == 0)
        *reason = g_strndup((const char *)octets + PART_HEADER_SIZE, size - PART_HEADER_SIZE);
    g_mapped_file_unref(file);
    return true;
}

uint32_t capture_split_frames(const char *map, unsigned part)
{
    const uint8_t *octets;
    size_t size;
    GMappedFile *file = open_map(map, &octets, &size);
    uint32_t count = 0;

    for (size_t i = PART_HEADER_SIZE; file && i < size; i++)
        count += octets[i] == part;
    if (file)
        g_mapped_file_unref(file);
    return count;
}

/* Writing a part -------------------------------------------------------------------------------- */

/* A part being written. Its interfaces are our own, one for each link type. */
struct writer {
    const uint8_t *map, *end; /* of the frames that are still to come */
    unsigned part;
    int fd;
    wtap_dumper *to; /* NULL: nothing has come yet */
    GArray *kinds;   /* of struct kind: of the interfaces */
    GArray *secrets; /* of wtap_block_t */
    guint taken;     /* how many of those of the file that is read */
};

/* What an interface says of its packets. */
struct kind {
    int link_type;
    int check; /* octets of a frame check sequence, -1: not known */
};

static struct kind kind_of(const wtap_rec *header)
{
    const wtap_packet_header *packet = &header->rec_header.packet_header;
    struct kind kind = { .link_type = capture_link_type(packet->pkt_encap), .check = -1 };

    if (kind.link_type == WTAP_ENCAP_ETHERNET)
        kind.check = packet->pseudo_header.eth.fcs_len;
    else if (kind.link_type == WTAP_ENCAP_IEEE_802_11)
        kind.check = packet->pseudo_header.ieee_802_11.fcs_len;
    return kind;
}

static wtap_block_t make_interface(const struct kind *kind)
{
    wtap_block_t interface = wtap_block_create(WTAP_BLOCK_IF_ID_AND_INFO);
    wtapng_if_descr_mandatory_t *data = wtap_block_get_mandatory_data(interface);

    data->wtap_encap = kind->link_type;
    data->time_units_per_second = 1000000000;
    data->tsprecision = WTAP_TSPREC_NSEC;
    wtap_block_add_uint8_option(interface, OPT_IDB_TSRESOL, 9);
    if (kind->check >= 0)
        wtap_block_add_uint8_option(interface, OPT_IDB_FCSLEN, (guint8)kind->check);
    return interface;
}

static void fail(GError **error, int number, char *details)
{
    capture_set_error(error, "a part of it", number, details);
}

static bool begin(struct writer *writer, const struct kind *kind, GError **error)
{
    wtap_dump_params params = WTAP_DUMP_PARAMS_INIT;
    wtapng_iface_descriptions_t interfaces;
    wtap_block_t interface = make_interface(kind);
    char *details = NULL;
    int number = 0;

    interfaces.interface_data = g_array_new(FALSE, FALSE, sizeof(wtap_block_t));
    g_array_append_val(interfaces.interface_data, interface);
    params.encap = kind->link_type;
    params.tsprec = WTAP_TSPREC_NSEC;
    params.idb_inf = &interfaces;
    params.dsbs_growing = writer->secrets;
    writer->to = wtap_dump_fdopen(writer->fd, wtap_pcapng_file_type_subtype(), WTAP_UNCOMPRESSED,
                                  &params, &number, &details);
    if (writer->to)
        writer->fd = -1; /* the library's now */
    else
        fail(error, number, details);
    wtap_block_array_free(interfaces.interface_data);
    g_array_append_val(writer->kinds, *kind);
    return writer->to;
}

/* The interface of a packet, described before it where it is the first of its kind. */
static bool find_interface(struct writer *writer, const wtap_rec *header, unsigned *interface,
                           GError **error)
{
    struct kind kind = kind_of(header);
    wtap_block_t block;
    char *details = NULL;
    int number = 0;
    bool is_good;

    *interface = 0;
    if (!writer->to)
        return begin(writer, &kind, error);
    for (; *interface < writer->kinds->len; (*interface)++) {
        const struct kind *known = &g_array_index(writer->kinds, struct kind, *interface);

        if (known->link_type == kind.link_type && known->check == kind.check)
            return true;
    }
    block = make_interface(&kind);
    is_good = wtap_dump_add_idb(writer->to, block, &number, &details);
    wtap_block_unref(block);
    g_array_append_val(writer->kinds, kind);
    if (!is_good)
        fail(error, number, details);
    return is_good;
}

static bool write_record(struct writer *writer, struct record *record, GError **error)
{
    wtap_packet_header *packet = &record->header.rec_header.packet_header;
    char *details = NULL;
    unsigned interface;
    int number = 0;

    if (!find_interface(writer, &record->header, &interface, error))
        return false;
    packet->pkt_encap = capture_link_type(packet->pkt_encap);
    packet->interface_id = interface;
    record->header.presence_flags |= WTAP_HAS_INTERFACE_ID;
    record->header.section_number = 0;
    if (record_write(record, writer->to, &number, &details))
        return true;
    fail(error, number, details);
    return false;
}

/* The secrets that a capture has in its packets' midst; owned by the library, and growing while it is read. */
static const GArray *secrets_of(wtap *from)
{
    wtap_dump_params params = WTAP_DUMP_PARAMS_INIT;
    const GArray *secrets;

    wtap_dump_params_init_no_idbs(&params, from);
    secrets = params.dsbs_growing;
    params.dsbs_growing = NULL;
    g_free(params.idb_inf); /* what it points to is the capture's */
    params.idb_inf = NULL;
    wtap_dump_params_cleanup(&params);
    return secrets;
}

/* Those that have come since. */
static void take_secrets(struct writer *writer, const GArray *secrets)
{
    for (; secrets && writer->taken < secrets->len; writer->taken++) {
        wtap_block_t block = wtap_block_ref(g_array_index(secrets, wtap_block_t, writer->taken));

        g_array_append_val(writer->secrets, block);
    }
}

static bool copy_file(struct writer *writer, const char *path, GError **error)
{
    wtap *from = capture_open_library(path, error);
    const GArray *secrets;
    struct record record;
    char *details = NULL;
    int number = 0;
    bool is_good = true;

    if (!from)
        return false;
    secrets = secrets_of(from);
    writer->taken = 0;
    record_init(&record);
    while (is_good && record_read(&record, from, &number, &details)) {
        if (writer->map == writer->end)
            number = WTAP_ERR_INTERNAL; /* it has grown */
        if (number != 0)
            break;
        if (*writer->map++ != writer->part)
            continue;
        take_secrets(writer, secrets);
        is_good = write_record(writer, &record, error);
    }
    if (is_good && number != 0) {
        is_good = false;
        capture_set_error(error, path, number, details);
    } else {
        g_free(details);
    }
    record_clear(&record);
    wtap_close(from);
    return is_good;
}

static bool end(struct writer *writer, GError **error)
{
    char *details = NULL;
    int number = 0;
    bool is_good = !writer->to || wtap_dump_close(writer->to, NULL, &number, &details);

    if (!is_good && error && !*error)
        fail(error, number, details);
    else
        g_free(details);
    if (writer->fd >= 0)
        close(writer->fd);
    g_array_unref(writer->kinds);
    wtap_block_array_free(writer->secrets);
    return is_good;
}

bool capture_split_write(const GPtrArray *paths, const char *map, unsigned part, int fd,
                         GError **error)
{
    struct writer writer = { .part = part, .fd = fd };
    const uint8_t *octets;
    size_t size;
    GMappedFile *file = open_map(map, &octets, &size);
    bool is_good = true;

    if (!file) {
        g_set_error(error, CLI_ERROR, STATUS_FAILED, "%s: does not say how a capture is split",
                    map);
        close(fd);
        return false;
    }
    writer.map = octets + PART_HEADER_SIZE;
    writer.end = octets + size;
    writer.kinds = g_array_new(FALSE, FALSE, sizeof(struct kind));
    writer.secrets = g_array_new(FALSE, FALSE, sizeof(wtap_block_t));
    for (guint i = 0; is_good && i < paths->len; i++)
        is_good = copy_file(&writer, g_ptr_array_index(paths, i), error);
    if (is_good && writer.map != writer.end) {
        is_good = false;
        g_set_error(error, CLI_ERROR, STATUS_FAILED, "it has changed since it was split");
    }
    if (!end(&writer, is_good ? error : NULL))
        is_good = false;
    g_mapped_file_unref(file);
    return is_good;
}

/* capture_copy.c
 * Writes a capture again as pcapng, with other comments.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "capture_private.h"

#include "cli.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/** What the library keeps of a time stamp. */
#define UNITS_KEPT ((guint64)1000000000)

/* What stands before the packets --------------------------------------------------------------- */

/* The library gives time stamps in nanoseconds. Units that are finer, or no part of a nanosecond (powers of
 * two), would be rounded once more on writing: such an interface is written with nanoseconds. */
static void keep_time_stamps(wtap_block_t interface)
{
    wtapng_if_descr_mandatory_t *data = wtap_block_get_mandatory_data(interface);

    if (UNITS_KEPT % data->time_units_per_second == 0)
        return;
    data->time_units_per_second = UNITS_KEPT;
    data->tsprecision = WTAP_TSPREC_NSEC;
    wtap_block_remove_option(interface, OPT_IDB_TSRESOL);
    wtap_block_add_uint8_option(interface, OPT_IDB_TSRESOL, 9);
}

static wtap_block_t make_interface(int link_type, unsigned snap_length)
{
    wtap_block_t interface = wtap_block_create(WTAP_BLOCK_IF_ID_AND_INFO);
    wtapng_if_descr_mandatory_t *data = wtap_block_get_mandatory_data(interface);

    data->wtap_encap = link_type;
    data->time_units_per_second = UNITS_KEPT;
    data->tsprecision = WTAP_TSPREC_NSEC;
    data->snap_len = snap_length;
    wtap_block_add_uint8_option(interface, OPT_IDB_TSRESOL, 9);
    return interface;
}

/* Whether the capture's own interfaces do for packets that name none: there is one, of their link type. */
static bool has_interface_for_all(const struct capture *capture)
{
    const wtapng_if_descr_mandatory_t *data;

    if (capture->link_types->len == 0)
        return true;
    if (capture->link_types->len > 1 || capture->interfaces->len != 1)
        return false;
    data = wtap_block_get_mandatory_data(g_ptr_array_index(capture->interfaces, 0));
    return data->wtap_encap == g_array_index(capture->link_types, int, 0);
}

/* All interfaces of the copy: those of the capture and, for packets that name none, one for each link type:
 * these begin at *added. */
static GArray *make_interfaces(const struct capture *capture, unsigned *added)
{
    GArray *all = g_array_new(FALSE, FALSE, sizeof(wtap_block_t));
    bool is_enough = has_interface_for_all(capture);

    /* Where no packet names one, the library has made them up, and those of link types do instead. */
    for (guint i = 0; (is_enough || capture->names_interfaces) && i < capture->interfaces->len;
         i++) {
        wtap_block_t copy = wtap_block_make_copy(g_ptr_array_index(capture->interfaces, i));

        keep_time_stamps(copy);
        g_array_append_val(all, copy);
    }
    *added = all->len;
    for (guint i = 0; !is_enough && i < capture->link_types->len; i++) {
        wtap_block_t made = make_interface(g_array_index(capture->link_types, int, i),
                                           wtap_snapshot_length(capture->opened));

        g_array_append_val(all, made);
    }
    return all;
}

/* The one link type of all interfaces, or that they differ. Where there are none the library makes one up, and
 * wants to know its type. */
static int common_link_type(const GArray *interfaces)
{
    int common = WTAP_ENCAP_ETHERNET;

    for (guint i = 0; i < interfaces->len; i++) {
        const wtapng_if_descr_mandatory_t *data =
            wtap_block_get_mandatory_data(g_array_index(interfaces, wtap_block_t, i));

        if (i > 0 && data->wtap_encap != common)
            return WTAP_ENCAP_PER_PACKET;
        common = data->wtap_encap;
    }
    return common;
}

/* The copy has one section: what was said of the later ones is said of it. */
static void gather_section_comments(GArray *sections)
{
    for (guint i = 1; sections && i < sections->len; i++) {
        wtap_block_t section = g_array_index(sections, wtap_block_t, i);
        char *comment;

        for (guint n = 0; wtap_block_get_nth_string_option_value(section, OPT_COMMENT, n,
                                                                 &comment) == WTAP_OPTTYPE_SUCCESS;
             n++)
            wtap_block_add_string_option(g_array_index(sections, wtap_block_t, 0), OPT_COMMENT,
                                         comment, strlen(comment));
    }
}

/* Packets ------------------------------------------------------------------------------------- */

/* A copy being written. */
struct copy {
    struct capture *capture;
    GArray *interfaces;
    unsigned
        added; /* the first interface for packets that name none; where there are none, the first does */
    const char *prefix;
    capture_comments_of *comments;
    void *data;
};

static bool fail_on_record(uint32_t frame, const char *what, GError **error)
{
    g_set_error(error, CLI_ERROR, STATUS_FAILED, "frame %u: %s", frame, what);
    return false;
}

static unsigned interface_of_link_type(const struct copy *copy, int type)
{
    for (guint i = 0; copy->added + i < copy->interfaces->len; i++)
        if (g_array_index(copy->capture->link_types, int, i) == type)
            return copy->added + i;
    return 0;
}

static bool set_interface(const struct copy *copy, wtap_rec *header, uint32_t frame, GError **error)
{
    wtap_packet_header *packet = &header->rec_header.packet_header;
    unsigned interface;

    packet->pkt_encap = capture_link_type(packet->pkt_encap);
    if (!(header->presence_flags & WTAP_HAS_INTERFACE_ID)) {
        packet->interface_id = interface_of_link_type(copy, packet->pkt_encap);
        header->presence_flags |= WTAP_HAS_INTERFACE_ID;
    }
#ifdef COMPAT_SECTIONS_ARE_NOT_MAPPED
    else
        packet->interface_id +=
            g_array_index(copy->capture->section_bases, unsigned, header->section_number);
#endif
    interface = packet->interface_id;
    if (interface >= copy->interfaces->len)
        return fail_on_record(frame, "is of an interface that is not described", error);
    return true;
}

static void remove_comments(const struct copy *copy, wtap_block_t block)
{
    unsigned count = wtap_block_count_option(block, OPT_COMMENT);

    while (count-- > 0) {
        char *text;

        if (wtap_block_get_nth_string_option_value(block, OPT_COMMENT, count, &text) ==
                WTAP_OPTTYPE_SUCCESS &&
            g_str_has_prefix(text, copy->prefix))
            wtap_block_remove_nth_option_instance(block, OPT_COMMENT, count);
    }
}

static void add_comments(const struct copy *copy, wtap_block_t block, const char *texts)
{
    while (texts) {
        const char *next = strchr(texts, CAPTURE_NEXT_COMMENT);
        size_t length = next ? (size_t)(next - texts) : strlen(texts);

        wtap_block_add_string_option_format(block, OPT_COMMENT, "%s%.*s", copy->prefix, (int)length,
                                            texts);
        texts = next ? next + 1 : NULL;
    }
}

static void set_comments(const struct copy *copy, wtap_rec *header, uint32_t frame)
{
    const char *texts = copy->comments(copy->data, frame);

    if (!header->block && texts)
        header->block = wtap_block_create(WTAP_BLOCK_PACKET);
    if (!header->block)
        return;
    remove_comments(copy, header->block);
    add_comments(copy, header->block, texts);
    header->block_was_modified = true;
}

static bool copy_records(const struct copy *copy, wtap *from, wtap_dumper *to, const char *name,
                         GError **error)
{
    struct record record;
    int number = 0;
    char *details = NULL;
    uint32_t frame = 0;
    bool is_good = true;

    record_init(&record);
    while (is_good && frame < copy->capture->records) {
        is_good = record_read(&record, from, &number, &details);
        if (!is_good) {
            capture_set_error(error, copy->capture->path, number, details);
            break;
        }
        frame++;
        if (record.header.rec_type == REC_TYPE_PACKET) {
            is_good = set_interface(copy, &record.header, frame, error);
            if (!is_good)
                break;
            set_comments(copy, &record.header, frame);
        }
        is_good = record_write(&record, to, &number, &details);
        if (!is_good && number == WTAP_ERR_UNWRITABLE_REC_TYPE) {
            g_free(details);
            fail_on_record(frame, "is of a kind that pcapng has no place for", error);
        } else if (!is_good) {
            capture_set_error(error, name, number, details);
        }
    }
    record_clear(&record);
    return is_good;
}

/* The link types of formats that only Wireshark knows have no number in pcapng. */
static bool check_link_types(const struct copy *copy, GError **error)
{
    for (guint i = 0; i < copy->interfaces->len; i++) {
        const wtapng_if_descr_mandatory_t *data =
            wtap_block_get_mandatory_data(g_array_index(copy->interfaces, wtap_block_t, i));

        if (!wtap_dump_can_write_encap(wtap_pcapng_file_type_subtype(), data->wtap_encap)) {
            g_set_error(error, CLI_ERROR, STATUS_FAILED,
                        "%s: pcapng has no link type for its packets: %s", copy->capture->path,
                        wtap_encap_description(data->wtap_encap));
            return false;
        }
    }
    return true;
}

/* The file ------------------------------------------------------------------------------------- */

static wtap_dumper *open_dumper(const struct copy *copy, wtap_dump_params *params,
                                struct output *output, GError **error)
{
    int fd = dup(output_descriptor(output)); /* the library closes what it writes to */
    wtap_dumper *dumper = NULL;
    char *details = NULL;
    int number = 0;

    if (fd >= 0)
        dumper = wtap_dump_fdopen(fd, wtap_pcapng_file_type_subtype(), WTAP_UNCOMPRESSED, params,
                                  &number, &details);
    else
        number = errno;
    if (dumper) {
#ifdef COMPAT_NAMES_ARE_TOLD
        wtap_dump_set_addrinfo_list(dumper, &copy->capture->names);
#else
        (void)copy; /* the parameters hold the names */
#endif
        return dumper;
    }
    capture_set_error(error, output_name(output), number, details);
    if (fd >= 0)
        close(fd);
    return NULL;
}

/* What stands in the file beside the packets. */
static void prepare(const struct copy *copy, wtap_dump_params *params,
                    wtapng_iface_descriptions_t *interfaces)
{
    wtap_dump_params_init(params, copy->capture->opened);
    g_free(params->idb_inf);
    interfaces->interface_data = copy->interfaces;
    params->idb_inf = interfaces;
    params->encap = common_link_type(copy->interfaces);
    gather_section_comments(params->shb_hdrs);
    /* All of them before the packets: these may be none. The library gives up a reference when it is done. */
    params->dsbs_initial = (GArray *)params->dsbs_growing;
    params->dsbs_growing = NULL;
    if (params->dsbs_initial)
        wtap_block_array_ref(params->dsbs_initial);
}

static bool write_file(const struct copy *copy, wtap *from, struct output *output, GError **error)
{
    wtapng_iface_descriptions_t interfaces;
    wtap_dump_params params;
    wtap_dumper *to;
    bool is_good = false;

    prepare(copy, &params, &interfaces);
    to = open_dumper(copy, &params, output, error);
    if (to) {
        char *details = NULL;
        int number = 0;

        is_good = copy_records(copy, from, to, output_name(output), error);
        if (!wtap_dump_close(to, NULL, &number, &details) && is_good) {
            is_good = false;
            capture_set_error(error, output_name(output), number, details);
        }
    }
    params.idb_inf = NULL;
    wtap_dump_params_cleanup(&params);
    return is_good;
}

bool capture_copy(struct capture *capture, struct output *output, const char *prefix,
                  capture_comments_of *comments, void *data, GError **error)
{
    struct copy copy = {
        .capture = capture,
        .prefix = prefix,
        .comments = comments,
        .data = data,
    };
    wtap *from = capture_open_library(capture->path, error);
    bool is_good;

    if (!from)
        return false;
    copy.interfaces = make_interfaces(capture, &copy.added);
    is_good = check_link_types(&copy, error) && write_file(&copy, from, output, error);
    wtap_block_array_free(copy.interfaces);
    wtap_close(from);
    return is_good;
}

/* capture.c
 * Opens captures with libwiretap, and reads them through.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "capture.h"

#include "capture_private.h"
#include "cli.h"

#include <string.h>
#include <wsutil/wslog.h>

/* Errors of files that are no captures have a domain of their own. */
#define NONE_ERROR none_error_quark()
static GQuark none_error_quark(void);
G_DEFINE_QUARK(handshark - no - capture, none_error)

bool capture_is_none(const GError *error)
{
    return error->domain == NONE_ERROR;
}

static void start_library(void)
{
    static bool is_started;

    if (is_started)
        return;
    is_started = true;
    ws_log_set_level(LOG_LEVEL_CRITICAL); /* not what readers think of files that are not theirs */
    wtap_init(false); /* without plugins: Wireshark's own read nothing with TCP */
}

/* What Wireshark opens by its content though it holds no packets. */
static bool is_document(int encapsulation)
{
    static const int DOCUMENTS[] = {
        WTAP_ENCAP_MIME, WTAP_ENCAP_JSON,         WTAP_ENCAP_MPEG,    WTAP_ENCAP_MP4,
        WTAP_ENCAP_TNEF, WTAP_ENCAP_RUBY_MARSHAL, WTAP_ENCAP_RFC7468, WTAP_ENCAP_BER,
    };

    for (size_t i = 0; i < G_N_ELEMENTS(DOCUMENTS); i++)
        if (DOCUMENTS[i] == encapsulation)
            return true;
    return false;
}

/* Nothing at all, compressed, is taken for a capture of the one format that has no header. */
static bool is_empty(wtap *opened)
{
    const char *kind = wtap_file_type_subtype_name(wtap_file_type_subtype(opened));
    struct record record;
    char *details = NULL;
    int number = 0;
    bool has_record;

    if (g_strcmp0(kind, "erf") != 0)
        return false;
    record_init(&record);
    has_record = record_read(&record, opened, &number, &details);
    record_clear(&record);
    g_free(details);
    return !has_record && number == 0;
}

void capture_set_error(GError **error, const char *name, int number, char *details)
{
    if (number == WTAP_ERR_FILE_UNKNOWN_FORMAT)
        g_set_error(error, NONE_ERROR, STATUS_FAILED, "%s: is not a capture", name);
    else
        g_set_error(error, CLI_ERROR, STATUS_FAILED, "%s: %s%s%s", name, wtap_strerror(number),
                    details ? ": " : "", details ? details : "");
    g_free(details);
}

wtap *capture_open_library(const char *path, GError **error)
{
    int number = 0;
    char *details = NULL;
    wtap *opened;

    start_library();
    opened = wtap_open_offline(path, WTAP_TYPE_AUTO, &number, &details, false);
    if (!opened)
        capture_set_error(error, path, number, details);
    return opened;
}

bool capture_check(const char *path, GError **error)
{
    wtap *opened = capture_open_library(path, error);
    bool is_none, is_good;

    if (!opened)
        return false;
    is_none = is_document(wtap_file_encap(opened));
    is_good = !is_none && !is_empty(opened);
    wtap_close(opened);
    if (!is_good)
        g_set_error(error, is_none ? NONE_ERROR : CLI_ERROR, STATUS_FAILED, "%s: %s", path,
                    is_none ? "is not a capture" : "is empty");
    return is_good;
}

/* Records -------------------------------------------------------------------------------------- */

void record_init(struct record *record)
{
#ifdef COMPAT_RECORD_HOLDS_DATA
    wtap_rec_init(&record->header, 2048);
#else
    wtap_rec_init(&record->header);
    ws_buffer_init(&record->data, 2048);
#endif
}

void record_clear(struct record *record)
{
    wtap_rec_cleanup(&record->header);
#ifndef COMPAT_RECORD_HOLDS_DATA
    ws_buffer_free(&record->data);
#endif
}

bool record_read(struct record *record, wtap *from, int *number, char **details)
{
    int64_t offset;

    wtap_rec_reset(&record->header);
#ifdef COMPAT_RECORD_HOLDS_DATA
    return wtap_read(from, &record->header, number, details, &offset);
#else
    return wtap_read(from, &record->header, &record->data, number, details, &offset);
#endif
}

bool record_write(struct record *record, wtap_dumper *to, int *number, char **details)
{
#ifdef COMPAT_RECORD_HOLDS_DATA
    return wtap_dump(to, &record->header, number, details);
#else
    return wtap_dump(to, &record->header, ws_buffer_start_ptr(&record->data), number, details);
#endif
}

/* Names ---------------------------------------------------------------------------------------- */

#ifdef COMPAT_NAMES_ARE_TOLD
/* The library tells of names without saying whose they are: one capture is read through at a time. */
static struct capture *reading;

static void note_ipv4(const guint address, const gchar *name)
{
    hashipv4_t *entry = g_new0(hashipv4_t, 1);

    entry->addr = address;
    g_strlcpy(entry->name, name, sizeof entry->name);
    g_ptr_array_add(reading->name_entries, entry);
    reading->names.ipv4_addr_list = g_list_prepend(reading->names.ipv4_addr_list, entry);
}

static void note_ipv6(const void *address, const gchar *name)
{
    hashipv6_t *entry = g_new0(hashipv6_t, 1);

    memcpy(entry->addr, address, sizeof entry->addr);
    g_strlcpy(entry->name, name, sizeof entry->name);
    g_ptr_array_add(reading->name_entries, entry);
    reading->names.ipv6_addr_list = g_list_prepend(reading->names.ipv6_addr_list, entry);
}

static void ask_for_names(struct capture *capture)
{
    reading = capture;
    capture->name_entries = g_ptr_array_new_with_free_func(g_free);
    wtap_set_cb_new_ipv4(capture->opened, note_ipv4);
    wtap_set_cb_new_ipv6(capture->opened, note_ipv6);
}

static void sort_names(struct capture *capture)
{
    capture->names.ipv4_addr_list = g_list_reverse(capture->names.ipv4_addr_list);
    capture->names.ipv6_addr_list = g_list_reverse(capture->names.ipv6_addr_list);
}
#endif

/* Reading through ------------------------------------------------------------------------------ */

/* The interfaces that the library has come across since it was last asked. */
static void take_interfaces(struct capture *capture)
{
    wtap_block_t interface;

    while ((interface = wtap_get_next_interface_description(capture->opened)))
        g_ptr_array_add(capture->interfaces, interface);
}

/* A new section numbers its interfaces from 0 again. What has come since the last packet is taken for its own:
 * who describes an interface has packets for it. */
static void note_section(struct capture *capture, const wtap_rec *header, unsigned known_before)
{
    while (capture->section_bases->len <= header->section_number)
        g_array_append_val(capture->section_bases, known_before);
}

int capture_link_type(int type)
{
    /* What HP-UX's nettl says of a packet stands beside it. */
    static const int SAME[][2] = {
        { WTAP_ENCAP_NETTL_ETHERNET, WTAP_ENCAP_ETHERNET },
        { WTAP_ENCAP_NETTL_RAW_IP, WTAP_ENCAP_RAW_IP },
        { WTAP_ENCAP_NETTL_TOKEN_RING, WTAP_ENCAP_TOKEN_RING },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(SAME); i++)
        if (SAME[i][0] == type)
            return SAME[i][1];
    return type;
}

/* Of formats without interfaces each packet may have another link type. */
static void note_link_type(struct capture *capture, const wtap_rec *header)
{
    int type = capture_link_type(header->rec_header.packet_header.pkt_encap);

    if (header->rec_type != REC_TYPE_PACKET)
        return;
    if (header->presence_flags & WTAP_HAS_INTERFACE_ID) {
        capture->names_interfaces = true;
        return;
    }
    for (guint i = 0; i < capture->link_types->len; i++)
        if (g_array_index(capture->link_types, int, i) == type)
            return;
    g_array_append_val(capture->link_types, type);
}

static void note_damage(struct capture *capture, int number, char *details)
{
    if (number == WTAP_ERR_SHORT_READ)
        capture->damage = g_strdup("is cut short");
    else if (number != 0)
        capture->damage = g_strdup_printf("%s%s%s", wtap_strerror(number), details ? ": " : "",
                                          details ? details : "");
    g_free(details);
}

static void read_through(struct capture *capture)
{
    struct record record;
    int number = 0;
    char *details = NULL;
    unsigned known = 0;

    record_init(&record);
    while (capture->records < UINT32_MAX &&
           record_read(&record, capture->opened, &number, &details)) {
        capture->records++;
        take_interfaces(capture);
        note_section(capture, &record.header, known);
        known = capture->interfaces->len;
        note_link_type(capture, &record.header);
    }
    take_interfaces(capture);
    record_clear(&record);
    note_damage(capture, number, details);
}

struct capture *capture_open(const char *path, GError **error)
{
    struct capture *capture = g_new0(struct capture, 1);

    capture->path = g_strdup(path);
    capture->opened = capture_open_library(path, error);
    if (!capture->opened) {
        capture_close(capture);
        return NULL;
    }
    capture->interfaces = g_ptr_array_new();
    capture->section_bases = g_array_new(FALSE, TRUE, sizeof(unsigned));
    capture->link_types = g_array_new(FALSE, FALSE, sizeof(int));
#ifdef COMPAT_NAMES_ARE_TOLD
    ask_for_names(capture);
    read_through(capture);
    sort_names(capture);
#else
    read_through(capture);
#endif
    return capture;
}

uint32_t capture_records(const struct capture *capture)
{
    return capture->records;
}

const char *capture_damage(const struct capture *capture)
{
    return capture->damage;
}

void capture_close(struct capture *capture)
{
    if (!capture)
        return;
    if (capture->interfaces)
        g_ptr_array_unref(capture->interfaces);
    if (capture->section_bases)
        g_array_unref(capture->section_bases);
    if (capture->link_types)
        g_array_unref(capture->link_types);
#ifdef COMPAT_NAMES_ARE_TOLD
    g_list_free(capture->names.ipv4_addr_list);
    g_list_free(capture->names.ipv6_addr_list);
    if (capture->name_entries)
        g_ptr_array_unref(capture->name_entries);
#endif
    if (capture->opened)
        wtap_close(capture->opened);
    g_free(capture->damage);
    g_free(capture->path);
    g_free(capture);
}

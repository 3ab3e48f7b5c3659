/* capture_times.c
 * When a capture begins and ends, and whether it is one.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "capture_private.h"

#include <string.h>

bool capture_read_times(const char *path, struct capture_times *times)
{
    wtap *opened = capture_open_library(path, NULL);
    struct record record;
    int number = 0;
    char *details = NULL;
    bool has_packets = false;

    if (!opened)
        return false;
    times->kind = wtap_file_type_subtype(opened);
    times->link_type = wtap_file_encap(opened);
    record_init(&record);
    while (record_read(&record, opened, &number, &details)) {
        int64_t time = (int64_t)record.header.ts.secs * 1000000000 + record.header.ts.nsecs;

        if (!(record.header.presence_flags & WTAP_HAS_TS))
            continue;
        if (!has_packets || time < times->first)
            times->first = time;
        if (!has_packets || time > times->last)
            times->last = time;
        has_packets = true;
    }
    g_free(details);
    record_clear(&record);
    wtap_close(opened);
    return has_packets && number == 0;
}

bool capture_is_certain(const char *path)
{
    wtap *opened = capture_open_library(path, NULL);
    const char *kind = opened ? wtap_file_type_subtype_name(wtap_file_type_subtype(opened)) : NULL;
    struct capture_times times;
    bool has_mark = kind && strstr(kind, "pcap"); /* pcap, nsecpcap, pcapng ... */

    if (opened)
        wtap_close(opened);
    return has_mark || capture_read_times(path, &times);
}

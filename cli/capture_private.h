/* capture_private.h
 * What capture.c, which reads, and capture_copy.c, which writes, share.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_CAPTURE_PRIVATE_H
#define HANDSHARK_CAPTURE_PRIVATE_H

#include "capture.h"
#include "compat.h"

#include <wiretap/wtap.h>

struct capture {
    char *path;
    wtap *opened; /* read to its end; it holds sections, secrets and, later than 4.0, names */
    uint32_t records;
    char *damage;          /* or NULL */
    GPtrArray *interfaces; /* of wtap_block_t, owned by the library, in the order of all sections */
    GArray *section_bases; /* of unsigned: the first interface of each section that has records */
    GArray *link_types;    /* of int: of packets that name no interface, each once */
    bool names_interfaces; /* some packet does */
#ifdef COMPAT_NAMES_ARE_TOLD
    addrinfo_lists_t names;  /* the writer frees the lists, */
    GPtrArray *name_entries; /* but not what is in them */
#endif
};

/** A record with its data, in every release of the library. */
struct record {
    wtap_rec header;
#ifndef COMPAT_RECORD_HOLDS_DATA
    Buffer data;
#endif
};

/** @return the link type that a packet is written with: where pcapng has none, another for the same octets.
 *  @param type as it was read */
int capture_link_type(int type);

/** Make a record ready for record_read(). */
void record_init(struct record *record);

/** Free what a record holds. */
void record_clear(struct record *record);

/** Read the next record of a capture.
 *  @param number   set to the library's error, 0 for the end @param details set to more on it, to be freed
 *  @return false at the end, or for an error */
bool record_read(struct record *record, wtap *from, int *number, char **details);

/** Write a record. Arguments as record_read(). @return whether it could be */
bool record_write(struct record *record, wtap_dumper *to, int *number, char **details);

/** Open a capture. @param error set on failure, of CLI_ERROR @return to be closed by wtap_close(), or NULL */
wtap *capture_open_library(const char *path, GError **error);

/** Make an error of the library's. @param name of the file @param details freed; may be NULL */
void capture_set_error(GError **error, const char *name, int number, char *details);

#endif

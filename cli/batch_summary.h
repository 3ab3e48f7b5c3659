/* batch_summary.h
 * Counts over the conversations of many captures.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_BATCH_SUMMARY_H
#define HANDSHARK_BATCH_SUMMARY_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/tcp_verdict.h"

/** Counts of conversations, of a server's port or of all. */
struct summary_counts {
    uint64_t conversations;
    uint64_t segments;
    uint64_t bytes[2]; /**< [TCP_CLIENT], [TCP_SERVER]: payload sent */
    uint64_t resets;   /**< ended by an RST */
    uint64_t verdicts[TCP_VERDICT_COUNT];
};

/** A server's port. */
struct summary_server {
    char *address;
    char *port;
    struct summary_counts counts;
};

/** Conversations that opened, closed and ended alike, and one of them. */
struct summary_kind {
    char *opening, *closing, *verdict;
    bool half_close;
    uint64_t count;
    bool is_drawable; /**< whether the example can be drawn */
    unsigned capture; /**< of the example */
    char *file;       /**< its first file */
    char *stream, *client, *server, *text;
    uint64_t segments;
    char *picture; /**< SVG, or NULL */
};

/** A capture that failed. */
struct summary_failure {
    char *file;
    char *reason;
};

/** All of it. */
struct summary {
    unsigned captures;
    GPtrArray *failures; /**< struct summary_failure * */
    struct summary_counts counts;
    uint64_t openings[TCP_OPENING_COUNT];
    uint64_t closings[TCP_CLOSING_COUNT];
    uint64_t closed_by[3]; /**< [TCP_CLIENT], [TCP_SERVER], neither */
    GHashTable *servers;   /**< of struct summary_server *, by address and port */
    GHashTable *kinds;     /**< of struct summary_kind * */
};

/** @return an empty one, to be freed with summary_free(). */
struct summary *summary_new(void);

/** Free a summary. @param summary may be NULL */
void summary_free(struct summary *summary);

/** A capture that failed. @param file its name @param reason why */
void summary_add_failure(struct summary *summary, const char *file, const char *reason);

/** Add the conversations of a capture.
 *  @param path         the file of JSON Lines
 *  @param capture      its number in the plan @param file its name
 *  @param is_drawable  whether its conversations may be drawn, if they are short enough
 *  @param error        set on false, of CLI_ERROR */
bool summary_add(struct summary *summary, const char *path, unsigned capture, const char *file,
                 bool is_drawable, GError **error);

/** @return struct summary_server *: those with most to look at first. Owned by the summary; the array is to be
 *  freed with g_ptr_array_unref(). */
GPtrArray *summary_servers(const struct summary *summary);

/** @return struct summary_kind *: the rarest first, those that ended in order after others that are as rare. As
 *  above. */
GPtrArray *summary_kinds(const struct summary *summary);

/** Write summary.json. @param error set on false, of CLI_ERROR */
bool summary_write_json(const struct summary *summary, const char *path, GError **error);

/** Write summary.csv: a row for each server's port. */
bool summary_write_csv(const struct summary *summary, const char *path, GError **error);

/** Write report.html. @param oddest how many kinds are shown */
bool summary_write_report(const struct summary *summary, unsigned oddest, const char *path,
                          GError **error);

#endif

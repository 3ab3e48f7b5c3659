/* ladder.h
 * A conversation as a drawing shows it: rows from top to bottom, each a segment, or many that are
 * folded into one, or what was not captured.
 *
 * The model knows what is drawn, the formats (ladder_formats.h) how. Neither knows Wireshark: a
 * ladder is made of annotations and of what the conversation amounts to.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_LADDER_H
#define HANDSHARK_LADDER_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/tcp_verdict.h"

/** What a row is about: the phases, and an accepted RST apart from the rest of the teardown. */
enum ladder_phase {
    LADDER_HANDSHAKE,
    LADDER_DATA,
    LADDER_TEARDOWN,
    LADDER_RESET,
    LADDER_CLOSED,
    LADDER_PHASE_COUNT
};

enum ladder_kind {
    LADDER_SEGMENT, /**< a segment */
    LADDER_FOLD,    /**< a run of segments that change no state */
    LADDER_UNSEEN,  /**< what must have been sent, but was not captured, or came later */
    LADDER_ICMP,    /**< an ICMP error that quotes the SYN */
};

/** What was not captured. */
enum ladder_unseen {
    LADDER_UNSEEN_SYN,
    LADDER_UNSEEN_SYN_ACK,
    LADDER_UNSEEN_ACK,
    LADDER_UNSEEN_DATA
};

/** A row. Times are in nanoseconds since the conversation's first segment. */
struct ladder_row {
    enum ladder_kind kind;
    enum ladder_phase phase;
    uint32_t frame;    /**< frame number; of a fold the first; of what is unseen the frame that
                               shows it */
    uint32_t last;     /**< a fold's last frame; else .frame */
    int64_t time;      /**< when it was captured; of a fold the first segment */
    int64_t until;     /**< of a fold the last segment; else .time */
    bool odd;          /**< sent again, captured twice, without effect, or not captured */
    bool crosses;      /**< it left before the row above it had arrived; that one is a segment of
                               the other end */
    bool is_withdrawn; /**< the row below showed that it had not arrived: its receiver's state is
                               not to be shown */
    bool is_lost;      /**< likewise, and so long after it that it can hardly come any more */
    uint64_t segments; /**< LADDER_FOLD: how many */
    uint64_t again;    /**< LADDER_FOLD: how many of them were sent again */
    uint64_t bytes;    /**< LADDER_FOLD: their payload */
    enum ladder_unseen unseen; /**< LADDER_UNSEEN */
    uint32_t late;     /**< LADDER_UNSEEN, data: the frame that brought it later; 0: none did */
    uint32_t from, to; /**< LADDER_UNSEEN, data: the first and the last relative number */
    struct tcp_annotation note; /**< LADDER_SEGMENT; of what is unseen the sender and the states */
};

/** How often something happened, and where first (frame; 0: never). */
struct ladder_count {
    uint32_t first;
    uint32_t count;
};

/** What a story tells beside the outcome. Index [TCP_CLIENT], [TCP_SERVER]. */
struct ladder_facts {
    uint32_t syn[2];     /**< frame of an end's first SYN, with or without ACK; 0: not captured */
    int64_t syn_time[2]; /**< when that was, nanoseconds since the first segment */
    uint32_t open;       /**< frame that made the server ESTABLISHED, or took it further at once */
    int64_t open_time;   /**< when that was */
    uint32_t exchanges;  /**< runs of data in one direction or the other */
    uint32_t
        fin[2]; /**< frame of the FIN that closes an end's direction, sent for the first time */
    uint32_t syn_acked[2]; /**< frame that first acknowledges the SYN */
    uint32_t fin_acked[2]; /**< frame that first acknowledges the FIN */
    uint32_t rst;          /**< frame of the RST that was accepted */
    uint32_t closer_rst;   /**< enum tcp_role of its sender */
    struct ladder_count syn_again, syn_ack_again, fin_again, data_again;
    struct ladder_count unseen, out_of_order, mismatch, keep_alive;
    struct ladder_count rst_ignored[2]; /**< by sender */
    struct ladder_count zero_window[2]; /**< by sender */
    struct ladder_count lost_data;      /**< the reset came before all was acknowledged */
    struct ladder_count port_reused;
    int64_t silence;         /**< the longest time between two segments, nanoseconds */
    uint32_t silence_before; /**< frame that ended it */
};

/** A conversation to be drawn. */
struct ladder {
    uint32_t stream;
    char *name[2];        /**< address and port, fit to be shown anywhere: valid UTF-8, no
                                controls; not escaped for any format */
    uint32_t first, last; /**< frames */
    uint64_t segments;
    struct tcp_outcome outcome;
    uint32_t rejected_in;    /**< frame of the ICMP error that quotes the SYN; 0: none */
    enum tcp_state begin[2]; /**< states before the first segment */
    GArray *rows;            /**< struct ladder_row */
    struct ladder_facts facts;
    /* while it is being made */
    int64_t start, previous, rejected;
    uint32_t next[2]; /* one past the highest relative number of each end */
    bool has_next[2];
    unsigned folding; /* how much was folded to keep the rows few: see ladder_fold.h */
    bool first_is_client;
};

/** Begin a ladder.
 *  @param stream   tcp.stream
 *  @param speaker  address and port of the first segment's sender: any octets; copied
 *  @param other    of its receiver
 *  @return to be freed with ladder_free() */
struct ladder *ladder_new(uint32_t stream, const char *speaker, const char *other);

/** Free a ladder and all in it. @param ladder may be NULL */
void ladder_free(struct ladder *ladder);

/** Add a segment, in capture order.
 *  @param frame    its number
 *  @param time     when it was captured, in nanoseconds since any fixed moment
 *  @param speaker  whether the sender is the one called so in ladder_new()
 *  @param note     what is said of it; copied */
void ladder_add(struct ladder *ladder, uint32_t frame, int64_t time, bool speaker,
                const struct tcp_annotation *note);

/** Note when the ICMP error came that rejects the SYN (tcp_rejected_in()).
 *  @param time  as for ladder_add(); a segment has been added before */
void ladder_set_rejected(struct ladder *ladder, int64_t time);

/** All segments are there: fold long runs, and note what the conversation amounts to. More may be
 *  added after it, and it may be called again.
 *  @param conversation  as it is after the last of them */
void ladder_end(struct ladder *ladder, const struct tcp_conversation *conversation);

/** @return the rows of a ladder. */
static inline struct ladder_row *ladder_rows(const struct ladder *ladder)
{
    return (struct ladder_row *)(void *)ladder->rows->data;
}

/** The silence before a row that is to be drawn.
 *  @param row  index of the row
 *  @return nanoseconds; 0: none that is worth it */
int64_t ladder_pause(const struct ladder *ladder, unsigned row);

/** A name as it may be shown anywhere: what is not UTF-8, controls, and characters that turn the
 *  direction of writing are replaced by U+FFFD.
 *  @param name  any octets
 *  @return to be freed with g_free() */
char *ladder_clean_name(const char *name);

#endif

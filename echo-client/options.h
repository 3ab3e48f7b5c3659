/* options.h
 * What the echo client's command line asks for.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_ECHO_CLIENT_OPTIONS_H
#define HANDSHARK_ECHO_CLIENT_OPTIONS_H

#include "echo_address.h"

/** Kinds of opening or closing in one run. */
#define WAYS_MAX 32

/** Exit status. */
enum { STATUS_GOOD = 0, STATUS_FAILED = 1, STATUS_WRONG_USE = 2 };

/** What the program does. */
enum mode {
    MODE_INTERACTIVE, /**< a line is a request */
    MODE_PING,        /**< a request now and then, a line for each answer */
    MODE_LOAD         /**< as much as was asked for, a table at the end */
};

/** How a connection begins. From OPEN_REFUSED on it comes to no request: craft.c makes them, and
 *  their other end too, since no server can be asked for it. */
enum opening {
    OPEN_THREE_WAY,
    OPEN_DATA,        /**< the third segment carries the first request */
    OPEN_FAST,        /**< Fast Open: the SYN does (RFC 7413) */
    OPEN_REFUSED,     /**< an RST answers the SYN */
    OPEN_UNANSWERED,  /**< nothing does */
    OPEN_INCOMPLETE,  /**< the SYN-ACK is never acknowledged */
    OPEN_CANCELLED,   /**< an RST answers the SYN-ACK */
    OPEN_SIMULTANEOUS /**< the SYNs cross (RFC 9293 figure 7) */
};

/** How a connection ends. */
enum closing {
    CLOSE_CLIENT,       /**< GOODBYE 0: our FIN first */
    CLOSE_SERVER,       /**< GOODBYE 1: the server's FIN first */
    CLOSE_RESET,        /**< GOODBYE 2: the server resets */
    CLOSE_LINGER,       /**< GOODBYE 3: after our FIN one more REPLY */
    CLOSE_FIN,          /**< our FIN first, without a GOODBYE */
    CLOSE_HALF,         /**< our FIN on a request; its answer comes after it */
    CLOSE_ABORT,        /**< our RST, by SO_LINGER 0 */
    CLOSE_UNREAD,       /**< our RST, since we close with an answer unread */
    CLOSE_FIN_ABORT,    /**< our FIN, then our RST by SO_LINGER 0 */
    CLOSE_LATE,         /**< our FIN, then our kernel's RST to what still comes */
    CLOSE_VANISH,       /**< not a segment: TCP_REPAIR, which takes CAP_NET_ADMIN */
    CLOSE_SIMULTANEOUS, /**< the FINs cross; made by craft.c */
};

/** A way to end, and the wait that is asked of the server. */
struct way {
    enum closing closing;
    unsigned wait_ms;
};

/** The command line. Strings belong to argv. */
struct options {
    struct echo_address address;
    enum mode mode;
    int family;           /**< AF_UNSPEC, AF_INET or AF_INET6 */
    uint64_t count;       /**< requests on each connection; UINT64_MAX: until the time is over */
    uint32_t size_min;    /**< octets of a payload */
    uint32_t size_max;    /**< the same, or the end of a range */
    double rate;          /**< requests a second over all connections; 0: closed loop */
    double duration;      /**< seconds; 0: until the count */
    double timeout;       /**< seconds without an answer that was due */
    unsigned connections; /**< over the whole run */
    unsigned at_once;     /**< of them open at a time */
    unsigned pipeline;    /**< requests in flight on a connection */
    unsigned threads;
    unsigned pause_ms; /**< before our own FIN or RST */
    bool verify, crc, times, plain, busy_poll, json, quiet, verbose;
    bool tls, tls_insecure;
    const char *tls_ca, *tls_cert, *tls_key, *tls_name;
    const char *hgrm;
    enum opening openings[WAYS_MAX];
    unsigned opening_count;
    struct way closings[WAYS_MAX];
    unsigned closing_count;
};

/** Read the command line. --help and --version print and end the program; wrong use says what is
 *  wrong and ends it with STATUS_WRONG_USE.
 *  @param options  receives it, with defaults filled in */
void options_read(struct options *options, int argc, char **argv);

/** @return the flags of the requests. */
uint16_t options_flags(const struct options *options);

/** @return the name of a way to begin, as --open takes it. */
const char *opening_name(enum opening opening);
/** @return the name of a way to end, as --close takes it. */
const char *closing_name(enum closing closing);

/** @return whether craft.c makes it, both ends of it. */
static inline bool is_crafted_opening(enum opening opening)
{
    return opening >= OPEN_REFUSED;
}

#endif

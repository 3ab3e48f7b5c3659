/* echo_frame.h
 * The frames of the framed echo protocol: what dissector, server and client know of the wire.
 *
 * specification.md beside this file is the source of all that stands here. A frame is a head - the
 * header of 24 octets and, with the flag TIMES, the timing block of 24 more - and its payload.
 * Nothing here allocates, keeps a state, does input or output, or fails for want of anything.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_ECHO_FRAME_H
#define HANDSHARK_ECHO_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Where the server listens when it is not told. */
#define ECHO_PORT 2333
/** The protocol's name in TLS (ALPN, RFC 7301). */
#define ECHO_ALPN "handshark-echo/1"

#define ECHO_MAGIC       0xEC40U
#define ECHO_VERSION     1U
#define ECHO_HEADER_SIZE 24U
#define ECHO_TIMES_SIZE  24U
/** Octets of the longest head. */
#define ECHO_HEAD_MAX (ECHO_HEADER_SIZE + ECHO_TIMES_SIZE)

/** A GOODBYE's payload has an upper limit of its own, since a server that lingers must keep it. */
#define ECHO_GOODBYE_PAYLOAD_MAX 65536U
/** An ERROR's text is not longer than this; it fits into a buffer of ECHO_ERROR_FRAME_MAX. */
#define ECHO_ERROR_TEXT_MAX  488U
#define ECHO_ERROR_FRAME_MAX (ECHO_HEADER_SIZE + ECHO_ERROR_TEXT_MAX)

/** What a frame is. */
enum echo_type {
    ECHO_REQUEST = 1, /**< client to server: send this back */
    ECHO_REPLY = 2,   /**< server to client: the answer */
    ECHO_GOODBYE = 3, /**< client to server: how to close; server to client: so be it */
    ECHO_ERROR = 4    /**< server to client: what went wrong; the last frame */
};

/** The bits of the flags. */
enum echo_flag {
    ECHO_FLAG_TIMES = 0x0001, /**< the timing block follows the header */
    ECHO_FLAG_CRC = 0x0002,   /**< the checksum is set */
    ECHO_FLAGS_KNOWN = 0x0003 /**< all others are reserved and 0 */
};

/** The codes of an ERROR. */
enum echo_error {
    ECHO_NO_ERROR = 0,      /**< not on the wire */
    ECHO_BAD_MAGIC = 1,     /**< a frame does not begin with the magic */
    ECHO_BAD_VERSION = 2,   /**< a version that the receiver does not speak */
    ECHO_BAD_TYPE = 3,      /**< no type, or one that this end does not send */
    ECHO_TOO_LARGE = 4,     /**< more payload than the receiver takes */
    ECHO_BAD_CHECKSUM = 5,  /**< not the payload's; or set without the flag CRC */
    ECHO_BAD_FLAGS = 6,     /**< a reserved flag, or a code that the type does not have */
    ECHO_BUSY = 7,          /**< the server cannot serve this connection now */
    ECHO_SHUTTING_DOWN = 8, /**< the server ends; all that it answers has been answered */
    ECHO_TIMED_OUT = 9      /**< a frame was not finished in time */
};

/** How a GOODBYE wants the connection to end: bits 0-7 of its code. */
enum echo_close {
    ECHO_CLOSE_CLIENT_FIRST = 0, /**< the server closes when it has seen the client's FIN */
    ECHO_CLOSE_SERVER_FIRST = 1, /**< the server's FIN comes first */
    ECHO_CLOSE_RESET = 2,        /**< the server resets */
    ECHO_CLOSE_LINGER = 3        /**< half-close: one last REPLY after the client's FIN */
};

/** The longest wait that a GOODBYE can ask for, in milliseconds. */
#define ECHO_WAIT_MAX_MS 2550U

/** A field of the head, by its offset in octets. */
enum echo_field {
    ECHO_FIELD_MAGIC = 0,
    ECHO_FIELD_VERSION = 2,
    ECHO_FIELD_TYPE = 3,
    ECHO_FIELD_FLAGS = 4,
    ECHO_FIELD_CODE = 6,
    ECHO_FIELD_ID = 8,
    ECHO_FIELD_LENGTH = 16,
    ECHO_FIELD_CHECKSUM = 20,
    ECHO_FIELD_CLIENT_SENT = 24,
    ECHO_FIELD_SERVER_RECEIVED = 32,
    ECHO_FIELD_SERVER_SENT = 40,
    ECHO_FIELD_NONE = 255 /**< none of them */
};

/** The head of a frame, in the machine's byte order, whether its fields make sense or not. */
struct echo_head {
    uint16_t magic;
    uint8_t version;
    uint8_t type;
    uint16_t flags;
    uint16_t code;
    uint64_t id;
    uint32_t length; /**< octets of the payload; the timing block is not counted */
    uint32_t checksum;
    /* The timing block: nanoseconds since 1970 UTC, 0: not filled in. All 0 without the flag. */
    uint64_t client_sent;
    uint64_t server_received;
    uint64_t server_sent;
};

/* reading and writing ------------------------------------------------------------------------ */

/** @return octets of a head with these flags: 24 or 48. */
static inline size_t echo_head_size(uint16_t flags)
{
    return flags & ECHO_FLAG_TIMES ? ECHO_HEAD_MAX : ECHO_HEADER_SIZE;
}

/** @return octets of the whole frame, payload included; up to 2^32 + 47. */
static inline uint64_t echo_frame_size(const struct echo_head *head)
{
    return (uint64_t)head->length + echo_head_size(head->flags);
}

/** Read a head without judging it.
 *  @param head   receives the fields; those that are not there yet are 0
 *  @param bytes  the octets that are there, from the frame's first on
 *  @param size   how many they are; any number, 0 too
 *  @return how many octets are missing: 0 when the head is whole. Below 24 octets this counts up to
 *          the header's end only, since the flags may not have come: ask again then. */
size_t echo_head_read(struct echo_head *head, const uint8_t *bytes, size_t size);

/** Write a head as it is, good or bad.
 *  @param bytes  receives echo_head_size(head->flags) octets, at most ECHO_HEAD_MAX
 *  @param head   what to write
 *  @return how many octets it took */
size_t echo_head_write(uint8_t *bytes, const struct echo_head *head);

/** @return the head of a frame with magic and version set and all else as given; flags, code and
 *  times 0. */
static inline struct echo_head echo_head_make(enum echo_type type, uint64_t id, uint32_t length)
{
    return (struct echo_head){ .magic = ECHO_MAGIC,
                               .version = ECHO_VERSION,
                               .type = (uint8_t)type,
                               .id = id,
                               .length = length };
}

/* judging ------------------------------------------------------------------------------------ */

/** Whose frames are read: REQUEST comes from clients, REPLY and ERROR from servers, GOODBYE from
 *  both. */
enum echo_sender {
    ECHO_FROM_ANYONE, /**< not known, as in a capture */
    ECHO_FROM_CLIENT,
    ECHO_FROM_SERVER
};

/** What a receiver takes. */
struct echo_rules {
    enum echo_sender sender;
    uint32_t payload_max; /**< octets; UINT32_MAX: whatever the field can say */
};

/** Judge a head that is whole, in the order of its fields: the first that is wrong counts.
 *  @param head   what was read
 *  @param rules  what the receiver takes
 *  @param field  receives the field at fault, ECHO_FIELD_NONE if there is none; may be NULL
 *  @return the code of the ERROR that answers it; ECHO_NO_ERROR: it is good. The payload's checksum
 *          is not looked at: echo_crc32c() does that. Source: specification.md, "Bad frames". */
enum echo_error echo_head_check(const struct echo_head *head, const struct echo_rules *rules,
                                enum echo_field *field);

/** What echo_parse() found. */
enum echo_parsed {
    ECHO_INCOMPLETE, /**< good so far: come back with `missing` octets more */
    ECHO_COMPLETE,   /**< a good head; the payload follows it */
    ECHO_MALFORMED   /**< bad: `error` and `field` say why */
};

/** The front of a stream, parsed. */
struct echo_front {
    struct echo_head head; /**< what could be read; the rest 0 */
    size_t size;           /**< octets of the head; 0 unless complete */
    size_t missing;        /**< octets that the head lacks at least; 0 unless incomplete */
    enum echo_error error; /**< the ERROR that answers; ECHO_NO_ERROR unless malformed */
    enum echo_field field; /**< the field at fault; ECHO_FIELD_NONE unless malformed */
    uint64_t error_id;     /**< the id that this ERROR carries */
};

/** Read and judge the front of a stream, whatever of it has come. The verdict does not depend on
 *  how the stream was cut: magic and version are judged as soon as they differ, since nothing behind
 *  them can be understood then; the other fields when the header is whole.
 *  @param bytes  the octets that are there, from a frame's first on
 *  @param size   how many; any number
 *  @param rules  what the receiver takes
 *  @param front  receives what was found
 *  @return the same as in short */
enum echo_parsed echo_parse(const uint8_t *bytes, size_t size, const struct echo_rules *rules,
                            struct echo_front *front);

/** Does an answer belong to a request? Answers come in the order of the requests, so that a client
 *  asks this of the oldest request that it has not got an answer to.
 *  @param request  the REQUEST or GOODBYE that was sent
 *  @param answer   a REPLY or GOODBYE that is good by echo_head_check()
 *  @return the first field that does not fit, ECHO_FIELD_NONE: it belongs to it. Payloads are the
 *          caller's to compare. */
enum echo_field echo_answer_mismatch(const struct echo_head *request,
                                     const struct echo_head *answer);

/* in place ----------------------------------------------------------------------------------- */

/** Turn the head of a request, or of a GOODBYE that lingers, into that of its REPLY.
 *  @param bytes  a good head's octets; type and code are written, all else is repeated as it is */
void echo_make_reply(uint8_t *bytes);

/** Fill in a time of the timing block.
 *  @param bytes  the octets of a head with the flag TIMES, all 48 of them
 *  @param field  ECHO_FIELD_CLIENT_SENT, ECHO_FIELD_SERVER_RECEIVED or ECHO_FIELD_SERVER_SENT
 *  @param time   nanoseconds since 1970 UTC */
void echo_set_time(uint8_t *bytes, enum echo_field field, uint64_t time);

/** Write a whole ERROR frame.
 *  @param bytes     receives it; ECHO_ERROR_FRAME_MAX octets are always enough
 *  @param capacity  octets that are free there; at least ECHO_HEADER_SIZE
 *  @param error     what went wrong
 *  @param id        the id of the frame that it answers; 0: none
 *  @param text      a text for people, UTF-8; NULL: echo_error_text(). Cut, at a character's end, to
 *                   what fits
 *  @return how many octets it took */
size_t echo_write_error(uint8_t *bytes, size_t capacity, enum echo_error error, uint64_t id,
                        const char *text);

/* a GOODBYE's code --------------------------------------------------------------------------- */

/** @return the code for a way to close and a wait in milliseconds, which is rounded up to the next
 *  10 and cut to ECHO_WAIT_MAX_MS. */
static inline uint16_t echo_goodbye_code(enum echo_close how, unsigned wait_ms)
{
    unsigned wait = wait_ms > ECHO_WAIT_MAX_MS ? ECHO_WAIT_MAX_MS : wait_ms;

    return (uint16_t)((wait + 9) / 10 << 8 | ((unsigned)how & 0xFF));
}

/** @return the way to close in a code: an enum echo_close, or another number up to 255. */
static inline unsigned echo_goodbye_how(uint16_t code)
{
    return code & 0xFFU;
}

/** @return the wait in a code, in milliseconds: 0 to ECHO_WAIT_MAX_MS. */
static inline unsigned echo_goodbye_wait_ms(uint16_t code)
{
    return (code >> 8) * 10U;
}

/* finding frames ----------------------------------------------------------------------------- */

/** What a connection speaks. */
enum echo_kind {
    ECHO_UNDECIDED, /**< nothing came yet, or one octet that the magic begins with */
    ECHO_PLAIN,     /**< RFC 862: every octet comes back */
    ECHO_FRAMED     /**< this protocol */
};

/** What does a connection speak?
 *  @param bytes  the first octets that its client sent
 *  @param size   how many of them are known; two decide always
 *  @return the kind. Undecided at the end of the client's stream means plain. */
enum echo_kind echo_detect(const uint8_t *bytes, size_t size);

/** Find the next plausible header in the middle of a stream: one that is good by echo_head_check()
 *  and, where the octets behind its frame are there too, is followed by another.
 *  @param bytes  what there is of the stream
 *  @param size   octets of it
 *  @param rules  what is taken for good: the more they say, the fewer accidents
 *  @return its offset; @p size: there is none. A header that the end of the octets cuts off is found
 *          too, as far as it goes: with an offset above size - 24 more octets may prove it wrong. */
size_t echo_find_header(const uint8_t *bytes, size_t size, const struct echo_rules *rules);

/* names -------------------------------------------------------------------------------------- */

/** @return a type's name: "REQUEST" …; "unknown" for what is none. Static storage, as in all of
 *  these. */
const char *echo_type_name(unsigned type);
/** @return what an ERROR's code says, in a few words: "bad magic" …; "unknown error". */
const char *echo_error_text(unsigned error);
/** @return what a way to close does: "client closes first" …; "unknown". */
const char *echo_close_text(unsigned how);
/** @return a field's name: "magic" …; "none". */
const char *echo_field_name(enum echo_field field);

#endif

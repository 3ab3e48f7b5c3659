/* echo_frame.c
 * Heads read, written and judged; the names of what they hold.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "echo_frame.h"
#include "echo_bytes.h"

#include <string.h>

/* reading and writing ------------------------------------------------------------------------ */

/* Octets from the first on that a field needs to be known. */
#define END_OF_MAGIC    2U
#define END_OF_VERSION  3U
#define END_OF_TYPE     4U
#define END_OF_FLAGS    6U
#define END_OF_CODE     8U
#define END_OF_ID       16U
#define END_OF_LENGTH   20U
#define END_OF_CHECKSUM ECHO_HEADER_SIZE

static void read_header(struct echo_head *head, const uint8_t *bytes)
{
    *head = (struct echo_head){ .magic = get16(bytes + ECHO_FIELD_MAGIC),
                                .version = bytes[ECHO_FIELD_VERSION],
                                .type = bytes[ECHO_FIELD_TYPE],
                                .flags = get16(bytes + ECHO_FIELD_FLAGS),
                                .code = get16(bytes + ECHO_FIELD_CODE),
                                .id = get64(bytes + ECHO_FIELD_ID),
                                .length = get32(bytes + ECHO_FIELD_LENGTH),
                                .checksum = get32(bytes + ECHO_FIELD_CHECKSUM) };
}

/* A header of which only a part is there: a field is taken when all of it is. */
static void read_part(struct echo_head *head, const uint8_t *bytes, size_t size)
{
    static const uint8_t ends[] = { END_OF_MAGIC, END_OF_VERSION, END_OF_TYPE,  END_OF_FLAGS,
                                    END_OF_CODE,  END_OF_ID,      END_OF_LENGTH };
    uint8_t part[ECHO_HEADER_SIZE] = { 0 };
    size_t whole = 0;

    for (size_t i = 0; i < sizeof ends && ends[i] <= size; i++)
        whole = ends[i];
    if (whole > 0)
        memcpy(part, bytes, whole);
    read_header(head, part);
}

size_t echo_head_read(struct echo_head *head, const uint8_t *bytes, size_t size)
{
    size_t wanted;

    if (size < ECHO_HEADER_SIZE) {
        read_part(head, bytes, size);
        return ECHO_HEADER_SIZE - size;
    }
    read_header(head, bytes);
    wanted = echo_head_size(head->flags);
    if (wanted == ECHO_HEADER_SIZE)
        return 0;
    if (size >= ECHO_FIELD_SERVER_RECEIVED)
        head->client_sent = get64(bytes + ECHO_FIELD_CLIENT_SENT);
    if (size >= ECHO_FIELD_SERVER_SENT)
        head->server_received = get64(bytes + ECHO_FIELD_SERVER_RECEIVED);
    if (size < wanted)
        return wanted - size;
    head->server_sent = get64(bytes + ECHO_FIELD_SERVER_SENT);
    return 0;
}

size_t echo_head_write(uint8_t *bytes, const struct echo_head *head)
{
    put16(bytes + ECHO_FIELD_MAGIC, head->magic);
    bytes[ECHO_FIELD_VERSION] = head->version;
    bytes[ECHO_FIELD_TYPE] = head->type;
    put16(bytes + ECHO_FIELD_FLAGS, head->flags);
    put16(bytes + ECHO_FIELD_CODE, head->code);
    put64(bytes + ECHO_FIELD_ID, head->id);
    put32(bytes + ECHO_FIELD_LENGTH, head->length);
    put32(bytes + ECHO_FIELD_CHECKSUM, head->checksum);
    if (head->flags & ECHO_FLAG_TIMES) {
        put64(bytes + ECHO_FIELD_CLIENT_SENT, head->client_sent);
        put64(bytes + ECHO_FIELD_SERVER_RECEIVED, head->server_received);
        put64(bytes + ECHO_FIELD_SERVER_SENT, head->server_sent);
    }
    return echo_head_size(head->flags);
}

/* judging ------------------------------------------------------------------------------------ */

static bool is_type_of(unsigned type, enum echo_sender sender)
{
    switch (type) {
    case ECHO_REQUEST:
        return sender != ECHO_FROM_SERVER;
    case ECHO_REPLY:
    case ECHO_ERROR:
        return sender != ECHO_FROM_CLIENT;
    case ECHO_GOODBYE:
        return true;
    default:
        return false;
    }
}

static bool is_code_of(const struct echo_head *head, enum echo_sender sender)
{
    switch (head->type) {
    case ECHO_GOODBYE:
        /* A server answers the other two by a RST and by a REPLY. */
        return echo_goodbye_how(head->code) <=
               (sender == ECHO_FROM_SERVER ? ECHO_CLOSE_SERVER_FIRST : ECHO_CLOSE_LINGER);
    case ECHO_ERROR:
        return head->code >= ECHO_BAD_MAGIC && head->code <= ECHO_TIMED_OUT;
    default:
        return head->code == 0;
    }
}

static bool is_length_of(const struct echo_head *head, uint32_t payload_max)
{
    return head->length <= payload_max &&
           (head->type != ECHO_GOODBYE || head->length <= ECHO_GOODBYE_PAYLOAD_MAX);
}

static enum echo_error fault(enum echo_error error, enum echo_field at, enum echo_field *field)
{
    *field = at;
    return error;
}

/* Judge the fields that lie within the first `size` octets. */
static enum echo_error check_part(const struct echo_head *head, size_t size,
                                  const struct echo_rules *rules, enum echo_field *field)
{
    if (size >= END_OF_MAGIC && head->magic != ECHO_MAGIC)
        return fault(ECHO_BAD_MAGIC, ECHO_FIELD_MAGIC, field);
    if (size >= END_OF_VERSION && head->version != ECHO_VERSION)
        return fault(ECHO_BAD_VERSION, ECHO_FIELD_VERSION, field);
    if (size >= END_OF_TYPE && !is_type_of(head->type, rules->sender))
        return fault(ECHO_BAD_TYPE, ECHO_FIELD_TYPE, field);
    if (size >= END_OF_FLAGS && head->flags & ~(unsigned)ECHO_FLAGS_KNOWN)
        return fault(ECHO_BAD_FLAGS, ECHO_FIELD_FLAGS, field);
    if (size >= END_OF_CODE && !is_code_of(head, rules->sender))
        return fault(ECHO_BAD_FLAGS, ECHO_FIELD_CODE, field);
    if (size >= END_OF_LENGTH && !is_length_of(head, rules->payload_max))
        return fault(ECHO_TOO_LARGE, ECHO_FIELD_LENGTH, field);
    if (size >= END_OF_CHECKSUM && !(head->flags & ECHO_FLAG_CRC) && head->checksum != 0)
        return fault(ECHO_BAD_CHECKSUM, ECHO_FIELD_CHECKSUM, field);
    return fault(ECHO_NO_ERROR, ECHO_FIELD_NONE, field);
}

enum echo_error echo_head_check(const struct echo_head *head, const struct echo_rules *rules,
                                enum echo_field *field)
{
    enum echo_field unwanted;

    return check_part(head, ECHO_HEADER_SIZE, rules, field ? field : &unwanted);
}

enum echo_parsed echo_parse(const uint8_t *bytes, size_t size, const struct echo_rules *rules,
                            struct echo_front *front)
{
    size_t judged = size < END_OF_VERSION ? size : END_OF_VERSION;

    *front = (struct echo_front){ .field = ECHO_FIELD_NONE };
    front->missing = echo_head_read(&front->head, bytes, size);
    if (size >= ECHO_HEADER_SIZE)
        judged = ECHO_HEADER_SIZE;
    front->error = check_part(&front->head, judged, rules, &front->field);
    if (size == 1 && bytes[0] != ECHO_MAGIC >> 8)
        front->error = fault(ECHO_BAD_MAGIC, ECHO_FIELD_MAGIC, &front->field);

    if (front->error != ECHO_NO_ERROR) {
        front->missing = 0;
        /* Where magic or version is wrong, the id stands nobody knows where. */
        if (front->field >= ECHO_FIELD_TYPE)
            front->error_id = front->head.id;
        return ECHO_MALFORMED;
    }
    if (front->missing > 0)
        return ECHO_INCOMPLETE;
    front->size = echo_head_size(front->head.flags);
    return ECHO_COMPLETE;
}

enum echo_field echo_answer_mismatch(const struct echo_head *request,
                                     const struct echo_head *answer)
{
    bool is_goodbye =
        request->type == ECHO_GOODBYE && echo_goodbye_how(request->code) <= ECHO_CLOSE_SERVER_FIRST;
    bool is_reply =
        request->type == ECHO_REQUEST ||
        (request->type == ECHO_GOODBYE && echo_goodbye_how(request->code) == ECHO_CLOSE_LINGER);

    if (!(is_goodbye && answer->type == ECHO_GOODBYE) && !(is_reply && answer->type == ECHO_REPLY))
        return ECHO_FIELD_TYPE;
    if (answer->flags != request->flags)
        return ECHO_FIELD_FLAGS;
    if (answer->code != (is_goodbye ? request->code : 0))
        return ECHO_FIELD_CODE;
    if (answer->id != request->id)
        return ECHO_FIELD_ID;
    if (answer->length != request->length)
        return ECHO_FIELD_LENGTH;
    if (answer->checksum != request->checksum)
        return ECHO_FIELD_CHECKSUM;
    if (request->flags & ECHO_FLAG_TIMES && answer->client_sent != request->client_sent)
        return ECHO_FIELD_CLIENT_SENT;
    return ECHO_FIELD_NONE;
}

/* in place ----------------------------------------------------------------------------------- */

void echo_make_reply(uint8_t *bytes)
{
    bytes[ECHO_FIELD_TYPE] = ECHO_REPLY;
    put16(bytes + ECHO_FIELD_CODE, 0);
}

void echo_set_time(uint8_t *bytes, enum echo_field field, uint64_t time)
{
    put64(bytes + field, time);
}

/* Octets of a text that fit, without a part of a character at the end. */
static size_t cut_text(const char *text, size_t room)
{
    size_t size = strlen(text);

    if (size <= room)
        return size;
    size = room;
    while (size > 0 && (text[size] & 0xC0) == 0x80)
        size--;
    return size;
}

size_t echo_write_error(uint8_t *bytes, size_t capacity, enum echo_error error, uint64_t id,
                        const char *text)
{
    size_t room = capacity - ECHO_HEADER_SIZE;
    struct echo_head head;
    size_t size;

    if (!text)
        text = echo_error_text(error);
    size = cut_text(text, room < ECHO_ERROR_TEXT_MAX ? room : ECHO_ERROR_TEXT_MAX);
    head = echo_head_make(ECHO_ERROR, id, (uint32_t)size);
    head.code = (uint16_t)error;
    echo_head_write(bytes, &head);
    memcpy(bytes + ECHO_HEADER_SIZE, text, size);
    return ECHO_HEADER_SIZE + size;
}

/* finding frames ----------------------------------------------------------------------------- */

enum echo_kind echo_detect(const uint8_t *bytes, size_t size)
{
    if (size == 0)
        return ECHO_UNDECIDED;
    if (bytes[0] != ECHO_MAGIC >> 8)
        return ECHO_PLAIN;
    if (size == 1)
        return ECHO_UNDECIDED;
    return bytes[1] == (ECHO_MAGIC & 0xFF) ? ECHO_FRAMED : ECHO_PLAIN;
}

/* Could a frame begin here, as far as the octets go? */
static bool is_plausible(const uint8_t *bytes, size_t size, const struct echo_rules *rules,
                         struct echo_head *head)
{
    enum echo_field field;

    if (echo_detect(bytes, size) == ECHO_PLAIN)
        return false;
    echo_head_read(head, bytes, size);
    return check_part(head, size, rules, &field) == ECHO_NO_ERROR;
}

size_t echo_find_header(const uint8_t *bytes, size_t size, const struct echo_rules *rules)
{
    size_t at = 0;

    while (at < size) {
        const uint8_t *found = memchr(bytes + at, ECHO_MAGIC >> 8, size - at);
        struct echo_head head, next;

        if (!found)
            break;
        at = (size_t)(found - bytes);
        if (is_plausible(found, size - at, rules, &head)) {
            uint64_t frame = echo_frame_size(&head);

            if (frame > size - at ||
                is_plausible(found + frame, size - at - (size_t)frame, rules, &next))
                return at;
        }
        at++;
    }
    return size;
}

/* names -------------------------------------------------------------------------------------- */

const char *echo_type_name(unsigned type)
{
    static const char *const names[] = { [ECHO_REQUEST] = "REQUEST",
                                         [ECHO_REPLY] = "REPLY",
                                         [ECHO_GOODBYE] = "GOODBYE",
                                         [ECHO_ERROR] = "ERROR" };

    return type >= ECHO_REQUEST && type <= ECHO_ERROR ? names[type] : "unknown";
}

const char *echo_error_text(unsigned error)
{
    static const char *const texts[] = { [ECHO_NO_ERROR] = "no error",
                                         [ECHO_BAD_MAGIC] = "bad magic",
                                         [ECHO_BAD_VERSION] = "unsupported version",
                                         [ECHO_BAD_TYPE] = "unknown type",
                                         [ECHO_TOO_LARGE] = "payload too large",
                                         [ECHO_BAD_CHECKSUM] = "bad checksum",
                                         [ECHO_BAD_FLAGS] = "bad flags or code",
                                         [ECHO_BUSY] = "server busy",
                                         [ECHO_SHUTTING_DOWN] = "shutting down",
                                         [ECHO_TIMED_OUT] = "frame not finished in time" };

    return error <= ECHO_TIMED_OUT ? texts[error] : "unknown error";
}

const char *echo_close_text(unsigned how)
{
    static const char *const texts[] = { [ECHO_CLOSE_CLIENT_FIRST] = "client closes first",
                                         [ECHO_CLOSE_SERVER_FIRST] = "server closes first",
                                         [ECHO_CLOSE_RESET] = "server resets",
                                         [ECHO_CLOSE_LINGER] = "server lingers" };

    return how <= ECHO_CLOSE_LINGER ? texts[how] : "unknown";
}

const char *echo_field_name(enum echo_field field)
{
    switch (field) {
    case ECHO_FIELD_MAGIC:
        return "magic";
    case ECHO_FIELD_VERSION:
        return "version";
    case ECHO_FIELD_TYPE:
        return "type";
    case ECHO_FIELD_FLAGS:
        return "flags";
    case ECHO_FIELD_CODE:
        return "code";
    case ECHO_FIELD_ID:
        return "id";
    case ECHO_FIELD_LENGTH:
        return "length";
    case ECHO_FIELD_CHECKSUM:
        return "checksum";
    case ECHO_FIELD_CLIENT_SENT:
        return "client sent";
    case ECHO_FIELD_SERVER_RECEIVED:
        return "server received";
    case ECHO_FIELD_SERVER_SENT:
        return "server sent";
    case ECHO_FIELD_NONE:
        break;
    }
    return "none";
}

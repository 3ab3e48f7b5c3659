/* wording.c
 * Tokens into sentences: which entries of the table a segment calls for.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "wording.h"

#include <string.h>

#include "tokens.h"

/* Sentences on what one would wonder at. */
#define NOTES (WORDING_NOTE_ACK_WITHOUT_SYN - WORDING_NOTE_FIRST + 1)

/* What a placeholder stands for. */
enum placeholder {
    END,  /* none: the text ends */
    MORE, /* none: the text goes on */
    SEQ,
    ACK,
    ACK_LESS_ONE,
    LEN,
    PAST,
    LAST,
    FIN,
    FRAME,
    ABOUT,
    SENDER,
    SENDER_CAPITAL,
    RECEIVER,
    RECEIVER_CAPITAL,
    WAITER,
    WAITER_CAPITAL,
    STATE,
    STEP,
    OPENING,
    CLOSING,
    VERDICT,
    CLOSER,
    DECIDER,
    DECIDED_IN,
    BYTES_CLIENT,
    BYTES_SERVER,
};

static const char *const placeholder_names[] = {
    [SEQ] = "seq",
    [ACK] = "ack",
    [ACK_LESS_ONE] = "ack_less_one",
    [LEN] = "len",
    [PAST] = "end",
    [LAST] = "last",
    [FIN] = "fin",
    [FRAME] = "frame",
    [ABOUT] = "about",
    [SENDER] = "sender",
    [SENDER_CAPITAL] = "Sender",
    [RECEIVER] = "receiver",
    [RECEIVER_CAPITAL] = "Receiver",
    [WAITER] = "waiter",
    [WAITER_CAPITAL] = "Waiter",
    [STATE] = "state",
    [STEP] = "step",
    [OPENING] = "opening",
    [CLOSING] = "closing",
    [VERDICT] = "verdict",
    [CLOSER] = "closer",
    [DECIDER] = "decider",
    [DECIDED_IN] = "decided_in",
    [BYTES_CLIENT] = "bytes_client",
    [BYTES_SERVER] = "bytes_server",
};

/* A language with its texts taken apart. A text is the number of octets that stand as they are, these, and what
 * comes after them, a placeholder, in turn; END is the last. All texts lie in one block, whose whole strides can be
 * read from anywhere in it: what is said of a segment is put together from some ten of them. */
struct parsed_language {
    const char *const *table;
    const guint8 *texts[WORDING_COUNT];
};

/* What is being put into words: a segment or a conversation. */
struct values {
    const struct parsed_language *language;
    const struct tcp_annotation *note;
    const struct tcp_outcome *outcome;
};

/* MORE: there is none of that name. */
static enum placeholder placeholder_of(const char *name, size_t length)
{
    for (unsigned i = SEQ; i < G_N_ELEMENTS(placeholder_names); i++)
        if (strlen(placeholder_names[i]) == length &&
            memcmp(placeholder_names[i], name, length) == 0)
            return (enum placeholder)i;
    return MORE;
}

/* How many octets of a text stand as they are, and what comes after them, which takes some octets itself. */
static guint8 stands_as_it_is(const char *text, enum placeholder *next, size_t *taken)
{
    const char *at = text;

    *taken = 0;
    /* What their number cannot count goes on after MORE, with a whole character of UTF-8. */
    while (*at && (at - text < UINT8_MAX - 3 || ((guint8)*at & 0xc0) == 0x80)) {
        const char *close = *at == '{' ? strchr(at, '}') : NULL;

        *next = close ? placeholder_of(at + 1, (size_t)(close - at - 1)) : MORE;
        if (*next != MORE) {
            *taken = (size_t)(close + 1 - at);
            return (guint8)(at - text);
        }
        at++;
    }
    *next = *at ? MORE : END;
    return (guint8)(at - text);
}

static void parse(GByteArray *texts, const char *text)
{
    enum placeholder next;
    size_t taken;

    do {
        guint8 length = stands_as_it_is(text, &next, &taken);
        guint8 code = (guint8)next;

        g_byte_array_append(texts, &length, 1);
        g_byte_array_append(texts, (const guint8 *)text, length);
        g_byte_array_append(texts, &code, 1);
        text += length + taken;
    } while (next != END);
}

static void parse_language(struct parsed_language *language, const char *const *table)
{
    static const guint8 stride[TEXT_STRIDE];
    GByteArray *texts = g_byte_array_new();
    guint at[WORDING_COUNT];

    for (unsigned entry = 0; entry < WORDING_COUNT; entry++) {
        at[entry] = texts->len;
        parse(texts, table[entry]);
    }
    g_byte_array_append(texts, stride, sizeof stride);
    for (unsigned entry = 0; entry < WORDING_COUNT; entry++)
        language->texts[entry] = texts->data + at[entry];
    language->table = table;
    g_byte_array_free(texts, FALSE); /* but for its octets */
}

/* Languages are taken apart when they are first used, and kept as long as the program runs. */
static const struct parsed_language *parsed(const char *const *table)
{
    static struct parsed_language languages[WORDING_LANGUAGES_MAX];
    static const struct parsed_language *latest = languages;
    unsigned i = 0;

    if (latest->table == table)
        return latest;
    while (i < WORDING_LANGUAGES_MAX && languages[i].table && languages[i].table != table)
        i++;
    g_assert(i < WORDING_LANGUAGES_MAX);
    if (!languages[i].table)
        parse_language(&languages[i], table);
    latest = &languages[i];
    return latest;
}

void text_clear(struct text *text)
{
    text->length = 0;
    text->at[0] = '\0';
}

void text_put(struct text *text, const char *octets, size_t length)
{
    size_t room = TEXT_MAX - text->length;

    if (length > room) {
        length = room;
        while (length > 0 && ((unsigned char)octets[length] & 0xc0) == 0x80)
            length--;
    }
    memcpy(text->at + text->length, octets, length);
    text->length += length;
    text->at[text->length] = '\0';
}

void text_add(struct text *text, const char *word)
{
    text_put(text, word, strlen(word));
}

/* As text_put(), of octets that may be read in strides; a NUL is not set behind them. */
static inline void put_padded(struct text *text, const char *octets, size_t length)
{
    char *to = text->at + text->length;

    if (length > TEXT_MAX - text->length) {
        text_put(text, octets, length);
        return;
    }
    memcpy(to, octets, TEXT_STRIDE);
    for (size_t done = TEXT_STRIDE; done < length; done += TEXT_STRIDE)
        memcpy(to + done, octets + done, TEXT_STRIDE);
    text->length += length;
}

static void end_text(struct text *text)
{
    text->at[text->length] = '\0';
}

static void put_number(struct text *text, guint64 number)
{
    enum { DIGITS_MAX = 20 };
    char digits[2 * DIGITS_MAX]; /* the second half is only copied */
    unsigned at = DIGITS_MAX;

    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    if (DIGITS_MAX - at > TEXT_MAX - text->length) {
        text_put(text, digits + at, DIGITS_MAX - at);
        return;
    }
    memcpy(text->at + text->length, digits + at, DIGITS_MAX);
    text->length += DIGITS_MAX - at;
}

/* The entry that names an end. */
static unsigned name_of(unsigned role, bool capital)
{
    if (role == TCP_SERVER)
        return capital ? WORDING_SERVER_CAPITAL : WORDING_SERVER;
    return capital ? WORDING_CLIENT_CAPITAL : WORDING_CLIENT;
}

static unsigned waiter_of(const struct tcp_annotation *note)
{
    return note->state[TCP_CLIENT] == TCP_STATE_TIME_WAIT ? TCP_CLIENT : TCP_SERVER;
}

static uint32_t end_of(const struct tcp_annotation *note)
{
    uint32_t end = note->seq + note->len;

    if (note->events & (TCP_DOES_SYN | TCP_DOES_SYN_ACK))
        end++;
    if (note->events & TCP_DOES_FIN)
        end++;
    return end;
}

static const char *step_of(const struct tcp_annotation *note)
{
    for (const struct bit_token *step = step_tokens; step->token; step++)
        if (note->steps & step->bit)
            return step->token;
    return "";
}

static void put_segment_number(struct text *text, const struct tcp_annotation *note,
                               enum placeholder placeholder)
{
    switch (placeholder) {
    case SEQ:
        put_number(text, note->seq);
        break;
    case ACK:
        put_number(text, note->ack);
        break;
    case ACK_LESS_ONE:
        put_number(text, note->ack - 1);
        break;
    case LEN:
        put_number(text, note->len);
        break;
    case PAST:
        put_number(text, end_of(note));
        break;
    case LAST:
        put_number(text, note->seq + note->len - 1);
        break;
    case FIN:
        put_number(text, note->seq + note->len);
        break;
    case FRAME:
        put_number(text, note->acks_frame);
        break;
    default:
        put_number(text, note->about);
        break;
    }
}

static void put_text(struct text *text, const struct values *values, unsigned entry);

static void put_segment_word(struct text *text, const struct values *values,
                             enum placeholder placeholder)
{
    const struct tcp_annotation *note = values->note;
    unsigned receiver = tcp_other_role((enum tcp_role)note->sender);

    if (placeholder == SENDER || placeholder == SENDER_CAPITAL)
        put_text(text, values, name_of(note->sender, placeholder == SENDER_CAPITAL));
    else if (placeholder == RECEIVER || placeholder == RECEIVER_CAPITAL)
        put_text(text, values, name_of(receiver, placeholder == RECEIVER_CAPITAL));
    else if (placeholder == WAITER_CAPITAL)
        put_text(text, values, name_of(waiter_of(note), true));
    else if (placeholder == STATE)
        text_add(text, tcp_state_name((enum tcp_state)note->state[receiver]));
    else if (placeholder == STEP)
        text_add(text, step_of(note));
}

static void put_outcome_value(struct text *text, const struct values *values,
                              enum placeholder placeholder)
{
    const struct tcp_outcome *outcome = values->outcome;

    if (placeholder == OPENING)
        put_text(text, values, WORDING_OPENING_FIRST + (unsigned)outcome->opening);
    else if (placeholder == CLOSING)
        put_text(text, values, WORDING_CLOSING_FIRST + (unsigned)outcome->closing);
    else if (placeholder == VERDICT)
        put_text(text, values, WORDING_VERDICT_FIRST + (unsigned)outcome->verdict);
    else if (placeholder == CLOSER)
        put_text(text, values, name_of(outcome->closed_by == TCP_SERVER, false));
    else if (placeholder == DECIDER)
        put_text(text, values, name_of(outcome->decided_by == TCP_SERVER, false));
    else if (placeholder == DECIDED_IN)
        put_number(text, outcome->decided_in);
    else if (placeholder == WAITER)
        put_text(text, values, name_of(!outcome->time_wait[TCP_CLIENT], false));
    else
        put_number(text, outcome->bytes[placeholder == BYTES_SERVER ? TCP_SERVER : TCP_CLIENT]);
}

/* Append an entry, its placeholders filled in. */
static void put_text(struct text *text, const struct values *values, unsigned entry)
{
    const guint8 *at = values->language->texts[entry];

    for (;;) {
        guint8 length = *at++;
        enum placeholder placeholder = (enum placeholder)at[length];

        put_padded(text, (const char *)at, length);
        at += length + 1;
        if (placeholder == END)
            return;
        if (placeholder == MORE)
            continue;
        if (!values->note)
            put_outcome_value(text, values, placeholder);
        else if (placeholder < SENDER)
            put_segment_number(text, values->note, placeholder);
        else
            put_segment_word(text, values, placeholder);
    }
}

/* A sentence after another. */
static void put_sentence(struct text *text, const struct values *values, unsigned entry)
{
    if (text->length > 0)
        put_text(text, values, WORDING_BETWEEN_SENTENCES);
    put_text(text, values, entry);
}

static unsigned label_of_rst(const struct tcp_annotation *note)
{
    if (!note->accepted)
        return WORDING_LABEL_RST_IGNORED;
    if (note->experts & TCP_EXPERT_REFUSED || note->acks_frame)
        return WORDING_LABEL_REFUSED;
    if (note->notes & TCP_NOTE_RST_STAYS || note->from[TCP_SERVER] == TCP_STATE_SYN_RCVD ||
        note->from[TCP_CLIENT] == TCP_STATE_SYN_RCVD)
        return WORDING_LABEL_HANDSHAKE_ABORTED;
    if (tcp_state_has_sent_fin((enum tcp_state)note->from[TCP_CLIENT]) ||
        tcp_state_has_sent_fin((enum tcp_state)note->from[TCP_SERVER]))
        return WORDING_LABEL_RESET_AFTER_FIN;
    return WORDING_LABEL_RESET;
}

static unsigned label_of_handshake(const struct tcp_annotation *note)
{
    const uint16_t both =
        TCP_STEP_BOTH_1_OF_4 | TCP_STEP_BOTH_2_OF_4 | TCP_STEP_BOTH_3_OF_4 | TCP_STEP_BOTH_4_OF_4;

    if (note->events & TCP_DOES_SYN)
        return (note->steps & both) ? WORDING_LABEL_BOTH_SYN : WORDING_LABEL_SYN;
    if (note->events & TCP_DOES_SYN_ACK) {
        if (note->notes & TCP_NOTE_BAD_HANDSHAKE_ACK)
            return WORDING_LABEL_SYN_ACK_UNFIT;
        return (note->steps & both) ? WORDING_LABEL_BOTH_SYN_ACK : WORDING_LABEL_SYN_ACK;
    }
    return (note->steps & both) ? WORDING_LABEL_BOTH_ACK : WORDING_LABEL_HANDSHAKE_ACK;
}

static unsigned label_of_teardown_step(const struct tcp_annotation *note)
{
    if ((note->steps & TCP_STEP_CLOSE_2_OF_4) && (note->steps & TCP_STEP_CLOSE_3_OF_4))
        return WORDING_LABEL_ACK_AND_FIN;
    if (note->steps & TCP_STEP_CLOSE_1_OF_4)
        return WORDING_LABEL_FIN_1;
    if (note->steps & TCP_STEP_CLOSE_3_OF_4)
        return (note->experts & TCP_EXPERT_SIMULTANEOUS_CLOSE) ? WORDING_LABEL_FIN_2_CROSSING
                                                               : WORDING_LABEL_FIN_2;
    return (note->steps & TCP_STEP_CLOSE_2_OF_4) ? WORDING_LABEL_ACK_OF_FIN_1
                                                 : WORDING_LABEL_ACK_OF_FIN_2;
}

static unsigned label_of_ack(const struct tcp_annotation *note)
{
    if (note->notes & TCP_NOTE_BAD_HANDSHAKE_ACK)
        return WORDING_LABEL_HANDSHAKE_ACK_UNFIT;
    if (note->notes & TCP_NOTE_CHALLENGE_ACK)
        return WORDING_LABEL_CHALLENGE_ACK;
    if (note->events & TCP_DOES_KEEP_ALIVE)
        return (note->notes & TCP_NOTE_WINDOW_PROBE) ? WORDING_LABEL_WINDOW_PROBE
                                                     : WORDING_LABEL_KEEP_ALIVE;
    if (note->events & TCP_DOES_KEEP_ALIVE_ACK)
        return WORDING_LABEL_KEEP_ALIVE_ACK;
    if (note->events & TCP_DOES_ZERO_WINDOW)
        return WORDING_LABEL_ZERO_WINDOW;
    if (note->events & TCP_DOES_WINDOW_UPDATE)
        return WORDING_LABEL_WINDOW_UPDATE;
    if (note->phase != TCP_PHASE_TEARDOWN)
        return WORDING_LABEL_ACK;
    return (note->notes & TCP_NOTE_SHORT_OF_FIN) ? WORDING_LABEL_TEARDOWN_ACK_SHORT
                                                 : WORDING_LABEL_TEARDOWN_ACK;
}

static unsigned label_of_data(const struct tcp_annotation *note)
{
    if (note->notes & TCP_NOTE_HALF_CLOSE)
        return WORDING_LABEL_HALF_CLOSE_DATA;
    return note->phase == TCP_PHASE_TEARDOWN ? WORDING_LABEL_TEARDOWN_DATA : WORDING_LABEL_DATA;
}

static bool is_teardown_step(const struct tcp_annotation *note)
{
    return (note->steps & (TCP_STEP_CLOSE_1_OF_4 | TCP_STEP_CLOSE_2_OF_4 | TCP_STEP_CLOSE_3_OF_4 |
                           TCP_STEP_CLOSE_4_OF_4)) != 0;
}

static unsigned label_of(const struct tcp_annotation *note)
{
    if (note->events & TCP_DOES_RST)
        return label_of_rst(note);
    if (note->notes & TCP_NOTE_NO_ACK_FLAG)
        return WORDING_LABEL_STRAY;
    if (note->events & (TCP_DOES_SYN | TCP_DOES_SYN_ACK))
        return label_of_handshake(note);
    if (is_teardown_step(note))
        return label_of_teardown_step(note);
    if (note->events & TCP_DOES_FIN)
        return WORDING_LABEL_FIN_UNFIT;
    if (note->notes & TCP_NOTE_OUTSIDE)
        return WORDING_LABEL_OUTSIDE;
    if (note->events & TCP_DOES_HANDSHAKE_ACK)
        return label_of_handshake(note);
    return (note->events & TCP_DOES_DATA) ? label_of_data(note) : label_of_ack(note);
}

/* The label's own words say that there is data, or how much. */
static bool label_counts_data(unsigned label)
{
    return label == WORDING_LABEL_DATA || label == WORDING_LABEL_HALF_CLOSE_DATA ||
           label == WORDING_LABEL_TEARDOWN_DATA;
}

void wording_label(struct text *text, const char *const *table, const struct tcp_annotation *note)
{
    struct values values = { .language = parsed(table), .note = note };
    unsigned label = label_of(note);

    if (note->phase == TCP_PHASE_CLOSED)
        put_text(text, &values, WORDING_LABEL_AFTER_CLOSE);
    put_text(text, &values, label);
    if ((note->events & TCP_DOES_DATA) && !label_counts_data(label))
        put_text(text, &values, WORDING_LABEL_WITH_DATA);
    if (note->notes & TCP_NOTE_COPY)
        put_text(text, &values, WORDING_LABEL_COPY);
    else if (note->events & TCP_DOES_RETRANSMISSION)
        put_text(text, &values, WORDING_LABEL_AGAIN);
    end_text(text);
}

static void explain_rst(struct text *text, const struct values *values)
{
    static const struct {
        unsigned label;
        unsigned why;
    } whys[] = {
        { WORDING_LABEL_RST_IGNORED, WORDING_WHY_RST_IGNORED },
        { WORDING_LABEL_REFUSED, WORDING_WHY_REFUSED },
        { WORDING_LABEL_HANDSHAKE_ABORTED, WORDING_WHY_HANDSHAKE_ABORTED },
        { WORDING_LABEL_RESET_AFTER_FIN, WORDING_WHY_RESET_AFTER_FIN },
        { WORDING_LABEL_RESET, WORDING_WHY_RESET },
    };
    unsigned label = label_of_rst(values->note);

    if (values->note->notes & TCP_NOTE_RST_STAYS)
        return; /* the note says it all */
    for (unsigned i = 0; i < G_N_ELEMENTS(whys); i++)
        if (whys[i].label == label)
            put_sentence(text, values, whys[i].why);
}

static void explain_handshake(struct text *text, const struct values *values)
{
    const struct tcp_annotation *note = values->note;
    bool again = (note->events & TCP_DOES_RETRANSMISSION) != 0;

    if (note->notes & TCP_NOTE_NO_ACK_FLAG)
        return;
    if (note->steps & TCP_STEP_BOTH_2_OF_4)
        put_sentence(text, values, WORDING_WHY_BOTH_SYN);
    else if (note->events & TCP_DOES_SYN)
        put_sentence(text, values, again ? WORDING_WHY_SYN_AGAIN : WORDING_WHY_SYN);
    else if ((note->events & TCP_DOES_SYN_ACK) && again)
        put_sentence(text, values, WORDING_WHY_SYN_ACK_AGAIN);
    else if (note->steps & (TCP_STEP_BOTH_3_OF_4 | TCP_STEP_BOTH_4_OF_4))
        put_sentence(text, values, WORDING_WHY_BOTH_ACK);
    else if ((note->steps & TCP_STEP_OPEN_2_OF_3) && note->acks_frame)
        put_sentence(text, values, WORDING_WHY_SYN_ACK);
    else if (note->steps & TCP_STEP_OPEN_3_OF_3)
        put_sentence(text, values,
                     note->acks_frame ? WORDING_WHY_HANDSHAKE_ACK
                                      : WORDING_WHY_HANDSHAKE_ACK_UNLINKED);
}

static void explain_fin(struct text *text, const struct values *values)
{
    const struct tcp_annotation *note = values->note;

    if (!(note->events & TCP_DOES_FIN) || (note->notes & TCP_NOTE_NO_ACK_FLAG))
        return;
    if (!is_teardown_step(note))
        put_sentence(text, values, WORDING_WHY_FIN_UNFIT);
    else if (note->events & TCP_DOES_RETRANSMISSION)
        put_sentence(text, values, WORDING_WHY_FIN_AGAIN);
    else if ((note->steps & TCP_STEP_CLOSE_2_OF_4) && note->acks_frame)
        put_sentence(text, values,
                     (note->events & TCP_DOES_DATA) ? WORDING_WHY_ACK_AND_FIN_ON_DATA
                                                    : WORDING_WHY_ACK_AND_FIN);
    else
        put_sentence(text, values,
                     (note->steps & TCP_STEP_CLOSE_1_OF_4) ? WORDING_WHY_FIN_1 : WORDING_WHY_FIN_2);
}

static void explain_ack_of_fin(struct text *text, const struct values *values)
{
    const struct tcp_annotation *note = values->note;
    bool merged = (note->steps & TCP_STEP_CLOSE_2_OF_4) && (note->steps & TCP_STEP_CLOSE_3_OF_4);

    if (!(note->events & TCP_DOES_ACK_OF_FIN))
        return;
    if (!note->acks_frame)
        put_sentence(text, values, WORDING_WHY_ACK_OF_FIN_AGAIN);
    else if (!merged)
        put_sentence(text, values,
                     (note->events & TCP_DOES_DATA) ? WORDING_WHY_ACK_OF_FIN_ON_DATA
                                                    : WORDING_WHY_ACK_OF_FIN);
    if (note->steps & TCP_STEP_CLOSE_4_OF_4 && note->state[waiter_of(note)] == TCP_STATE_TIME_WAIT)
        put_sentence(text, values, WORDING_WHY_TIME_WAIT);
}

static void explain_data(struct text *text, const struct values *values)
{
    const struct tcp_annotation *note = values->note;

    if (!(note->events & TCP_DOES_DATA) || (note->notes & TCP_NOTE_OUTSIDE))
        return;
    if (note->events & (TCP_DOES_SYN | TCP_DOES_SYN_ACK)) {
        put_sentence(text, values, WORDING_WHY_SYN_DATA);
        return;
    }
    put_sentence(text, values,
                 (note->events & TCP_DOES_RETRANSMISSION) ? WORDING_WHY_DATA_AGAIN
                                                          : WORDING_WHY_DATA);
}

static void explain_bare_ack(struct text *text, const struct values *values)
{
    const struct tcp_annotation *note = values->note;
    bool short_of_fin = (note->notes & TCP_NOTE_SHORT_OF_FIN) != 0;

    if (note->events & TCP_DOES_KEEP_ALIVE)
        put_sentence(text, values,
                     (note->notes & TCP_NOTE_WINDOW_PROBE) ? WORDING_WHY_WINDOW_PROBE
                                                           : WORDING_WHY_KEEP_ALIVE);
    if (note->events & TCP_DOES_KEEP_ALIVE_ACK)
        put_sentence(text, values, WORDING_WHY_KEEP_ALIVE_ACK);
    if (note->notes & (TCP_NOTE_CHALLENGE_ACK | TCP_NOTE_BAD_HANDSHAKE_ACK))
        return; /* the note says it all */
    if (note->events & TCP_DOES_ACK) {
        if (note->about && !short_of_fin)
            put_sentence(text, values, WORDING_WHY_ACK_OF_DATA);
        else if (!short_of_fin &&
                 !(note->notes & (TCP_NOTE_ACKS_UNSEEN | TCP_NOTE_OUTSIDE | TCP_NOTE_NO_ACK_FLAG)))
            put_sentence(text, values, WORDING_WHY_ACK_AGAIN);
    }
    if (note->events & TCP_DOES_ZERO_WINDOW)
        put_sentence(text, values, WORDING_WHY_ZERO_WINDOW);
    if (note->events & TCP_DOES_WINDOW_UPDATE)
        put_sentence(text, values, WORDING_WHY_WINDOW_UPDATE);
}

void wording_explanation(struct text *text, const char *const *table,
                         const struct tcp_annotation *note)
{
    struct values values = { .language = parsed(table), .note = note };

    if (note->events & TCP_DOES_RST)
        explain_rst(text, &values);
    else if (!(note->notes & TCP_NOTE_COPY)) {
        explain_handshake(text, &values);
        explain_data(text, &values);
        explain_ack_of_fin(text, &values);
        explain_fin(text, &values);
        explain_bare_ack(text, &values);
    }
    for (unsigned bit = 0; bit < NOTES && note->notes >> bit != 0; bit++)
        if (note->notes & (1U << bit))
            put_sentence(text, &values, WORDING_NOTE_FIRST + bit);
    if (text->length == 0)
        put_sentence(text, &values, WORDING_WHY_NOTHING);
    end_text(text);
}

void wording_summary(struct text *text, const char *const *table, const struct tcp_outcome *outcome)
{
    struct values values = { .language = parsed(table), .outcome = outcome };

    put_text(text, &values, WORDING_SUMMARY);
    if (outcome->half_close)
        put_text(text, &values, WORDING_SUMMARY_HALF_CLOSE);
    if (outcome->time_wait[TCP_CLIENT] && outcome->time_wait[TCP_SERVER])
        put_text(text, &values, WORDING_SUMMARY_TIME_WAIT_BOTH);
    else if (outcome->time_wait[TCP_CLIENT] || outcome->time_wait[TCP_SERVER])
        put_text(text, &values, WORDING_SUMMARY_TIME_WAIT);
    end_text(text);
}

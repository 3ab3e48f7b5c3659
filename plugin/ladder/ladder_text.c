/* ladder_text.c
 * A ladder for a terminal. All lines are of ASCII, but for what the language writes: frames of box
 * drawing characters are one column wide here and two there.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ladder_formats.h"
#include "ladder_layout.h"
#include "ladder_words.h"

#define STATE_COLUMNS 11U /* the longest: ESTABLISHED */
#define FRAME_COLUMNS 6U  /* at least */
#define TIME_COLUMNS  12U
#define BODY_COLUMNS  48U /* between the life lines, at least */
#define BEND          3U  /* where an arrow goes down a line */
#define LATE          4U  /* what an arrow that is crossed has still to go */
#define NAME_COLUMNS  50U
#define TITLE_COLUMNS 96U

/* A line between the heads and the end. */
struct line {
    uint32_t frame; /* 0: none, and no time */
    int64_t time;
    const char *state[2];
    GString *body; /* as many columns as all others */
    char life;     /* what the life lines are made of */
    enum ladder_phase phase;
};

struct drawing {
    GArray *lines; /* struct line */
    unsigned columns;
    unsigned frame_columns;
    const struct ladder *ladder;
    const char *const *table;
};

static void free_line(void *line)
{
    g_string_free(((struct line *)line)->body, TRUE);
}

/* A new line without body. Valid until the next one. */
static struct line *add_line(struct drawing *drawing, enum ladder_phase phase)
{
    struct line line = {
        .state = { "", "" }, .body = g_string_new(NULL), .life = '|', .phase = phase
    };

    g_array_append_val(drawing->lines, line);
    return &g_array_index(drawing->lines, struct line, drawing->lines->len - 1);
}

static void show_state(struct line *line, const struct ladder_row *row, unsigned role)
{
    if (row->note.state[role] != row->note.from[role])
        line->state[role] = tcp_state_name((enum tcp_state)row->note.state[role]);
}

/* A line in the middle of the drawing. */
static void add_centred(struct drawing *drawing, const char *text, enum ladder_phase phase,
                        char life)
{
    struct line *line = add_line(drawing, phase);

    line->life = life;
    ladder_add_aligned(line->body, text, drawing->columns, LADDER_CENTRE);
}

/* Frame and time of the last line. */
static void show_moment(struct drawing *drawing, const struct ladder_row *row)
{
    struct line *line = &g_array_index(drawing->lines, struct line, drawing->lines->len - 1);

    line->frame = row->frame;
    line->time = row->time;
}

/* Ink up to so many columns: "----", or ". . " for what was not captured. */
static void add_ink(GString *out, unsigned columns, bool is_dotted)
{
    for (unsigned i = 0; i < columns; i++)
        g_string_append_c(out, !is_dotted ? '-' : (i & 1) ? ' ' : '.');
}

/* "|--.  label      |" */
static void add_departure(struct drawing *drawing, const struct ladder_row *row, const char *label)
{
    struct line *line = add_line(drawing, row->phase);
    bool is_dotted = row->kind == LADDER_UNSEEN;
    unsigned room = drawing->columns - BEND - 2;

    line->frame = is_dotted ? 0 : row->frame;
    line->time = row->time;
    show_state(line, row, row->note.sender);
    if (row->note.sender == TCP_CLIENT) {
        add_ink(line->body, BEND - 1, is_dotted);
        g_string_append(line->body, ".  ");
        ladder_add_aligned(line->body, label, room, LADDER_LEFT);
    } else {
        ladder_add_aligned(line->body, label, room, LADDER_RIGHT);
        g_string_append(line->body, "  .");
        add_ink(line->body, BEND - 1, is_dotted);
    }
}

/* "|  '--- numbers ------->|"; on its way: "|  '--- numbers ---.    |" */
static void add_arrival(struct drawing *drawing, const struct ladder_row *row, const char *numbers,
                        bool is_on_its_way)
{
    struct line *line = add_line(drawing, row->phase);
    bool is_dotted = row->kind == LADDER_UNSEEN;
    unsigned receiver = 1 - row->note.sender;
    unsigned width = *numbers ? ladder_columns(numbers) + 2 : 0;
    unsigned end = is_on_its_way ? LATE : 0;
    unsigned rest = drawing->columns - BEND - 1 - end - width;
    unsigned before = rest / 2;
    GString *text = g_string_new(NULL);

    if (width > 0)
        g_string_append_printf(text, " %s ", numbers);
    if (!is_on_its_way && !row->is_withdrawn)
        show_state(line, row, receiver);
    if (receiver == TCP_SERVER) {
        ladder_add_times(line->body, ' ', BEND - 1);
        g_string_append_c(line->body, '\'');
        add_ink(line->body, before, is_dotted);
        g_string_append(line->body, text->str);
        add_ink(line->body, rest - before, is_dotted);
        g_string_append_c(line->body, is_on_its_way                 ? '.'
                                      : (row->late || row->is_lost) ? 'x'
                                                                    : '>');
        ladder_add_times(line->body, ' ', end);
    } else {
        ladder_add_times(line->body, ' ', end);
        g_string_append_c(line->body, is_on_its_way                 ? '.'
                                      : (row->late || row->is_lost) ? 'x'
                                                                    : '<');
        add_ink(line->body, rest - before, is_dotted);
        g_string_append(line->body, text->str);
        add_ink(line->body, before, is_dotted);
        g_string_append_c(line->body, '\'');
        ladder_add_times(line->body, ' ', BEND - 1);
    }
    g_string_free(text, TRUE);
}

/* The segment that was on its way arrives: "|              '-->|" */
static void add_late_arrival(struct drawing *drawing, const struct ladder_row *row)
{
    struct line *line = add_line(drawing, row->phase);
    unsigned receiver = 1 - row->note.sender;

    if (!row->is_withdrawn)
        show_state(line, row, receiver);
    if (receiver == TCP_SERVER) {
        ladder_add_times(line->body, ' ', drawing->columns - LATE - 1);
        g_string_append(line->body, "'--->");
    } else {
        g_string_append(line->body, "<---'");
        ladder_add_times(line->body, ' ', drawing->columns - LATE - 1);
    }
}

static bool is_crossed(const struct drawing *drawing, unsigned at)
{
    return at + 1 < drawing->ladder->rows->len && ladder_rows(drawing->ladder)[at + 1].crosses;
}

static void add_row(struct drawing *drawing, unsigned at)
{
    const struct ladder_row *row = &ladder_rows(drawing->ladder)[at];
    int64_t pause = ladder_pause(drawing->ladder, at);
    GString *text = g_string_new(NULL);

    if (pause) {
        ladder_add_pause(text, pause, drawing->table);
        add_centred(drawing, text->str, row->phase, ':');
        g_string_truncate(text, 0);
    }
    ladder_add_label(text, row, drawing->table);
    if (row->kind == LADDER_FOLD || row->kind == LADDER_ICMP) {
        add_centred(drawing, text->str, row->phase, row->kind == LADDER_FOLD ? ':' : '|');
        show_moment(drawing, row);
    } else {
        add_departure(drawing, row, text->str);
        g_string_truncate(text, 0);
        if (row->kind == LADDER_SEGMENT)
            ladder_add_numbers(text, &row->note);
        add_arrival(drawing, row, text->str, is_crossed(drawing, at));
        if (row->crosses)
            add_late_arrival(drawing, row - 1);
    }
    g_string_free(text, TRUE);
}

/* How wide the space between the life lines is to be. */
static void measure(struct drawing *drawing)
{
    const struct ladder_row *rows = ladder_rows(drawing->ladder);
    GString *text = g_string_new(NULL);
    struct ladder_number last;

    drawing->frame_columns =
        MAX(FRAME_COLUMNS, ladder_columns(ladder_digits(&last, drawing->ladder->last)));
    drawing->columns = BODY_COLUMNS;
    for (unsigned i = 0; i < drawing->ladder->rows->len; i++) {
        g_string_truncate(text, 0);
        ladder_add_label(text, &rows[i], drawing->table);
        drawing->columns = MAX(drawing->columns, ladder_columns(text->str) + 2 * BEND + 4);
        g_string_truncate(text, 0);
        if (rows[i].kind == LADDER_SEGMENT)
            ladder_add_numbers(text, &rows[i].note);
        drawing->columns = MAX(drawing->columns, ladder_columns(text->str) + 4 * BEND + 4);
    }
    g_string_free(text, TRUE);
}

static void write_sides(GString *out, const struct drawing *drawing, const char *frame,
                        const char *time)
{
    ladder_add_aligned(out, frame, drawing->frame_columns, LADDER_RIGHT);
    g_string_append_c(out, ' ');
    ladder_add_aligned(out, time, TIME_COLUMNS, LADDER_RIGHT);
    g_string_append(out, "  ");
}

/* The two ends, above their states. */
static void write_heads(GString *out, const struct drawing *drawing, const char *const *ends)
{
    unsigned columns = drawing->columns + 2 * STATE_COLUMNS + 4;
    unsigned first = ladder_columns(ends[0]);

    write_sides(out, drawing, "", "");
    g_string_append(out, ends[0]);
    ladder_add_aligned(out, ends[1], first + 2 < columns ? columns - first : 0, LADDER_RIGHT);
    ladder_trim(out);
    g_string_append_c(out, '\n');
}

/* What stands at the side of a line: the bracket of its phase, with the name at its middle. */
static void write_bracket(GString *out, const struct drawing *drawing, unsigned at)
{
    const struct line *lines = (const struct line *)(const void *)drawing->lines->data;
    unsigned first = at, last = at;

    while (first > 0 && lines[first - 1].phase == lines[at].phase)
        first--;
    while (last + 1 < drawing->lines->len && lines[last + 1].phase == lines[at].phase)
        last++;
    g_string_append(out, first == last ? "  ]" : at == first ? "--." : at == last ? "--'" : "  |");
    if (at == first + (last - first + 1) / 2)
        g_string_append_printf(out, " %s",
                               drawing->table[WORDING_LADDER_PHASE_FIRST + lines[at].phase]);
}

static void write_line(GString *out, const struct drawing *drawing, const struct line *line)
{
    struct ladder_number frame, time;

    write_sides(out, drawing, line->frame ? ladder_digits(&frame, line->frame) : "",
                line->frame ? ladder_seconds(&time, line->time) : "");
    ladder_add_aligned(out, line->state[TCP_CLIENT], STATE_COLUMNS, LADDER_RIGHT);
    g_string_append_printf(out, " %c%s%c ", line->life, line->body->str, line->life);
    ladder_add_aligned(out, line->state[TCP_SERVER], STATE_COLUMNS, LADDER_LEFT);
}

static void write_wrapped(GString *out, const char *text)
{
    GPtrArray *lines = ladder_wrap(text, TITLE_COLUMNS);

    for (unsigned i = 0; i < lines->len; i++)
        g_string_append_printf(out, "%s\n", (const char *)g_ptr_array_index(lines, i));
    g_ptr_array_unref(lines);
}

static void write_titles(GString *out, const struct drawing *drawing)
{
    GString *text = g_string_new(NULL);

    ladder_add_title(text, drawing->ladder, drawing->table);
    write_wrapped(out, text->str);
    g_string_truncate(text, 0);
    ladder_add_about(text, drawing->ladder, drawing->table);
    write_wrapped(out, text->str);
    g_string_append_c(out, '\n');
    g_string_free(text, TRUE);
}

static void write_drawing(GString *out, const struct drawing *drawing)
{
    const char *roles[] = { drawing->table[WORDING_CLIENT], drawing->table[WORDING_SERVER] };
    struct line begin = { .life = '|', .body = g_string_new(NULL) };
    char *names[2];

    write_titles(out, drawing);
    for (int role = 0; role < 2; role++) {
        names[role] = ladder_shorten(drawing->ladder->name[role], NAME_COLUMNS);
        begin.state[role] = tcp_state_name(drawing->ladder->begin[role]);
    }
    write_heads(out, drawing, roles);
    write_heads(out, drawing, (const char *const *)names);
    ladder_add_times(begin.body, ' ', drawing->columns);
    write_line(out, drawing, &begin);
    ladder_trim(out);
    g_string_append_c(out, '\n');
    for (unsigned i = 0; i < drawing->lines->len; i++) {
        write_line(out, drawing, &g_array_index(drawing->lines, struct line, i));
        g_string_append_c(out, ' ');
        write_bracket(out, drawing, i);
        g_string_append_c(out, '\n');
    }
    g_free(names[TCP_CLIENT]);
    g_free(names[TCP_SERVER]);
    g_string_free(begin.body, TRUE);
}

void ladder_text(GString *out, struct ladder *const *ladders, unsigned count,
                 const char *const *table)
{
    for (unsigned i = 0; i < count; i++) {
        struct drawing drawing = {
            .lines = g_array_new(FALSE, TRUE, sizeof(struct line)),
            .ladder = ladders[i],
            .table = table,
        };

        g_array_set_clear_func(drawing.lines, free_line);
        if (i > 0)
            g_string_append(out, "\n\n");
        measure(&drawing);
        for (unsigned row = 0; row < ladders[i]->rows->len; row++)
            add_row(&drawing, row);
        write_drawing(out, &drawing);
        g_array_free(drawing.lines, TRUE);
    }
}

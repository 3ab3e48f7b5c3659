/* test_wording.c
 * The tables of words: each is complete, holds what English holds, in its own script, and each entry is
 * said of some conversation. Which language the environment asks for.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "languages.h"
#include "scenario.h"
#include "wording.h"

#include <stdio.h>
#include <string.h>

#define ROWS_MAX 64

/* A language's own characters, and those of the other way to write it. */
static const struct {
    enum language language;
    const char *charset; /* has no characters of the other script */
} scripts[] = {
    { LANGUAGE_ZH_CN, "GB2312" },
    { LANGUAGE_ZH_TW, "BIG5" },
};

/* The tables by themselves ------------------------------------------------------------------------ */

static void each_entry(void (*look)(unsigned entry, const char *text, const char *english))
{
    for (int language = LANGUAGE_EN; language < LANGUAGE_COUNT; language++)
        for (unsigned entry = 0; entry < WORDING_COUNT; entry++) {
            check_about("%s, entry %u \"%.60s\"", languages[language].name, entry,
                        wording_en[entry] ? wording_en[entry] : "");
            if (CHECK(languages[language].table[entry] != NULL) && wording_en[entry])
                look(entry, languages[language].table[entry], wording_en[entry]);
        }
    check_about(NULL);
}

static void check_is_text(unsigned entry, const char *text, const char *english)
{
    (void)english;
    CHECK(g_utf8_validate(text, -1, NULL));
    CHECK(*text || entry == WORDING_BETWEEN_SENTENCES);
    CHECK(strstr(text, "  ") == NULL);
}

static void no_entry_is_missing(void)
{
    each_entry(check_is_text);
}

static int compare_texts(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names of a text's placeholders, each once, in the order of the alphabet: "{ack}{len}". To be
 * freed. A brace by itself is kept, so that it differs from what has none. */
static char *placeholders_of(const char *text)
{
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    GString *all = g_string_new(NULL);

    while ((text = strpbrk(text, "{}"))) {
        const char *close = *text == '{' ? strpbrk(text + 1, "{}") : NULL;
        size_t length = close && *close == '}' ? (size_t)(close - text) + 1 : 1;

        g_ptr_array_add(names, g_strndup(text, length));
        text += length;
    }
    g_ptr_array_sort(names, compare_texts);
    for (guint i = 0; i < names->len; i++)
        if (i == 0 || strcmp(names->pdata[i - 1], names->pdata[i]) != 0)
            g_string_append(all, names->pdata[i]);
    g_ptr_array_free(names, TRUE);
    return g_string_free(all, FALSE);
}

static void check_placeholders(unsigned entry, const char *text, const char *english)
{
    char *expected = placeholders_of(english);
    char *got = placeholders_of(text);

    (void)entry;
    CHECK_TEXT(expected, got);
    g_free(expected);
    g_free(got);
}

static void placeholders_are_those_of_english(void)
{
    each_entry(check_placeholders);
}

/* The text without its placeholders. To be freed. */
static char *without_placeholders(const char *text)
{
    GString *rest = g_string_new(NULL);

    while (*text) {
        const char *close = *text == '{' ? strchr(text, '}') : NULL;

        if (close)
            text = close + 1;
        else
            g_string_append_c(rest, *text++);
    }
    return g_string_free(rest, FALSE);
}

static bool has_small_letter(const char *text)
{
    while (*text && !g_ascii_islower(*text))
        text++;
    return *text != '\0';
}

/* What has small letters are words, and those are translated; flags, states and tokens are not. */
static void check_is_translated(unsigned entry, const char *text, const char *english)
{
    char *words = without_placeholders(english);
    char *own = without_placeholders(text);

    (void)entry;
    if (text != english && has_small_letter(words)) {
        CHECK(strcmp(text, english) != 0);
        CHECK(!has_small_letter(own));
        CHECK(strpbrk(own, ",;:?!()") == NULL); /* theirs are full-width */
    }
    g_free(words);
    g_free(own);
}

static void what_is_english_is_translated(void)
{
    each_entry(check_is_translated);
}

static void characters_are_of_one_script(void)
{
    for (unsigned i = 0; i < COUNT_OF(scripts); i++)
        for (unsigned entry = 0; entry < WORDING_COUNT; entry++) {
            const char *text = languages[scripts[i].language].table[entry];
            GError *error = NULL;
            char *converted =
                text ? g_convert(text, -1, scripts[i].charset, "UTF-8", NULL, NULL, &error) : NULL;

            check_about("%s in %s: %s", text, scripts[i].charset, error ? error->message : "");
            CHECK(converted != NULL);
            g_clear_error(&error);
            g_free(converted);
        }
    check_about(NULL);
}

/* What is said ------------------------------------------------------------------------------------- */

/* A table whose entries say which they are, and then what they hold: "<17>{len}". */
static const char *marks[WORDING_COUNT];
static bool said[WORDING_COUNT];

static void make_marks(void)
{
    for (unsigned entry = 0; entry < WORDING_COUNT; entry++) {
        char *held = placeholders_of(wording_en[entry]);

        marks[entry] = g_strdup_printf("<%u>%s", entry, held);
        g_free(held);
    }
}

static void free_marks(void)
{
    for (unsigned entry = 0; entry < WORDING_COUNT; entry++)
        g_free((char *)marks[entry]);
}

static void note_marks(const struct text *text)
{
    const char *at = text->at;

    while ((at = strchr(at, '<')))
        said[strtoul(++at, NULL, 10)] = true;
}

/* Between what is Chinese and what is not stands a space, or punctuation. */
static bool is_spaced(const char *text)
{
    gunichar before = ' ';

    for (; *text; text = g_utf8_next_char(text)) {
        gunichar here = g_utf8_get_char(text);
        bool han = g_unichar_get_script(here) == G_UNICODE_SCRIPT_HAN;
        bool han_before = g_unichar_get_script(before) == G_UNICODE_SCRIPT_HAN;

        if ((han && before < 128 && g_ascii_isalnum((gchar)before)) ||
            (han_before && here < 128 && g_ascii_isalnum((gchar)here)))
            return false;
        before = here;
    }
    return true;
}

/* A text of some language, put together: nothing is left open, and it is spaced as people do. */
static void check_is_whole(const char *language, const struct text *text)
{
    check_about("%s: \"%s\"", language, text->at);
    CHECK(text->length > 0);
    CHECK(text->length + 1 < sizeof text->at); /* nothing was left out */
    CHECK(g_utf8_validate(text->at, -1, NULL));
    CHECK(strpbrk(text->at, "{}") == NULL);
    CHECK(strstr(text->at, "  ") == NULL);
    CHECK(strstr(text->at, "。 ") == NULL);
    CHECK(is_spaced(text->at));
}

static void look_at_segment(const struct tcp_annotation *note)
{
    struct text text;

    for (int language = LANGUAGE_EN; language < LANGUAGE_COUNT; language++) {
        text_clear(&text);
        wording_label(&text, languages[language].table, note);
        check_is_whole(languages[language].name, &text);
        text_clear(&text);
        wording_explanation(&text, languages[language].table, note);
        check_is_whole(languages[language].name, &text);
    }
    text_clear(&text);
    wording_label(&text, marks, note);
    note_marks(&text);
    text_clear(&text);
    wording_explanation(&text, marks, note);
    note_marks(&text);
}

static void look_at_outcome(const struct tcp_conversation *conversation)
{
    struct tcp_outcome outcome;
    struct text text;

    tcp_verdict(conversation, &outcome);
    for (int language = LANGUAGE_EN; language < LANGUAGE_COUNT; language++) {
        text_clear(&text);
        wording_summary(&text, languages[language].table, &outcome);
        check_is_whole(languages[language].name, &text);
    }
    text_clear(&text);
    wording_summary(&text, marks, &outcome);
    note_marks(&text);
}

/* Each segment, and the same captured a second time. */
static void look_at_scenario(const struct scenario *scenario)
{
    struct scenario_segment segments[ROWS_MAX];
    struct tcp_conversation conversations[2] = { 0 };
    struct tcp_annotation note, copy;

    if (!CHECK(scenario->count <= ROWS_MAX))
        return;
    scenario_write(scenario, segments);
    for (size_t i = 0; i < scenario->count; i++) {
        struct tcp_segment *segment = &segments[i].segment;
        struct tcp_conversation *conversation = &conversations[segments[i].conversation];

        tcp_tracker_step(conversation, segments[i].conversation ? &conversations[0] : NULL, segment,
                         &note);
        look_at_segment(&note);
        segment->frame++;
        tcp_tracker_copy(conversation, segment, &note, segment->frame - 1, &copy);
        look_at_segment(&copy);
        look_at_outcome(conversation);
    }
}

/* A SYN that an ICMP error quotes. */
static void look_at_rejection(void)
{
    struct tcp_conversation conversation = { 0 };
    struct tcp_segment syn = {
        .frame = 1, .sender_id = 7, .receiver_id = 4, .flags = TCP_SYN, .window_scale = -1
    };
    struct tcp_segment quoted = { .frame = 2, .sender_id = 7, .receiver_id = 4 };
    struct tcp_annotation note;

    tcp_tracker_step(&conversation, NULL, &syn, &note);
    tcp_tracker_icmp_error(&conversation, &quoted);
    look_at_outcome(&conversation);
}

/* Every entry is said of some segment or conversation that the engine can describe. (For those of the
 * ladder and the story, wording_used.py looks into the code.) */
static void no_entry_is_unused(void)
{
    make_marks();
    scenarios_each(look_at_scenario, "");
    look_at_rejection();
    for (unsigned entry = 0; entry < WORDING_ANSWER; entry++) {
        check_about("entry %u \"%s\"", entry, wording_en[entry]);
        CHECK(said[entry]);
    }
    check_about(NULL);
    free_marks();
}

/* Which language it is ----------------------------------------------------------------------------- */

static void locales(void)
{
    static const struct {
        const char *locale;
        enum language language;
    } cases[] = {
        { "zh_CN.UTF-8", LANGUAGE_ZH_CN },
        { "zh_CN", LANGUAGE_ZH_CN },
        { "zh", LANGUAGE_ZH_CN },
        { "zh_SG.UTF-8", LANGUAGE_ZH_CN },
        { "zh_CN.GB18030", LANGUAGE_ZH_CN },
        { "zh-Hans", LANGUAGE_ZH_CN },
        { "zh_Hans_HK", LANGUAGE_ZH_CN },
        { "zh_TW.UTF-8", LANGUAGE_ZH_TW },
        { "zh_TW.Big5", LANGUAGE_ZH_TW },
        { "zh_HK", LANGUAGE_ZH_TW },
        { "zh_MO.UTF-8", LANGUAGE_ZH_TW },
        { "zh-Hant", LANGUAGE_ZH_TW },
        { "zh_Hant_CN", LANGUAGE_ZH_TW },
        { "zh_TW@radical", LANGUAGE_ZH_TW },
        { "ZH_tw.utf8", LANGUAGE_ZH_TW },
        { "en_US.UTF-8", LANGUAGE_EN },
        { "en_HK.UTF-8", LANGUAGE_EN },
        { "de_DE.UTF-8", LANGUAGE_EN },
        { "C", LANGUAGE_EN },
        { "C.UTF-8", LANGUAGE_EN },
        { "POSIX", LANGUAGE_EN },
        { "zha_CN", LANGUAGE_EN },
        { "", LANGUAGE_EN },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        check_about("%s", cases[i].locale);
        CHECK_TEXT(languages[cases[i].language].name,
                   languages[language_of_locale(cases[i].locale)].name);
    }
    check_about(NULL);
}

static void set(const char *name, const char *value)
{
    if (value)
        g_setenv(name, value, TRUE);
    else
        g_unsetenv(name);
}

static void environment(void)
{
    static const struct {
        const char *lc_all, *lc_messages, *lang;
        enum language language;
    } cases[] = {
        { NULL, NULL, NULL, LANGUAGE_EN },
        { NULL, NULL, "zh_CN.UTF-8", LANGUAGE_ZH_CN },
        { NULL, "zh_TW.UTF-8", "zh_CN.UTF-8", LANGUAGE_ZH_TW },
        { "en_GB.UTF-8", "zh_TW.UTF-8", "zh_CN.UTF-8", LANGUAGE_EN },
        { "", "", "zh_HK.UTF-8", LANGUAGE_ZH_TW }, /* what is empty counts as not set */
        { "", "C", "zh_HK.UTF-8", LANGUAGE_EN },
        { "zh_CN", NULL, NULL, LANGUAGE_ZH_CN },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        set("LC_ALL", cases[i].lc_all);
        set("LC_MESSAGES", cases[i].lc_messages);
        set("LANG", cases[i].lang);
        check_about("case %zu", i);
        CHECK_TEXT(languages[cases[i].language].name, languages[language_of_environment()].name);
        language_choose(LANGUAGE_AUTO);
        CHECK(language_words() == languages[cases[i].language].table);
        for (int language = LANGUAGE_EN; language < LANGUAGE_COUNT; language++) {
            language_choose((enum language)language);
            CHECK(language_words() == languages[language].table);
        }
    }
    check_about(NULL);
}

/* A language that is being translated. */
static void what_a_table_does_not_have_is_english(void)
{
    static wording_table begun = { [WORDING_LABEL_SYN] = "Handschlag 1/3: SYN" };
    static const char *completed[WORDING_COUNT], *unused[WORDING_COUNT];
    const char *const *words = wording_complete(begun, completed);
    struct tcp_annotation note = { .events = TCP_DOES_SYN };
    struct text text;

    CHECK(words == completed);
    CHECK(wording_complete(wording_en, unused) == wording_en);
    text_clear(&text);
    wording_label(&text, words, &note);
    CHECK_TEXT("Handschlag 1/3: SYN", text.at);
    note.events = TCP_DOES_SYN_ACK;
    text_clear(&text);
    wording_label(&text, words, &note);
    CHECK_TEXT("Handshake 2/3: SYN+ACK", text.at);
}

/* Texts longer than one octet can count, of characters of three octets, before a placeholder and after
 * it; and those that are no text of ours: a brace that is not closed, a name that there is not. */
static void texts_of_any_length(void)
{
    enum { CHARACTERS = 150, LENGTHS = 3 }; /* each length is a language of its own */
    static const char *completed[LENGTHS][WORDING_COUNT];
    static char many[3 * CHARACTERS + 1];
    struct tcp_annotation note = { .events = TCP_DOES_DATA, .phase = TCP_PHASE_DATA, .len = 7 };

    for (int i = 0; i < CHARACTERS; i++)
        strcat(many, "数");
    for (int length = 0; length < LENGTHS; length++) {
        char entry[2 * sizeof many + 64], expected[2 * sizeof many + 64];
        static wording_table none;
        struct text text;

        snprintf(entry, sizeof entry, "%s%.*s{len}{{%s{no}{", many, length, "ab", many);
        snprintf(expected, sizeof expected, "%s%.*s7{{%s{no}{", many, length, "ab", many);
        wording_complete(none, completed[length]);
        completed[length][WORDING_LABEL_DATA] = entry;
        text_clear(&text);
        wording_label(&text, completed[length], &note);
        CHECK_TEXT(expected, text.at);
    }
}

int main(void)
{
    RUN(no_entry_is_missing);
    RUN(placeholders_are_those_of_english);
    RUN(what_is_english_is_translated);
    RUN(characters_are_of_one_script);
    RUN(no_entry_is_unused);
    RUN(what_a_table_does_not_have_is_english);
    RUN(texts_of_any_length);
    RUN(locales);
    RUN(environment);
    return check_end();
}

/* languages.c
 * The languages that there are, and which one words are in.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "languages.h"

#include "wording.h"

const struct language_entry languages[LANGUAGE_COUNT] = {
    [LANGUAGE_AUTO] = { "auto", "the environment's (LC_ALL, LC_MESSAGES, LANG)", NULL },
    [LANGUAGE_EN] = { "en", "English", wording_en },
    [LANGUAGE_ZH_CN] = { "zh_CN", "Simplified Chinese (简体中文)", wording_zh_CN },
    [LANGUAGE_ZH_TW] = { "zh_TW", "Traditional Chinese (繁體中文)", wording_zh_TW },
};

/* What may stand behind "zh", and what it means: scripts, then territories. */
static const struct {
    const char *part;
    enum language language;
} parts_of_zh[] = {
    { "hans", LANGUAGE_ZH_CN }, { "hant", LANGUAGE_ZH_TW }, { "tw", LANGUAGE_ZH_TW },
    { "hk", LANGUAGE_ZH_TW },   { "mo", LANGUAGE_ZH_TW },
};

static const char *const *chosen; /* NULL: nothing has been chosen yet */

enum language language_of_locale(const char *locale)
{
    char **parts = g_strsplit_set(locale, "_-.@", -1);
    enum language found = LANGUAGE_EN;

    if (parts[0] && g_ascii_strcasecmp(parts[0], "zh") == 0) {
        found = LANGUAGE_ZH_CN;
        for (unsigned i = G_N_ELEMENTS(parts_of_zh); i-- > 0;) /* the last one that fits counts */
            for (char **part = parts + 1; *part; part++)
                if (g_ascii_strcasecmp(*part, parts_of_zh[i].part) == 0)
                    found = parts_of_zh[i].language;
    }
    g_strfreev(parts);
    return found;
}

enum language language_of_environment(void)
{
    static const char *const variables[] = { "LC_ALL", "LC_MESSAGES", "LANG" };

    for (unsigned i = 0; i < G_N_ELEMENTS(variables); i++) {
        const char *locale = g_getenv(variables[i]);

        if (locale && *locale)
            return language_of_locale(locale);
    }
    return LANGUAGE_EN;
}

void language_choose(enum language language)
{
    static const char *completed[LANGUAGE_COUNT][WORDING_COUNT];

    if (language == LANGUAGE_AUTO)
        language = language_of_environment();
    chosen = wording_complete(languages[language].table, completed[language]);
}

const char *const *language_words(void)
{
    if (!chosen)
        language_choose(LANGUAGE_AUTO);
    return chosen;
}

/* languages.h
 * The languages that there are, and which one words are in.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_LANGUAGES_H
#define HANDSHARK_LANGUAGES_H

/** In the order of languages[]. LANGUAGE_AUTO is whichever the environment asks for. */
enum language { LANGUAGE_AUTO, LANGUAGE_EN, LANGUAGE_ZH_CN, LANGUAGE_ZH_TW, LANGUAGE_COUNT };

/** A language. */
struct language_entry {
    const char *name;         /**< as the preference has it: "zh_CN" */
    const char *title;        /**< for people to choose by */
    const char *const *table; /**< its words (wording.h); NULL for LANGUAGE_AUTO */
};

/** All of them; static storage. */
extern const struct language_entry languages[LANGUAGE_COUNT];

/** The language of a locale.
 *  @param locale  a name as POSIX has it (`zh_TW.UTF-8`), or BCP 47 (`zh-Hant-HK`)
 *  @return for `zh` Chinese, in the script that the name has, else in that of its territory; for all
 *          others English */
enum language language_of_locale(const char *locale);

/** The language that the environment asks for messages in: that of the first of LC_ALL, LC_MESSAGES and
 *  LANG that is set and not empty (POSIX.1-2017, XBD 8.2).
 *  @return English where none is */
enum language language_of_environment(void);

/** Choose the language of what is said from now on. */
void language_choose(enum language language);

/** @return the words of the language that was chosen last; before that, of the environment's. */
const char *const *language_words(void);

#endif

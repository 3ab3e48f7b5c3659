/* ladder_formats.h
 * The formats that a ladder can be written in.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_LADDER_FORMATS_H
#define HANDSHARK_LADDER_FORMATS_H

#include "ladder.h"

/** Append ladders to a text.
 *  @param out      UTF-8, appended to
 *  @param ladders  from ladder_end(), in the order in which they are to be shown
 *  @param count    how many, at least one
 *  @param table    the language (wording.h) */
typedef void ladder_writer(GString *out, struct ladder *const *ladders, unsigned count,
                           const char *const *table);

/** For a terminal: life lines, slanted arrows of two lines, states at both sides. Characters of two
 *  columns are counted as such. Several conversations: one after the other. */
ladder_writer ladder_text;

/** As the figures of RFC 9293: state, segment, state. Several: one after the other. */
ladder_writer ladder_segments;

/** Told in sentences. Several: one after the other. */
ladder_writer ladder_story;

/** A drawing that needs nothing else. Several: one below the other, in one document. */
ladder_writer ladder_svg;

/** A sequence diagram of Mermaid. Several: a Markdown document with a diagram for each, as Mermaid knows
 *  no document of several diagrams. */
ladder_writer ladder_mermaid;

/** A format. */
struct ladder_format {
    const char *name; /**< as on the command line */
    ladder_writer *write;
};

/** All formats; ends with a NULL name. */
extern const struct ladder_format ladder_formats[];

/** @return the format of that name, or NULL. */
const struct ladder_format *ladder_find_format(const char *name);

#endif

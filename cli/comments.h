/* comments.h
 * What is to be said of each frame of a capture, as `-z tcp_phase,comments` has it.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_COMMENTS_H
#define HANDSHARK_COMMENTS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "tshark_run.h"

/** Texts by frame number. Equal ones are kept once: most segments of a long capture are alike. */
struct comments;

/** Read them all.
 *  @param run    a tshark with that statistic; read to its end
 *  @param error  set on failure, of CLI_ERROR @return to be freed with comments_free(), or NULL */
struct comments *comments_read(struct tshark_run *run, GError **error);

/** @return a frame's texts with a separator between, or NULL; owned by @p comments.
 *  @param frame its number, from 1 */
const char *comments_of(const struct comments *comments, uint32_t frame);

/** @return the greatest frame number with a text, 0 for none. */
uint32_t comments_last_frame(const struct comments *comments);

/** Free them. @param comments may be NULL */
void comments_free(struct comments *comments);

#endif

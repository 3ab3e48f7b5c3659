/* trace.h
 * A list of segments, from a scenario or from a capture, to be changed in some way and played.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HANDSHARK_TRACE_H
#define HANDSHARK_TRACE_H

#include "scenario.h"

/** One segment of a trace. */
struct traced {
    struct tcp_segment segment;
    unsigned stream;  /**< its conversation, from 0 */
    unsigned earlier; /**< the conversation on the same ports before, plus 1; 0: none */
    size_t copy_of; /**< where the first capture of the same segment stands, plus 1; 0: it is one */
    int line;       /**< where it comes from: a line of .file */
    /* Of captures only: */
    int shown[2];  /**< states that the plugin is to show; -1: not known */
    bool hard;     /**< order at the place of the capture is not the order at the ends */
    uint32_t twin; /**< frame of the same segment in the capture of the other end; 0: none */
};

/** Segments in the order of the capture. */
struct trace {
    char name[80];
    const char *file;
    struct traced *at;
    size_t count;
    unsigned streams; /**< how many conversations */
};

/** What the engine says of a trace. */
struct replay {
    struct tcp_annotation *notes; /**< one for each segment */
    struct tcp_outcome *outcomes; /**< one for each stream */
    bool *begun;                  /**< whether there was any segment of the stream */
};

/** @return the segments of a scenario; the caller frees them with trace_free(). */
struct trace *trace_of_scenario(const struct scenario *scenario);
/** Read the list of tests/unit/segments.py. Ends the program where it cannot be read.
 *  @param traces  set to the captures, the caller's to free one by one, and as a whole with free()
 *  @return how many there are */
size_t traces_read(const char *path, struct trace ***traces);
/** @return a trace of the same name without segments; the caller frees it. */
struct trace *trace_like(const struct trace *trace);
/** Put a segment at the end of a trace. */
void trace_append(struct trace *trace, const struct traced *traced);
/** @return the same again, to be changed; the caller frees it. */
struct trace *trace_copy(const struct trace *trace);
void trace_free(struct trace *trace);

/** Play a trace. The caller frees what is said with replay_free(). */
struct replay trace_play(const struct trace *trace);
void replay_free(struct replay *replay);
/** Say which segment the checks that follow are about. */
void trace_about(const struct trace *trace, size_t index, const char *property);

#endif

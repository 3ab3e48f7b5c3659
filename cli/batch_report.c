/* batch_report.c
 * Writes the counts as a page of HTML that needs nothing beside it: styles and drawings are in it.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "batch_summary.h"

#include "cli.h"
#include "files.h"
#include "tcp_phase/tokens.h"

#include <inttypes.h>
#include <string.h>

/** The most servers that are shown; summary.csv has all. */
enum { SERVERS_SHOWN = 100 };

static const char STYLE[] =
    "body{font:15px/1.45 'Helvetica Neue',Helvetica,Arial,'Liberation Sans','DejaVu Sans',"
    "sans-serif;"
    "color:#1a1a1a;background:#fff;max-width:76rem;margin:0 auto;padding:1.5rem}"
    "h1{font-size:1.7rem;margin:0 0 .3rem}h2{font-size:1.2rem;margin:2.2rem 0 .6rem;"
    "border-bottom:1px solid #d0d0d0;padding-bottom:.2rem}h3{font-size:1rem;margin:1.6rem 0 .2rem}"
    "p{margin:.3rem 0}.note{color:#5a5a5a}"
    ".facts{display:flex;flex-wrap:wrap;gap:.6rem 2.2rem;margin:1rem 0;padding:0}"
    ".facts div{min-width:6rem}.facts dt{color:#5a5a5a;font-size:.85rem}"
    ".facts dd{margin:0;font-size:1.4rem;font-weight:bold;font-variant-numeric:tabular-nums}"
    ".columns{display:flex;flex-wrap:wrap;gap:1rem 3rem}.columns section{flex:1 1 20rem}"
    "table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}"
    "caption{text-align:left;font-weight:bold;padding:.2rem 0}"
    "th,td{text-align:right;padding:.22rem .5rem;border-bottom:1px solid #e4e4e4;"
    "white-space:nowrap}"
    "th{font-weight:600;color:#5a5a5a;font-size:.85rem}.word{text-align:left}"
    ".bar{width:40%;padding-left:0}.bar i{display:block;height:.75rem;background:#3b75af}"
    ".bar .bad{background:#b3402f}.wide{overflow-x:auto}.wide "
    "th{white-space:normal}.zero{color:#b5b5b5}"
    ".reason{white-space:normal;text-align:left}"
    "img{max-width:100%;height:auto;border:1px solid #e4e4e4;margin:.5rem 0}"
    "code{font-size:.9em;overflow-wrap:anywhere}";

static void put_text(GString *page, const char *text)
{
    char *valid = g_utf8_make_valid(text, -1);
    char *escaped = g_markup_escape_text(valid, -1);

    g_string_append(page, escaped);
    g_free(escaped);
    g_free(valid);
}

static void put_fact(GString *page, const char *what, uint64_t number)
{
    g_string_append_printf(page, "<div><dt>%s</dt><dd>%" PRIu64 "</dd></div>\n", what, number);
}

static const char *name_of_verdict(unsigned i)
{
    return token_of_verdict((enum tcp_verdict)i);
}

static const char *name_of_opening(unsigned i)
{
    return token_of_opening((enum tcp_opening)i);
}

static const char *name_of_closing(unsigned i)
{
    return token_of_closing((enum tcp_closing)i);
}

static bool is_bad_verdict(unsigned i)
{
    return i != TCP_VERDICT_ORDERLY && i != TCP_VERDICT_OPEN;
}

static bool is_bad_opening(unsigned i)
{
    return i >= TCP_OPENING_REFUSED && i <= TCP_OPENING_REJECTED;
}

static bool is_bad_closing(unsigned i)
{
    return i == TCP_CLOSING_RESET || i == TCP_CLOSING_RESET_AFTER_FIN;
}

/* A table of words, with bars. */
static void put_words(GString *page, const char *title, const uint64_t *counts, unsigned count,
                      const char *(*name)(unsigned), bool (*is_bad)(unsigned))
{
    uint64_t most = 1;

    for (unsigned i = 0; i < count; i++)
        most = MAX(most, counts[i]);
    g_string_append_printf(page, "<section><table><caption>%s</caption>\n", title);
    for (unsigned i = 0; i < count; i++) {
        if (counts[i] == 0)
            continue;
        g_string_append_printf(
            page,
            "<tr><td class=\"word\">%s</td><td>%" PRIu64
            "</td><td class=\"bar\"><i%s style=\"width:%" PRIu64 "%%\"></i></td></tr>\n",
            name(i), counts[i], is_bad(i) ? " class=\"bad\"" : "", MAX(counts[i] * 100 / most, 1));
    }
    g_string_append(page, "</table></section>\n");
}

static void put_number(GString *page, uint64_t number)
{
    g_string_append_printf(page, "<td%s>%" PRIu64 "</td>", number == 0 ? " class=\"zero\"" : "",
                           number);
}

static void put_servers(GString *page, const struct summary *summary)
{
    GPtrArray *servers = summary_servers(summary);

    g_string_append(page, "<h2>By server and port</h2>\n<p class=\"note\">Those with most "
                          "conversations that ended otherwise than in order come first.");
    if (servers->len > SERVERS_SHOWN)
        g_string_append_printf(page, " %d of %u; summary.csv has all.", SERVERS_SHOWN,
                               servers->len);
    g_string_append(page, "</p>\n<div class=\"wide\"><table>\n<tr><th class=\"word\">server</th>"
                          "<th>port</th><th>conversations</th><th>resets</th>");
    for (unsigned i = 0; i < TCP_VERDICT_COUNT; i++)
        if (summary->counts.verdicts[i] > 0)
            g_string_append_printf(page, "<th>%s</th>", name_of_verdict(i));
    g_string_append(page, "</tr>\n");
    for (unsigned row = 0; row < MIN(servers->len, SERVERS_SHOWN); row++) {
        const struct summary_server *server = g_ptr_array_index(servers, row);

        g_string_append(page, "<tr><td class=\"word\">");
        put_text(page, server->address);
        g_string_append_printf(page, "</td><td>%s</td>", server->port);
        put_number(page, server->counts.conversations);
        put_number(page, server->counts.resets);
        for (unsigned i = 0; i < TCP_VERDICT_COUNT; i++)
            if (summary->counts.verdicts[i] > 0)
                put_number(page, server->counts.verdicts[i]);
        g_string_append(page, "</tr>\n");
    }
    g_string_append(page, "</table></div>\n");
    g_ptr_array_unref(servers);
}

/* As a picture of its own, so that the styles of many do not meet. */
static void put_picture(GString *page, const struct summary_kind *kind)
{
    char *data = g_base64_encode((const guchar *)kind->picture, strlen(kind->picture));

    g_string_append(page, "<p><img alt=\"The conversation drawn: ");
    put_text(page, kind->text);
    g_string_append_printf(page, "\" src=\"data:image/svg+xml;base64,%s\"></p>\n", data);
    g_free(data);
}

static void put_kind(GString *page, const struct summary_kind *kind)
{
    char *quoted = g_shell_quote(kind->file);

    g_string_append_printf(page, "<h3>%s: opening %s, closing %s%s</h3>\n<p>", kind->verdict,
                           kind->opening, kind->closing,
                           kind->half_close ? ", half-closed for a while" : "");
    g_string_append_printf(page, "%" PRIu64 " %s. ", kind->count,
                           kind->count == 1 ? "conversation" : "conversations, such as this one");
    put_text(page, kind->client);
    g_string_append(page, " to ");
    put_text(page, kind->server);
    g_string_append_printf(page, ", %" PRIu64 " segments. ", kind->segments);
    put_text(page, kind->text);
    g_string_append(page, "</p>\n<p><code>" PROGRAM " ladder --stream ");
    g_string_append_printf(page, "%s ", kind->stream);
    put_text(page, quoted);
    g_string_append(page, "</code></p>\n");
    if (kind->picture)
        put_picture(page, kind);
    g_free(quoted);
}

static void put_kinds(GString *page, const struct summary *summary, unsigned oddest)
{
    GPtrArray *kinds = summary_kinds(summary);

    g_string_append_printf(page,
                           "<h2>The oddest</h2>\n<p class=\"note\">Of the %u ways in which "
                           "conversations opened, closed and ended, the rarest, with an example "
                           "of each.</p>\n",
                           kinds->len);
    for (unsigned i = 0; i < MIN(kinds->len, oddest); i++)
        put_kind(page, g_ptr_array_index(kinds, i));
    g_ptr_array_unref(kinds);
}

static void put_failures(GString *page, const struct summary *summary)
{
    if (summary->failures->len == 0)
        return;
    g_string_append(page, "<h2>Captures that could not be read, or not to the end</h2>\n<table>\n");
    for (unsigned i = 0; i < summary->failures->len; i++) {
        const struct summary_failure *failure = g_ptr_array_index(summary->failures, i);

        g_string_append(page, "<tr><td class=\"reason\">");
        put_text(page, failure->file);
        g_string_append(page, "</td><td class=\"reason\">");
        put_text(page, failure->reason);
        g_string_append(page, "</td></tr>\n");
    }
    g_string_append(page, "</table>\n");
}

static void put_head(GString *page, const struct summary *summary)
{
    g_string_append_printf(page,
                           "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                           "<meta name=\"viewport\" content=\"width=device-width\">\n"
                           "<title>TCP conversations of %u captures</title>\n"
                           "<style>%s</style>\n</head>\n<body>\n<h1>TCP conversations of %u "
                           "captures</h1>\n<p class=\"note\">By handshark " HANDSHARK_VERSION
                           "</p>\n<dl class=\"facts\">\n",
                           summary->captures, STYLE, summary->captures);
    put_fact(page, "conversations", summary->counts.conversations);
    put_fact(page, "segments", summary->counts.segments);
    put_fact(page, "orderly", summary->counts.verdicts[TCP_VERDICT_ORDERLY]);
    put_fact(page, "ended by a reset", summary->counts.resets);
    put_fact(page, "unanswered", summary->counts.verdicts[TCP_VERDICT_UNANSWERED]);
    put_fact(page, "servers and ports", g_hash_table_size(summary->servers));
    put_fact(page, "captures failed", summary->failures->len);
    g_string_append(page, "</dl>\n");
}

bool summary_write_report(const struct summary *summary, unsigned oddest, const char *path,
                          GError **error)
{
    struct output *output = output_begin(path, error);
    GString *page;

    if (!output)
        return false;
    page = g_string_new(NULL);
    put_head(page, summary);
    if (summary->counts.conversations == 0) {
        g_string_append(page, "<p>There are no TCP conversations in them.</p>\n");
    } else {
        g_string_append(page, "<h2>How they ended</h2>\n<div class=\"columns\">\n");
        put_words(page, "verdict", summary->counts.verdicts, TCP_VERDICT_COUNT, name_of_verdict,
                  is_bad_verdict);
        put_words(page, "opening", summary->openings, TCP_OPENING_COUNT, name_of_opening,
                  is_bad_opening);
        put_words(page, "closing", summary->closings, TCP_CLOSING_COUNT, name_of_closing,
                  is_bad_closing);
        g_string_append(page, "</div>\n");
        put_servers(page, summary);
        if (oddest > 0)
            put_kinds(page, summary, oddest);
    }
    put_failures(page, summary);
    g_string_append(page, "</body>\n</html>\n");
    output_write(output, page->str, page->len);
    g_string_free(page, TRUE);
    return output_finish(output, error);
}

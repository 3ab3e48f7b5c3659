/* capture.c
 * Opens captures with libwiretap.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "capture.h"

#include "cli.h"

#include <string.h>
#include <wiretap/wtap.h>
#include <wsutil/wslog.h>

static void start_library(void)
{
    static bool is_started;

    if (is_started)
        return;
    is_started = true;
    ws_log_set_level(LOG_LEVEL_MESSAGE); /* as Wireshark's programs: not what is for debugging it */
    wtap_init(FALSE);
}

/* What Wireshark opens by its content though it holds no packets. */
static bool is_document(int encapsulation)
{
    return encapsulation == WTAP_ENCAP_MIME || encapsulation == WTAP_ENCAP_JSON;
}

static wtap *open_capture(const char *path, GError **error)
{
    int number;
    char *details = NULL;
    wtap *capture;

    start_library();
    capture = wtap_open_offline(path, WTAP_TYPE_AUTO, &number, &details, FALSE);
    if (!capture && number == WTAP_ERR_FILE_UNKNOWN_FORMAT)
        g_set_error(error, CLI_ERROR, STATUS_FAILED, "%s: is not a capture", path);
    else if (!capture)
        g_set_error(error, CLI_ERROR, STATUS_FAILED, "%s: %s%s%s", path, wtap_strerror(number),
                    details ? ": " : "", details ? details : "");
    g_free(details);
    return capture;
}

bool capture_check(const char *path, GError **error)
{
    wtap *capture = open_capture(path, error);
    bool is_capture;

    if (!capture)
        return false;
    is_capture = !is_document(wtap_file_encap(capture));
    if (!is_capture)
        g_set_error(error, CLI_ERROR, STATUS_FAILED, "%s: is not a capture", path);
    wtap_close(capture);
    return is_capture;
}

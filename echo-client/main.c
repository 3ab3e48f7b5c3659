/* main.c
 * handshark-echo-client: requests by hand, as a probe, or by the million.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "interactive.h"
#include "load.h"
#include "report.h"

#include <stdlib.h>

int main(int argc, char **argv)
{
    struct options options;
    struct results *results;
    double seconds = 0;
    int status;

    options_read(&options, argc, argv);
    if (options.mode == MODE_INTERACTIVE)
        return interactive_run(&options);
    results = calloc(1, sizeof *results);
    if (!results) {
        perror("handshark-echo-client");
        return STATUS_FAILED;
    }
    status = load_run(&options, results, &seconds);
    /* A host that is not known has no table. */
    if (results->opened + results->ended + results->failures > 0 &&
        report(&options, results, seconds) != 0)
        status = STATUS_FAILED;
    free(results);
    return status;
}

/* scenarios.c
 * All scenarios there are.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "scenario.h"

#include <string.h>

static const struct scenario_list *const lists[] = {
    &opening_scenarios, &partial_scenarios, &data_scenarios, &closing_scenarios,
    &reset_scenarios,   &reuse_scenarios,   &late_scenarios,
};

void scenarios_each(void (*look)(const struct scenario *scenario), const char *wanted)
{
    for (size_t i = 0; i < COUNT_OF(lists); i++)
        for (size_t k = 0; k < lists[i]->count; k++)
            if (strstr(lists[i]->scenarios[k].name, wanted))
                look(&lists[i]->scenarios[k]);
}

bool scenarios_have_names_of_their_own(void)
{
    for (size_t i = 0; i < COUNT_OF(lists); i++)
        for (size_t k = 0; k < lists[i]->count; k++)
            for (size_t l = i; l < COUNT_OF(lists); l++)
                for (size_t m = l == i ? k + 1 : 0; m < lists[l]->count; m++)
                    if (!strcmp(lists[i]->scenarios[k].name, lists[l]->scenarios[m].name))
                        return false;
    return true;
}

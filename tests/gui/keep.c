/* keep.c
 * For Wireshark in the tests of its window: memory of the size of a window's object is not used again.
 *
 * Qt knows accessible objects by their address. It may still know a dialog that is gone when another
 * one gets its memory, and then leaves the new one out of what it tells the accessibility bus: the
 * window is there, but the tests cannot see it. Seen with Qt 5.15, once in some twenty dialogs.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <malloc.h>
#include <stdlib.h>

/* Octets. Wireshark's dialogs are of such a size; other windows are not opened and closed. */
enum { SMALLEST = 96, LARGEST = 1024 };

/* In front of the C library's (LD_PRELOAD). */
__attribute__((visibility("default"))) void free(void *memory)
{
    static void (*really_free)(void *);
    size_t size = malloc_usable_size(memory);

    if (size >= SMALLEST && size <= LARGEST)
        return;
    if (!really_free)
        *(void **)&really_free = dlsym(RTLD_NEXT, "free");
    really_free(memory);
}

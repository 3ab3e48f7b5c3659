/* replay.c
 * Plays files through a fuzz target, for compilers without libFuzzer.
 *
 *     fuzz_TARGET FILE...
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fuzz.h"

#define FILE_MAX 65536

int main(int argc, char **argv)
{
    static uint8_t octets[FILE_MAX];

    if (argc < 2) {
        fprintf(stderr, "usage: %s FILE...\n", argv[0]);
        return 2;
    }
    for (int i = 1; i < argc; i++) {
        FILE *file = fopen(argv[i], "rb");
        uint8_t *copy;
        size_t size;

        if (!file) {
            perror(argv[i]);
            return 1;
        }
        size = fread(octets, 1, sizeof octets, file);
        fclose(file);
        /* Of its very size, so that a checker sees what is read beyond it. */
        copy = malloc(size + (size == 0));
        if (!copy)
            return 1;
        for (size_t at = 0; at < size; at++)
            copy[at] = octets[at];
        printf("%s: %zu octets\n", argv[i], size);
        fflush(stdout);
        LLVMFuzzerTestOneInput(copy, size);
        free(copy);
    }
    printf("%d inputs\n", argc - 1);
    return 0;
}

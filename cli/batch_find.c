/* batch_find.c
 * Finds captures in folders: which files are some, and which of them belong together.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "batch.h"

#include "batch_rotated.h"
#include "capture.h"
#include "cli.h"
#include "files.h"

#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct search {
    const char *outside;
    GHashTable *seen;    /* names of files */
    GPtrArray *captures; /* of one file each */
    unsigned skipped;
};

static void free_file(void *data)
{
    struct batch_file *file = data;

    g_free(file->path);
    g_free(file);
}

struct batch_capture *batch_capture_new(void)
{
    struct batch_capture *capture = g_new0(struct batch_capture, 1);

    capture->files = g_ptr_array_new_with_free_func(free_file);
    return capture;
}

void batch_capture_add(struct batch_capture *capture, const char *path, uint64_t size,
                       int64_t modified)
{
    struct batch_file *file = g_new0(struct batch_file, 1);

    file->path = g_strdup(path);
    file->size = size;
    file->modified = modified;
    g_ptr_array_add(capture->files, file);
    capture->size += size;
}

void batch_capture_free(void *data)
{
    struct batch_capture *capture = data;

    g_free(capture->name);
    g_free(capture->problem);
    g_ptr_array_unref(capture->files);
    g_free(capture);
}

static void add(struct search *search, const char *path, const struct stat *status,
                const char *problem)
{
    struct batch_capture *capture = batch_capture_new();

    batch_capture_add(capture, path, (uint64_t)status->st_size,
                      (int64_t)status->st_mtim.tv_sec * G_GINT64_CONSTANT(1000000000) +
                          status->st_mtim.tv_nsec);
    capture->problem = g_strdup(problem);
    g_ptr_array_add(search->captures, capture);
}

/* What the message says of a file, without the file's name. */
static const char *without_name(const char *message, const char *path)
{
    size_t length = strlen(path);

    if (strncmp(message, path, length) == 0 && strncmp(message + length, ": ", 2) == 0)
        return message + length + 2;
    return message;
}

/* A file: one that was named has to be a capture, one that was found may be. */
static void look_at(struct search *search, const char *path, bool is_named)
{
    char *absolute = g_canonicalize_filename(path, NULL);
    char *real = realpath(absolute, NULL);
    struct stat status = { 0 };
    GError *error = NULL;

    if (real && g_hash_table_contains(search->seen, real)) {
        g_free(absolute);
        free(real);
        return;
    }
    g_hash_table_add(search->seen, g_strdup(real ? real : absolute));
    if (stat(absolute, &status) != 0)
        status = (struct stat){ 0 };
    if (file_check_capture(absolute, &error)) {
        if (is_named || capture_is_certain(absolute))
            add(search, absolute, &status, NULL);
        else
            search->skipped++;
    } else if (is_named ||
               (S_ISREG(status.st_mode) && status.st_size > 0 && !capture_is_none(error))) {
        add(search, absolute, &status, without_name(error->message, absolute));
    } else {
        search->skipped++;
    }
    g_clear_error(&error);
    g_free(absolute);
    free(real);
}

static int by_name(const FTSENT **one, const FTSENT **other)
{
    return strcmp((*one)->fts_name, (*other)->fts_name);
}

static void complain(struct search *search, const FTSENT *entry)
{
    struct stat status = { 0 };
    char *absolute = g_canonicalize_filename(entry->fts_path, NULL);

    add(search, absolute, &status, g_strerror(entry->fts_errno));
    g_free(absolute);
}

/* Links are followed; the same file is taken once. */
static void walk(struct search *search, char *folder)
{
    char *roots[] = { folder, NULL };
    FTS *tree = fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, by_name);
    FTSENT *entry;

    while (tree && (entry = fts_read(tree))) {
        char *absolute;

        switch (entry->fts_info) {
        case FTS_D:
            absolute = g_canonicalize_filename(entry->fts_path, NULL);
            if (strcmp(absolute, search->outside) == 0)
                fts_set(tree, entry, FTS_SKIP);
            g_free(absolute);
            break;
        case FTS_F:
            look_at(search, entry->fts_path, false);
            break;
        case FTS_DNR:
        case FTS_ERR:
        case FTS_NS:
            complain(search, entry);
            break;
        default: /* folders once more, devices, links to nothing */
            break;
        }
    }
    if (tree)
        fts_close(tree);
}

/* A name for the results that no other capture has, and that stays when other captures come: the file's own,
 * and something of where it lies. */
static void give_name(struct batch_capture *capture)
{
    const struct batch_file *first = g_ptr_array_index(capture->files, 0);
    char *base = g_path_get_basename(first->path);
    char *hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, first->path, -1);
    char *valid = g_utf8_make_valid(base, -1);

    /* Names of files have at most 255 octets; there is to be room for what is put behind. */
    if (strlen(valid) > 160)
        *g_utf8_find_prev_char(valid, valid + 160) = '\0';
    capture->name = g_strdup_printf("%s-%.10s", valid, hash);
    g_free(valid);
    g_free(hash);
    g_free(base);
}

static int by_first_file(const void *one, const void *other)
{
    const struct batch_capture *const *first = one;
    const struct batch_capture *const *second = other;
    const struct batch_file *a = g_ptr_array_index((*first)->files, 0);
    const struct batch_file *b = g_ptr_array_index((*second)->files, 0);

    return strcmp(a->path, b->path);
}

GPtrArray *batch_find(char *const *paths, const char *outside, bool separate, unsigned *skipped)
{
    struct search search = { .outside = outside };

    search.seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    search.captures = g_ptr_array_new_with_free_func(batch_capture_free);
    for (; *paths; paths++) {
        char *copy = g_strdup(*paths);

        if (g_file_test(copy, G_FILE_TEST_IS_DIR))
            walk(&search, copy);
        else
            look_at(&search, copy, true);
        g_free(copy);
    }
    g_ptr_array_sort(search.captures, by_first_file);
    if (!separate)
        batch_join_rotated(search.captures);
    for (unsigned i = 0; i < search.captures->len; i++)
        give_name(g_ptr_array_index(search.captures, i));
    g_ptr_array_sort(search.captures, by_first_file);
    g_hash_table_unref(search.seen);
    *skipped = search.skipped;
    return search.captures;
}

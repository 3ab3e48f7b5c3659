/* systemd.c
 * Socket activation and readiness.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "systemd.h"
#include "log.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define SOCKETS_MAX 1024

/* A number of a variable; -1: there is none. */
static long number_of(const char *name)
{
    const char *text = getenv(name);
    char *end;
    long number;

    if (!text || *text < '0' || *text > '9')
        return -1;
    errno = 0;
    number = strtol(text, &end, 10);
    return *end == '\0' && errno == 0 ? number : -1;
}

int systemd_sockets(void)
{
    long process = number_of("LISTEN_PID"), count = number_of("LISTEN_FDS");

    if (!getenv("LISTEN_FDS") || (process != -1 && process != getpid()))
        return 0; /* meant for another */
    unsetenv("LISTEN_PID");
    unsetenv("LISTEN_FDS");
    unsetenv("LISTEN_FDNAMES");
    if (process == -1 || count < 0 || count > SOCKETS_MAX) {
        log_line("LISTEN_PID and LISTEN_FDS: not numbers that make sense");
        return -1;
    }
    return (int)count;
}

void systemd_notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    size_t size;
    int fd;

    if (!path || (*path != '/' && *path != '@'))
        return;
    size = strlen(path);
    if (size >= sizeof address.sun_path)
        return;
    memcpy(address.sun_path, path, size);
    if (*path == '@')
        address.sun_path[0] = '\0';
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    if (sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&address,
               (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size)) < 0)
        log_line("NOTIFY_SOCKET %s: %s", path, strerror(errno));
    close(fd);
}

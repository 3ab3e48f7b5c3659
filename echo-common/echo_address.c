/* echo_address.c
 * Addresses as people write them.
 *
 * Handshark - TCP connections, explained
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "echo_address.h"
#include "echo_frame.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

/* parsing ------------------------------------------------------------------------------------ */

static const char *parse_port(struct echo_address *address, const char *text)
{
    unsigned long port;
    char *end;

    if (*text < '0' || *text > '9')
        return "the port is not a number";
    port = strtoul(text, &end, 10);
    if (*end != '\0')
        return "the port is not a number";
    if (port > UINT16_MAX)
        return "a port is at most 65535";
    address->port = (uint16_t)port;
    address->has_port = true;
    return NULL;
}

static const char *set_host(struct echo_address *address, const char *text, size_t size)
{
    if (size == 0)
        return "there is no host; * stands for every address of this machine";
    if (size >= sizeof address->host)
        return "the host's name is too long";
    memcpy(address->host, text, size);
    address->host[size] = '\0';
    return NULL;
}

static const char *parse_path(struct echo_address *address, const char *path)
{
    const struct sockaddr_un *unused = NULL;
    size_t size = strlen(path) + 1;

    address->is_unix = true;
    if (path[0] == '\0' || (path[0] == '@' && path[1] == '\0'))
        return "there is no path";
    if (size > sizeof unused->sun_path)
        return "the path is too long for a Unix socket";
    memcpy(address->host, path, size);
    return NULL;
}

/* [V6] or [V6]:PORT */
static const char *parse_bracketed(struct echo_address *address, const char *text)
{
    const char *end = strchr(text, ']');
    const char *problem;

    if (!end)
        return "a bracket is open";
    problem = set_host(address, text + 1, (size_t)(end - text - 1));
    if (problem || end[1] == '\0')
        return problem;
    return end[1] == ':' ? parse_port(address, end + 2) : "after the bracket only :PORT may follow";
}

const char *echo_address_parse(struct echo_address *address, const char *text)
{
    const char *colon = strchr(text, ':');
    const char *problem;

    *address = (struct echo_address){ .port = ECHO_PORT };
    if (strncmp(text, "unix:", 5) == 0)
        return parse_path(address, text + 5);
    if (text[0] == '[')
        return parse_bracketed(address, text);
    if (!colon || strchr(colon + 1, ':')) /* two colons: an IPv6 address without a port */
        return set_host(address, text, strlen(text));
    problem = set_host(address, text, (size_t)(colon - text));
    return problem ? problem : parse_port(address, colon + 1);
}

/* resolving ---------------------------------------------------------------------------------- */

static void unix_endpoint(struct echo_endpoint *endpoint, const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    size_t size = strlen(path);

    memcpy(address.sun_path, path, size);
    if (path[0] == '@')
        address.sun_path[0] = '\0';
    else
        size++; /* the zero belongs to a path */
    *endpoint = (struct echo_endpoint){ .size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
                                                            size) };
    memcpy(&endpoint->address, &address, sizeof address);
}

static bool is_known(const struct echo_endpoint *endpoints, size_t count,
                     const struct addrinfo *info)
{
    for (size_t i = 0; i < count; i++)
        if (endpoints[i].size == info->ai_addrlen &&
            memcmp(&endpoints[i].address, info->ai_addr, info->ai_addrlen) == 0)
            return true;
    return false;
}

size_t echo_address_resolve(const struct echo_address *address, bool to_listen,
                            struct echo_endpoint *endpoints, size_t capacity, const char **problem)
{
    struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
    bool is_any = strcmp(address->host, "*") == 0;
    struct addrinfo *list;
    size_t count = 0;
    char port[8];
    int error;

    *problem = NULL;
    if (address->is_unix) {
        unix_endpoint(endpoints, address->host);
        return 1;
    }
    if (is_any && !to_listen) {
        *problem = "* is no address to connect to";
        return 0;
    }
    if (to_listen)
        hints.ai_flags = AI_PASSIVE;
    snprintf(port, sizeof port, "%u", address->port);
    error = getaddrinfo(is_any ? NULL : address->host, port, &hints, &list);
    if (error != 0) {
        *problem = gai_strerror(error);
        return 0;
    }
    for (const struct addrinfo *info = list; info && count < capacity; info = info->ai_next) {
        if (is_known(endpoints, count, info))
            continue;
        endpoints[count] = (struct echo_endpoint){ .size = info->ai_addrlen };
        memcpy(&endpoints[count].address, info->ai_addr, info->ai_addrlen);
        count++;
    }
    freeaddrinfo(list);
    return count;
}

/* writing ------------------------------------------------------------------------------------ */

static void unix_text(const struct echo_endpoint *endpoint, char *text, size_t capacity)
{
    const struct sockaddr_un *address = (const struct sockaddr_un *)&endpoint->address;
    size_t begin = offsetof(struct sockaddr_un, sun_path);
    size_t size = endpoint->size > begin ? endpoint->size - begin : 0;

    if (size == 0)
        snprintf(text, capacity, "unix");
    else if (address->sun_path[0] == '\0')
        snprintf(text, capacity, "unix:@%.*s", (int)(size - 1), address->sun_path + 1);
    else
        snprintf(text, capacity, "unix:%.*s", (int)size, address->sun_path);
}

const char *echo_endpoint_text(const struct echo_endpoint *endpoint, char *text, size_t capacity)
{
    const struct sockaddr *address = (const struct sockaddr *)&endpoint->address;
    bool is_v6 = address->sa_family == AF_INET6;
    char host[64], port[8];

    if (address->sa_family == AF_UNIX) {
        unix_text(endpoint, text, capacity);
        return text;
    }
    if (getnameinfo(address, endpoint->size, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        snprintf(text, capacity, "?");
    else
        snprintf(text, capacity, is_v6 ? "[%s]:%s" : "%s:%s", host, port);
    return text;
}

/*
 * LD_PRELOAD: generic netlink goes to a server on a unix socket (LBCTL_BENCH_NETLINK) instead of the kernel, so that a program
 * which writes the IPVS table runs on a machine without IPVS. As with the kernel, answers are there when a send returns. All other
 * sockets, and all other netlink, are the real ones.
 *
 * On the wire: a request is its length (u32) and its octets; then come the datagrams of the answer in the same form, and a
 * length of 0. SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE 1
#include <dlfcn.h>
#include <errno.h>
#include <linux/netlink.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#define DESCRIPTORS 65536

struct datagram {
	struct datagram *next;
	size_t length;
	uint8_t octets[];
};

struct netlink {
	uint32_t port;
	struct datagram *first, *last;
};

/* By descriptor; NULL: another file. */
static struct netlink *netlinks[DESCRIPTORS];

/* Looked up once: these calls are what is measured. */
#define REAL(name)                                                                                                     \
	({                                                                                                             \
		static __typeof__(&name) real;                                                                         \
		if (!real)                                                                                             \
			real = (__typeof__(&name))dlsym(RTLD_NEXT, #name);                                             \
		real;                                                                                                  \
	})

static struct netlink *of(int fd)
{
	return fd >= 0 && fd < DESCRIPTORS ? netlinks[fd] : NULL;
}

static int connect_to_server(int fd, const char *path)
{
	struct sockaddr_un server = { .sun_family = AF_UNIX };

	strncpy(server.sun_path, path, sizeof(server.sun_path) - 1);
	return REAL(connect)(fd, (struct sockaddr *)&server, sizeof(server));
}

int socket(int domain, int type, int protocol)
{
	const char *path = getenv("LBCTL_BENCH_NETLINK");
	int fd;

	if (domain != AF_NETLINK || protocol != NETLINK_GENERIC || !path)
		return REAL(socket)(domain, type, protocol);
	fd = REAL(socket)(AF_UNIX, SOCK_STREAM | (type & SOCK_CLOEXEC), 0);
	if (fd < 0)
		return fd;
	if (fd >= DESCRIPTORS || connect_to_server(fd, path) < 0 || !(netlinks[fd] = calloc(1, sizeof(struct netlink)))) {
		REAL(close)(fd);
		errno = EPROTONOSUPPORT;
		return -1;
	}
	netlinks[fd]->port = ((uint32_t)getpid() << 8) + fd;
	return fd;
}

int bind(int fd, const struct sockaddr *address, socklen_t length)
{
	struct netlink *netlink = of(fd);

	if (!netlink)
		return REAL(bind)(fd, address, length);
	if (((const struct sockaddr_nl *)address)->nl_pid)
		netlink->port = ((const struct sockaddr_nl *)address)->nl_pid;
	return 0;
}

int connect(int fd, const struct sockaddr *address, socklen_t length)
{
	return of(fd) ? 0 : REAL(connect)(fd, address, length);
}

int getsockname(int fd, struct sockaddr *address, socklen_t *length)
{
	struct netlink *netlink = of(fd);
	struct sockaddr_nl own = { .nl_family = AF_NETLINK };

	if (!netlink)
		return REAL(getsockname)(fd, address, length);
	own.nl_pid = netlink->port;
	memcpy(address, &own, *length < sizeof(own) ? *length : sizeof(own));
	*length = sizeof(own);
	return 0;
}

int setsockopt(int fd, int level, int name, const void *value, socklen_t length)
{
	return of(fd) ? 0 : REAL(setsockopt)(fd, level, name, value, length);
}

/* ---- requests ---- */

static int transfer(int fd, void *octets, size_t length, int receiving)
{
	uint8_t *at = octets;

	while (length > 0) {
		ssize_t done = receiving ? read(fd, at, length) : write(fd, at, length);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return -1;
		at += done;
		length -= done;
	}
	return 0;
}

/* All datagrams of the answer. */
static int take_answer(int fd, struct netlink *netlink)
{
	uint32_t length;

	while (transfer(fd, &length, sizeof(length), 1) == 0) {
		struct datagram *datagram;

		if (length == 0)
			return 0;
		datagram = malloc(sizeof(*datagram) + length);
		if (!datagram || transfer(fd, datagram->octets, length, 1) < 0)
			break;
		datagram->length = length;
		datagram->next = NULL;
		if (netlink->last)
			netlink->last->next = datagram;
		else
			netlink->first = datagram;
		netlink->last = datagram;
	}
	errno = EIO;
	return -1;
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	struct netlink *netlink = of(fd);
	uint32_t length = 0;

	if (!netlink)
		return REAL(sendmsg)(fd, message, flags);
	for (size_t i = 0; i < message->msg_iovlen; i++)
		length += message->msg_iov[i].iov_len;
	if (transfer(fd, &length, sizeof(length), 0) < 0)
		return -1;
	for (size_t i = 0; i < message->msg_iovlen; i++)
		if (transfer(fd, message->msg_iov[i].iov_base, message->msg_iov[i].iov_len, 0) < 0)
			return -1;
	return take_answer(fd, netlink) < 0 ? -1 : (ssize_t)length;
}

/* ---- answers ---- */

static ssize_t take_datagram(struct netlink *netlink, struct msghdr *message, int flags)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct datagram *datagram = netlink->first;
	size_t copied = 0, length;

	if (!datagram) {
		errno = EAGAIN;
		return -1;
	}
	length = datagram->length;
	for (size_t i = 0; i < message->msg_iovlen && copied < length; i++) {
		size_t part = length - copied < message->msg_iov[i].iov_len ? length - copied : message->msg_iov[i].iov_len;

		memcpy(message->msg_iov[i].iov_base, datagram->octets + copied, part);
		copied += part;
	}
	message->msg_flags = copied < length ? MSG_TRUNC : 0;
	message->msg_controllen = 0;
	if (message->msg_name) {
		memcpy(message->msg_name, &kernel, sizeof(kernel));
		message->msg_namelen = sizeof(kernel);
	}
	if (!(flags & MSG_PEEK)) {
		netlink->first = datagram->next;
		if (!netlink->first)
			netlink->last = NULL;
		free(datagram);
	}
	return flags & MSG_TRUNC ? length : copied;
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	struct netlink *netlink = of(fd);

	return netlink ? take_datagram(netlink, message, flags) : REAL(recvmsg)(fd, message, flags);
}

int recvmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags, struct timespec *timeout)
{
	struct netlink *netlink = of(fd);
	unsigned int taken = 0;

	if (!netlink)
		return REAL(recvmmsg)(fd, messages, count, flags, timeout);
	for (; taken < count; taken++) {
		ssize_t length = take_datagram(netlink, &messages[taken].msg_hdr, flags);

		if (length < 0)
			return taken > 0 ? (int)taken : -1;
		messages[taken].msg_len = length;
	}
	return taken;
}

int close(int fd)
{
	struct netlink *netlink = of(fd);

	if (netlink) {
		while (netlink->first) {
			struct datagram *next = netlink->first->next;

			free(netlink->first);
			netlink->first = next;
		}
		free(netlink);
		netlinks[fd] = NULL;
	}
	return REAL(close)(fd);
}

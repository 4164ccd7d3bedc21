/* See connection.h. SPDX-License-Identifier: Apache-2.0 */
#include "connection.h"

#include <errno.h>
#include <netinet/in.h>
#include <unistd.h>

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

/* The call that failed, with errno, or -1. */
static int configure_socket(int fd, const struct exchange_plan *plan)
{
	const int one = 1;
	uint32_t mark = (uint32_t)plan->mark;

	if (plan->mark >= 0 && setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) < 0)
		return CALL_SETSOCKOPT;
	if (plan->device.length &&
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, plan->device.data, plan->device.length) < 0)
		return CALL_SETSOCKOPT;
	if (!plan->source.length)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0)
		return CALL_SETSOCKOPT;
	/* A port chosen by bind would be taken from all destinations at once, one chosen by connect from its own only. */
	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one));
	return bind(fd, (const struct sockaddr *)plan->source.data, plan->source.length) < 0 ? CALL_BIND : -1;
}

int connection_open(const struct exchange_plan *plan, int *call)
{
	const struct sockaddr *address = (const struct sockaddr *)plan->address.data;
	int fd = socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	*call = CALL_SOCKET;
	if (fd < 0)
		return -1;
	*call = configure_socket(fd, plan);
	if (*call < 0) {
		*call = CALL_CONNECT;
		if (connect(fd, address, plan->address.length) == 0 || errno == EINPROGRESS)
			return fd;
	}
	int failure = errno;

	close(fd);
	errno = failure;
	return -1;
}

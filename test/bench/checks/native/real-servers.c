/*
 * Real servers that cost next to nothing: real-servers TCP_PORT HTTP_PORT COUNTER_FILE. On the first port connections are
 * accepted, on the second a request is answered with a page, and the connection closed. The file holds how many connections
 * there were on each (two uint64). SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE 1
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define BODY_BYTES 512
#define HTTP_BIT (1u << 31)     /* of an event's data: speaks HTTP */
#define LISTENING_BIT (1u << 30)

static int epoll;
static char page[1024];
static int page_bytes;

static void watch(int fd, uint32_t bits)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLRDHUP, .data.u32 = fd | bits };

	epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static void listen_on(int port, uint32_t bits)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 65535) < 0) {
		perror("listen");
		exit(1);
	}
	watch(fd, bits | LISTENING_BIT);
}

static void answer(int fd, uint32_t bits)
{
	char request[2048];
	ssize_t received = read(fd, request, sizeof(request));

	if (received > 0 && bits & HTTP_BIT) {
		if (write(fd, page, page_bytes) < 0)
			perror("write");
		shutdown(fd, SHUT_WR);
	} else if (received <= 0) {
		close(fd);
	}
}

int main(int count, char **words)
{
	struct epoll_event events[256];
	uint64_t *counters;
	int file;

	if (count != 4)
		return 2;
	signal(SIGPIPE, SIG_IGN);
	epoll = epoll_create1(0);
	file = open(words[3], O_RDWR | O_CREAT | O_TRUNC, 0644);
	if (file < 0 || ftruncate(file, 16) < 0)
		return 1;
	counters = mmap(NULL, 16, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	page_bytes = snprintf(page, sizeof(page),
			      "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\nConnection: close\r\n\r\n",
			      BODY_BYTES);
	memset(page + page_bytes, 'a', BODY_BYTES);
	page_bytes += BODY_BYTES;
	listen_on(atoi(words[1]), 0);
	listen_on(atoi(words[2]), HTTP_BIT);
	puts("ready");
	fflush(stdout);
	for (;;) {
		int ready = epoll_wait(epoll, events, 256, -1);

		for (int i = 0; i < ready; i++) {
			uint32_t bits = events[i].data.u32 & (HTTP_BIT | LISTENING_BIT);
			int fd = events[i].data.u32 & ~(HTTP_BIT | LISTENING_BIT), accepted;

			if (!(bits & LISTENING_BIT)) {
				answer(fd, bits);
				continue;
			}
			while ((accepted = accept4(fd, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
				counters[bits & HTTP_BIT ? 1 : 0]++;
				watch(accepted, bits & HTTP_BIT);
			}
		}
	}
}

/*
 * A cable between two network namespaces: delay-link NAMESPACE NAMESPACE MICROSECONDS. Each gets an interface lan0; packets
 * arrive at the other end that much later. Unlike with veth, the receiving side's work is not done by the sender.
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define PACKETS 32768

struct packet {
	int64_t due_ns;
	int to, length;
	uint8_t octets[1500];
};

static struct packet *queue;
static unsigned head, tail;

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static int open_end(const char *name)
{
	struct ifreq request = { .ifr_name = "lan0", .ifr_flags = IFF_TUN | IFF_NO_PI };
	char path[128];
	int namespace, fd;

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	namespace = open(path, O_RDONLY);
	if (setns(namespace, CLONE_NEWNET) < 0 || (fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK)) < 0 ||
	    ioctl(fd, TUNSETIFF, &request) < 0) {
		perror(name);
		exit(1);
	}
	close(namespace);
	return fd;
}

static void take_packets(int from, int to, int64_t due_ns)
{
	while (tail - head < PACKETS) {
		struct packet *packet = &queue[tail % PACKETS];

		packet->length = read(from, packet->octets, sizeof(packet->octets));
		if (packet->length <= 0)
			return;
		packet->due_ns = due_ns;
		packet->to = to;
		tail++;
	}
}

static void deliver_due(int64_t now)
{
	for (; head != tail && queue[head % PACKETS].due_ns <= now; head++) {
		struct packet *packet = &queue[head % PACKETS];

		/* An interface that is not up yet, or not any more, loses packets. */
		if (write(packet->to, packet->octets, packet->length) < 0)
			continue;
	}
}

int main(int count, char **words)
{
	struct pollfd ends[3];
	int64_t delay_ns;

	if (count != 4)
		return 2;
	queue = calloc(PACKETS, sizeof(*queue));
	for (int i = 0; i < 2; i++)
		ends[i] = (struct pollfd){ .fd = open_end(words[1 + i]), .events = POLLIN };
	ends[2] = (struct pollfd){ .fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK), .events = POLLIN };
	delay_ns = atoll(words[3]) * 1000;
	puts("ready");
	fflush(stdout);
	for (;;) {
		struct itimerspec when = { 0 };
		int64_t now, left;
		uint64_t expirations;

		poll(ends, 3, -1);
		now = now_ns();
		take_packets(ends[0].fd, ends[1].fd, now + delay_ns);
		take_packets(ends[1].fd, ends[0].fd, now + delay_ns);
		if (read(ends[2].fd, &expirations, sizeof(expirations)) < 0)
			expirations = 0;
		deliver_due(now_ns());
		if (head != tail) {
			left = queue[head % PACKETS].due_ns - now_ns();
			when.it_value.tv_nsec = left < 1000 ? 1000 : left;
		}
		timerfd_settime(ends[2].fd, 0, &when, NULL);
	}
}

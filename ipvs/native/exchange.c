/* See exchange.h. SPDX-License-Identifier: Apache-2.0 */
#include "exchange.h"

#include "deadlines.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

#define EVENTS_MAX 256
#define PIECE_BYTES 65536       /* received from one exchange at a time, so that none keeps the others waiting */
#define STALL_NS 20000000       /* a deadline that is found later than this finds a process that did not run */

enum state { FREE, FAILED_AT_ONCE, CONNECTING, RECEIVING };

struct exchange {
	enum state state;
	int fd, error, call;
	bool reset, extended;
	int64_t started_ns, timeout_ns;
	uint8_t *request;       /* kept for the next exchange of the slot */
	size_t length, sent, capacity;
};

struct exchanges {
	int epoll, active, failed_at_once, slots;
	struct exchange *exchange;      /* by slot */
	struct deadlines deadlines;
	struct words results;
	struct bytes arena;
	size_t arena_used;
	int rows;
};

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

bool exchanges_have_room(struct words results, struct bytes arena)
{
	return results.length >= 2 * RESULT_FIELDS && arena.length >= PIECE_BYTES;
}

struct exchanges *exchanges_open(struct words results, struct bytes arena)
{
	struct exchanges *all = calloc(1, sizeof(*all));

	if (!all)
		return NULL;
	all->results = results;
	all->arena = arena;
	all->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (all->epoll < 0) {
		free(all);
		return NULL;
	}
	return all;
}

void exchanges_close(struct exchanges *all)
{
	for (int slot = 0; slot < all->slots; slot++) {
		exchange_end(all, slot);
		free(all->exchange[slot].request);
	}
	deadlines_free(&all->deadlines);
	close(all->epoll);
	free(all->exchange);
	free(all);
}

int exchanges_descriptor(const struct exchanges *all)
{
	return all->epoll;
}

int exchanges_active(const struct exchanges *all)
{
	return all->active;
}

int exchanges_failed_at_once(const struct exchanges *all)
{
	return all->failed_at_once;
}

/* ---- begin and end ---- */

static bool has_slot(struct exchanges *all, int slot)
{
	struct exchange *grown;
	int slots;

	if (slot < all->slots)
		return true;
	slots = (slot | 255) + 1;
	if (!deadlines_reserve(&all->deadlines, slots))
		return false;
	grown = realloc(all->exchange, slots * sizeof(*grown));
	if (!grown)
		return false;
	memset(grown + all->slots, 0, (slots - all->slots) * sizeof(*grown));
	all->exchange = grown;
	all->slots = slots;
	return true;
}

static bool keep_request(struct exchange *exchange, struct bytes request)
{
	if (request.length > exchange->capacity) {
		uint8_t *grown = realloc(exchange->request, request.length);

		if (!grown)
			return false;
		exchange->request = grown;
		exchange->capacity = request.length;
	}
	if (request.length)
		memcpy(exchange->request, request.data, request.length);
	exchange->length = request.length;
	exchange->sent = 0;
	return true;
}

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

/* A non-blocking socket whose connection is under way, or -1 with errno and the call that failed. */
static int open_connection(const struct exchange_plan *plan, int *call)
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

static bool watch(struct exchanges *all, int slot, int operation, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.u32 = slot };

	return epoll_ctl(all->epoll, operation, all->exchange[slot].fd, &event) == 0;
}

static void fail_at_once(struct exchanges *all, struct exchange *exchange, int call)
{
	exchange->error = errno;
	exchange->call = call;
	exchange->state = FAILED_AT_ONCE;
	all->failed_at_once++;
}

bool exchange_start(struct exchanges *all, const struct exchange_plan *plan)
{
	struct exchange *exchange;
	int call;

	if (!has_slot(all, plan->slot))
		return false;
	exchange = &all->exchange[plan->slot];
	if (exchange->state != FREE || !keep_request(exchange, plan->request))
		return false;
	exchange->started_ns = now_ns();
	exchange->timeout_ns = plan->timeout_ms * 1000000LL;
	exchange->extended = false;
	exchange->reset = plan->reset;
	all->active++;
	exchange->fd = open_connection(plan, &call);
	if (exchange->fd < 0) {
		fail_at_once(all, exchange, call);
		return true;
	}
	if (!watch(all, plan->slot, EPOLL_CTL_ADD, EPOLLOUT)) {
		fail_at_once(all, exchange, CALL_SOCKET);
		close(exchange->fd);
		return true;
	}
	exchange->state = CONNECTING;
	deadlines_set(&all->deadlines, plan->slot, exchange->started_ns + exchange->timeout_ns);
	return true;
}

void exchange_end(struct exchanges *all, int slot)
{
	const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };
	struct exchange *exchange;

	if (slot < 0 || slot >= all->slots)
		return;
	exchange = &all->exchange[slot];
	if (exchange->state == FREE)
		return;
	if (exchange->state == FAILED_AT_ONCE) {
		all->failed_at_once--;
	} else {
		if (exchange->reset)
			setsockopt(exchange->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
		close(exchange->fd);
		deadlines_remove(&all->deadlines, slot);
	}
	exchange->state = FREE;
	all->active--;
}

/* ---- results ---- */

static bool has_room(const struct exchanges *all)
{
	/* An event may be both octets and an end. */
	return (size_t)(all->rows + 2) * RESULT_FIELDS <= all->results.length &&
	       all->arena_used + PIECE_BYTES <= all->arena.length;
}

static void tell(struct exchanges *all, int slot, int kind, int value, int detail)
{
	int32_t *row = all->results.data + all->rows++ * RESULT_FIELDS;

	row[RESULT_SLOT] = slot;
	row[RESULT_KIND] = kind;
	row[RESULT_VALUE] = value;
	row[RESULT_DETAIL] = detail;
	row[RESULT_MICROSECONDS] = (now_ns() - all->exchange[slot].started_ns) / 1000;
	if (kind != EXCHANGE_DATA && kind != EXCHANGE_END)
		exchange_end(all, slot);
}

static void on_connected(struct exchanges *all, int slot)
{
	struct exchange *exchange = &all->exchange[slot];

	if (exchange->length == 0) {
		tell(all, slot, EXCHANGE_CONNECTED, 0, 0);
		return;
	}
	while (exchange->sent < exchange->length) {
		ssize_t sent = send(exchange->fd, exchange->request + exchange->sent,
				    exchange->length - exchange->sent, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && errno == EAGAIN)
			return;
		if (sent < 0) {
			tell(all, slot, EXCHANGE_FAILED, errno, CALL_SEND);
			return;
		}
		exchange->sent += sent;
	}
	exchange->state = RECEIVING;
	if (!watch(all, slot, EPOLL_CTL_MOD, EPOLLIN | EPOLLRDHUP))
		tell(all, slot, EXCHANGE_FAILED, errno, CALL_SOCKET);
}

static void on_readable(struct exchanges *all, int slot, bool closed)
{
	struct exchange *exchange = &all->exchange[slot];
	ssize_t received;

	do
		received = recv(exchange->fd, all->arena.data + all->arena_used, PIECE_BYTES, 0);
	while (received < 0 && errno == EINTR);
	if (received > 0) {
		tell(all, slot, EXCHANGE_DATA, received, all->arena_used);
		all->arena_used += received;
		/* The end came with the last octets: it is told with them. */
		if (closed && received < PIECE_BYTES)
			received = recv(exchange->fd, &(char){ 0 }, 1, MSG_PEEK);
	}
	if (received == 0)
		tell(all, slot, EXCHANGE_END, 0, 0);
	else if (received < 0 && errno != EAGAIN && errno != EINTR)
		tell(all, slot, EXCHANGE_FAILED, errno, CALL_RECEIVE);
}

static void on_event(struct exchanges *all, const struct epoll_event *event)
{
	int slot = event->data.u32;
	struct exchange *exchange = &all->exchange[slot];

	if (exchange->state == CONNECTING) {
		int error = 0;
		socklen_t length = sizeof(error);

		if (event->events & (EPOLLERR | EPOLLHUP))
			getsockopt(exchange->fd, SOL_SOCKET, SO_ERROR, &error, &length);
		if (error)
			tell(all, slot, EXCHANGE_FAILED, error, CALL_CONNECT);
		else
			on_connected(all, slot);
	} else if (exchange->state == RECEIVING) {
		on_readable(all, slot, event->events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR));
	}
}

static void begin_rows(struct exchanges *all)
{
	all->rows = 0;
	all->arena_used = 0;
}

int exchanges_harvest(struct exchanges *all, bool *more)
{
	struct epoll_event events[EVENTS_MAX];
	int count;

	begin_rows(all);
	*more = true;
	for (int slot = 0; slot < all->slots && all->failed_at_once > 0; slot++) {
		struct exchange *exchange = &all->exchange[slot];

		if (exchange->state != FAILED_AT_ONCE)
			continue;
		if (!has_room(all))
			return all->rows;
		tell(all, slot, EXCHANGE_FAILED, exchange->error, exchange->call);
	}
	do {
		count = epoll_wait(all->epoll, events, EVENTS_MAX, 0);
		for (int i = 0; i < count; i++) {
			/* What there is no room for is still ready the next time. */
			if (!has_room(all))
				return all->rows;
			on_event(all, &events[i]);
		}
	} while (count == EVENTS_MAX);
	*more = false;
	return all->rows;
}

int exchanges_expire(struct exchanges *all, bool *more)
{
	int64_t now = now_ns();
	int slot;

	begin_rows(all);
	*more = false;
	while ((slot = deadlines_first(&all->deadlines)) >= 0 && deadlines_at(&all->deadlines, slot) <= now) {
		struct exchange *exchange = &all->exchange[slot];
		int64_t late = now - deadlines_at(&all->deadlines, slot);

		if (late >= STALL_NS && !exchange->extended) {
			exchange->extended = true;
			deadlines_set(&all->deadlines, slot, now + (late < exchange->timeout_ns ? late : exchange->timeout_ns));
			continue;
		}
		if (!has_room(all)) {
			*more = true;
			break;
		}
		tell(all, slot, EXCHANGE_DEADLINE, exchange->state == RECEIVING, 0);
	}
	return all->rows;
}

int64_t exchanges_next_deadline_ms(const struct exchanges *all)
{
	int slot = deadlines_first(&all->deadlines);
	int64_t left;

	if (slot < 0)
		return -1;
	left = deadlines_at(&all->deadlines, slot) - now_ns();
	return left <= 0 ? 0 : (left + 999999) / 1000000;
}

/* See exchange.h. SPDX-License-Identifier: Apache-2.0 */
#include "exchange.h"

#include "connection.h"
#include "exchange-state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define EVENTS_MAX 256
#define PIECE_BYTES 65536       /* received from one exchange at a time, so that none keeps the others waiting */
#define STALL_NS 20000000       /* a deadline that is found later than this finds a process that did not run */

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
	repeats_free(&all->repeats);
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
	return all->active + all->repeats.due.count;
}

int exchanges_failed_at_once(const struct exchanges *all)
{
	return all->failed_at_once;
}

/* ---- begin and end ---- */

bool exchange_has_slot(struct exchanges *all, int slot)
{
	struct exchange *grown;
	int slots;

	if (slot < all->slots)
		return true;
	slots = (slot | 255) + 1;
	if (!deadlines_reserve(&all->deadlines, slots) || !repeats_reserve(&all->repeats, slots))
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

	if (!exchange_has_slot(all, plan->slot))
		return false;
	exchange = &all->exchange[plan->slot];
	if (exchange->state != FREE || !keep_request(exchange, plan->request))
		return false;
	exchange->started_ns = monotonic_ns();
	exchange->timeout_ns = plan->timeout_ms * 1000000LL;
	exchange->extended = false;
	exchange->reset = plan->reset;
	all->active++;
	exchange->fd = connection_open(plan, &call);
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

/* The connection; what is repeated is repeated all the same. */
static void end_connection(struct exchanges *all, int slot)
{
	const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };
	struct exchange *exchange = &all->exchange[slot];

	if (exchange->state == FREE)
		return;
	if (repeats_has(&all->repeats, slot))
		all->repeating--;
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

void exchange_end(struct exchanges *all, int slot)
{
	if (slot < 0 || slot >= all->slots)
		return;
	end_connection(all, slot);
	repeats_remove(&all->repeats, slot);
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
	int64_t now = monotonic_ns();
	int64_t elapsed_ns = now - all->exchange[slot].started_ns;
	int32_t *row;

	if (kind == EXCHANGE_CONNECTED && repeats_has(&all->repeats, slot)) {
		end_connection(all, slot);
		repeats_passed(&all->repeats, slot, now, elapsed_ns);
		return;
	}
	row = all->results.data + all->rows++ * RESULT_FIELDS;
	row[RESULT_SLOT] = slot;
	row[RESULT_KIND] = kind;
	row[RESULT_VALUE] = value;
	row[RESULT_DETAIL] = detail;
	row[RESULT_MICROSECONDS] = elapsed_ns / 1000;
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
	*more = all->active > 0;
	if (!*more)
		return 0;
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
	int64_t now = monotonic_ns();
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

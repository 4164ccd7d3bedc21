/* What happened to exchanges: see exchange.h. SPDX-License-Identifier: Apache-2.0 */
#include "exchange-state.h"
#include "exchange-tls.h"

#include <errno.h>
#include <sys/epoll.h>

#define EVENTS_MAX 256
#define STALL_NS 20000000       /* a deadline that is found later than this finds a process that did not run */

static void on_connected(struct exchanges *all, int slot)
{
	struct exchange *exchange = &all->exchange[slot];

	if (exchange->length == 0) {
		exchange_tell(all, slot, EXCHANGE_CONNECTED, 0, 0);
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
			exchange_tell(all, slot, EXCHANGE_FAILED, errno, CALL_SEND);
			return;
		}
		exchange->sent += sent;
	}
	exchange->state = RECEIVING;
	if (!exchange_watch(all, slot, EPOLL_CTL_MOD, EPOLLIN | EPOLLRDHUP))
		exchange_tell(all, slot, EXCHANGE_FAILED, errno, CALL_SOCKET);
}

static void on_readable(struct exchanges *all, int slot, bool closed)
{
	struct exchange *exchange = &all->exchange[slot];
	ssize_t received;

	do
		received = recv(exchange->fd, all->arena.data + all->arena_used, PIECE_BYTES, 0);
	while (received < 0 && errno == EINTR);
	if (received > 0) {
		exchange_tell(all, slot, EXCHANGE_DATA, received, all->arena_used);
		all->arena_used += received;
		/* The end came with the last octets: it is told with them. */
		if (closed && received < PIECE_BYTES)
			received = recv(exchange->fd, &(char){ 0 }, 1, MSG_PEEK);
	}
	if (received == 0)
		exchange_tell(all, slot, EXCHANGE_END, 0, 0);
	else if (received < 0 && errno != EAGAIN && errno != EINTR)
		exchange_tell(all, slot, EXCHANGE_FAILED, errno, CALL_RECEIVE);
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
			exchange_tell(all, slot, EXCHANGE_FAILED, error, CALL_CONNECT);
		else if (exchange->ssl)
			exchange_tls_go_on(all, slot);
		else
			on_connected(all, slot);
	} else if (exchange->state == HANDSHAKING) {
		exchange_tls_go_on(all, slot);
	} else if (exchange->state == RECEIVING && exchange->ssl) {
		exchange_tls_readable(all, slot);
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
		if (!exchanges_have_room_left(all))
			return all->rows;
		exchange_tell(all, slot, EXCHANGE_FAILED, exchange->error, exchange->call);
	}
	for (int slot = 0; slot < all->slots && all->pending > 0; slot++) {
		if (!all->exchange[slot].pending)
			continue;
		if (!exchanges_have_room_left(all))
			return all->rows;
		all->exchange[slot].pending = false;
		all->pending--;
		exchange_tls_readable(all, slot);
	}
	do {
		count = epoll_wait(all->epoll, events, EVENTS_MAX, 0);
		for (int i = 0; i < count; i++) {
			/* What there is no room for is still ready the next time. */
			if (!exchanges_have_room_left(all))
				return all->rows;
			on_event(all, &events[i]);
		}
	} while (count == EVENTS_MAX);
	*more = false;
	return all->rows;
}

static int reached(const struct exchange *exchange)
{
	return exchange->state == RECEIVING ? REACHED_CONNECTION : exchange->state == HANDSHAKING ? REACHED_HANDSHAKE : 0;
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
		if (!exchanges_have_room_left(all)) {
			*more = true;
			break;
		}
		exchange_tell(all, slot, EXCHANGE_DEADLINE, reached(exchange), 0);
	}
	return all->rows;
}

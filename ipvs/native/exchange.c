/* See exchange.h. SPDX-License-Identifier: Apache-2.0 */
#include "exchange.h"

#include "connection.h"
#include "exchange-state.h"
#include "tls-session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

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
	exchange_tls_close(all);
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

int exchanges_waiting(const struct exchanges *all)
{
	return all->repeats.due.count;
}

int exchanges_failed_at_once(const struct exchanges *all)
{
	return all->failed_at_once;
}

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

bool exchange_watch(struct exchanges *all, int slot, int operation, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.u32 = slot };

	all->exchange[slot].watched = events;
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
	if (plan->tls && !exchange_tls_new(all, exchange, plan))
		return false;
	all->active++;
	exchange->fd = connection_open(plan, &call);
	if (exchange->fd < 0) {
		fail_at_once(all, exchange, call);
		return true;
	}
	if (!exchange_watch(all, plan->slot, EPOLL_CTL_ADD, EPOLLOUT)) {
		fail_at_once(all, exchange, CALL_SOCKET);
		close(exchange->fd);
		return true;
	}
	exchange->state = CONNECTING;
	deadlines_set(&all->deadlines, plan->slot, exchange->started_ns + exchange->timeout_ns);
	return true;
}

void exchange_end_connection(struct exchanges *all, int slot)
{
	const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };
	struct exchange *exchange = &all->exchange[slot];

	if (exchange->state == FREE)
		return;
	if (repeats_has(&all->repeats, slot))
		all->repeating--;
	if (exchange->pending)
		all->pending--;
	exchange->pending = false;
	if (exchange->ssl)
		exchange_tls_end(exchange);
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
	exchange_end_connection(all, slot);
	repeats_remove(&all->repeats, slot);
	repeats_forget(&all->repeats, slot);
}

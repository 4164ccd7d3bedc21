/* See listener.h. SPDX-License-Identifier: Apache-2.0 */
#include "listener.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* A look that finds older ones than that may have come too late for all of them. */
#define OLD_US 5000

/* What was received last. One for all listeners of a thread: whoever begins to read reads to the end. */
struct batch {
	struct listener *owner; /* NULL: all of it was read */
	int at, count;
	double read_ms;
	uint8_t data[BATCH_SLOTS * BATCH_SLOT_BYTES];
	uint8_t addresses[BATCH_SLOTS * ADDRESS_BYTES];
	int32_t info[BATCH_SLOTS * PACKET_INFO_FIELDS];
};

static _Thread_local struct batch *batch;
static _Thread_local int listeners;

/* ---- reading ---- */

/* linux/sock_diag.h: what has come while the buffer was full. */
static uint32_t count_drops(const struct listener *listener)
{
	uint32_t info[SK_MEMINFO_VARS] = { 0 };
	socklen_t length = sizeof(info);

	getsockopt(listener->fd, SOL_SOCKET, SO_MEMINFO, info, &length);
	return info[SK_MEMINFO_DROPS];
}

/*
 * When a packet came, on CLOCK_BOOTTIME. Its age is told by the kernel, on a wall clock that may have been set since: never before the
 * last look, which would have found it. Below 0: the kernel has not said, and it came now. So did the last of those that there was no room
 * for, as far as anybody knows: a full buffer keeps the oldest ones.
 */
static double arrived_ms(const struct listener *listener, int32_t age_us)
{
	double then_ms = batch->read_ms - age_us / 1e3;

	if (age_us < 0 || listener->lost_some)
		return batch->read_ms;
	return then_ms < listener->last_look_ms ? listener->last_look_ms : then_ms;
}

/* All that had come was read. */
static void looked(struct listener *listener)
{
	listener->last_look_ms = batch->read_ms;
	listener->lost_some = false;
}

static bool refill(struct listener *listener)
{
	struct mmsghdr messages[BATCH_SLOTS];
	_Alignas(struct cmsghdr) uint8_t control[BATCH_SLOTS * CONTROL_BYTES];
	struct timespec now;
	struct receive into = {
		.fd = listener->fd, .slots = BATCH_SLOTS, .flags = MSG_DONTWAIT,
		.data = { batch->data, sizeof(batch->data) }, .addresses = { batch->addresses, sizeof(batch->addresses) },
	};
	int received;
	bool is_old;

	memset(batch->addresses, 0, sizeof(batch->addresses));
	received = receive_batch(&into, messages, DESTINATION_OFFSET, control);
	clock_gettime(CLOCK_REALTIME, &now);
	batch->read_ms = boot_ms();
	/* None: EAGAIN, or an ICMP error that concerns something sent. */
	if (received <= 0) {
		looked(listener);
		return false;
	}
	for (int slot = 0; slot < received; slot++)
		tell_packet(batch->info + slot * PACKET_INFO_FIELDS,
			    batch->addresses + slot * ADDRESS_BYTES + DESTINATION_OFFSET, &messages[slot], &now);
	is_old = batch->info[INFO_AGE_US] > OLD_US;
	/* A full buffer fills a batch: what was lost before a look in time is no news to a later one. */
	if (is_old || received == BATCH_SLOTS) {
		uint32_t drops = count_drops(listener);

		listener->lost_some |= is_old && drops != listener->drops;
		listener->drops = drops;
	}
	batch->owner = listener;
	batch->at = 0;
	batch->count = received;
	listener->received += received;
	return true;
}

static struct known_packet *find_known(const struct listener *listener, int slot)
{
	const int32_t *info = batch->info + slot * PACKET_INFO_FIELDS;
	struct packet packet = {
		.data = batch->data + slot * BATCH_SLOT_BYTES, .addresses = batch->addresses + slot * ADDRESS_BYTES,
		.length = info[INFO_LENGTH], .hop_limit = info[INFO_HOP_LIMIT],
	};

	return info[INFO_FLAGS] & MSG_TRUNC ? NULL : known_find(&listener->known, &packet);
}

/* Of a flood: the event loop has other things to do. */
#define BATCHES_AT_ONCE 256

/* Goes to the next packet that is not known; false: all that had come was read, or so much that the rest has to wait. */
static bool next_stranger(struct listener *listener)
{
	for (int batches = 0;; batches++) {
		if (batch->owner == listener) {
			for (; batch->at < batch->count; batch->at++) {
				struct known_packet *known = find_known(listener, batch->at);

				if (!known)
					return true;
				known_count(&listener->known, known,
					    arrived_ms(listener, batch->info[batch->at * PACKET_INFO_FIELDS + INFO_AGE_US]));
			}
			batch->owner = NULL;
			if (batch->count < BATCH_SLOTS) {
				looked(listener);
				return false;
			}
		}
		if (batches == BATCHES_AT_ONCE || !refill(listener))
			return false;
	}
}

bool listener_next(struct listener *listener, struct stranger *stranger)
{
	if (!next_stranger(listener))
		return false;
	stranger->data = batch->data + batch->at * BATCH_SLOT_BYTES;
	stranger->addresses = batch->addresses + batch->at * ADDRESS_BYTES;
	stranger->info = batch->info + batch->at * PACKET_INFO_FIELDS;
	stranger->arrived_ms = arrived_ms(listener, stranger->info[INFO_AGE_US]);
	return true;
}

bool listener_pass(struct listener *listener)
{
	return ++batch->at < batch->count && !find_known(listener, batch->at);
}

/* ---- waking ---- */

/* Strangers are for JavaScript to read. Answers how many packets there were. */
static int look(struct listener *listener)
{
	napi_env env = listener->env;
	napi_handle_scope scope;
	napi_value callback, receiver, error, ignored;

	listener->received = 0;
	if (!next_stranger(listener) || napi_open_handle_scope(env, &scope) != napi_ok)
		return listener->received;
	if (napi_get_reference_value(env, listener->callback, &callback) == napi_ok &&
	    napi_get_global(env, &receiver) == napi_ok &&
	    napi_make_callback(env, NULL, receiver, callback, 0, NULL, &ignored) == napi_pending_exception &&
	    napi_get_and_clear_last_exception(env, &error) == napi_ok)
		napi_fatal_exception(env, error);
	napi_close_handle_scope(env, scope);
	return listener->received;
}

static void on_readable(uv_poll_t *poll, int status, int events);

static void on_time_to_look(uv_timer_t *timer)
{
	struct listener *listener = timer->data;
	int packets = look(listener);

	if (!listener->listens)
		return;
	if (pace_looked(&listener->pace, packets))
		uv_timer_start(timer, on_time_to_look, listener->pace.look_ms, 0);
	else
		uv_poll_start(&listener->poll, UV_READABLE, on_readable);
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct listener *listener = poll->data;

	(void)events;
	/* libuv stops when epoll reports an error on the socket, which is received like anything else (descriptors.c). */
	if (status == UV_EBADF)
		uv_poll_start(poll, UV_READABLE, on_readable);
	look(listener);
	if (!listener->listens || !pace_arrived(&listener->pace, uv_now(poll->loop)))
		return;
	uv_poll_stop(poll);
	uv_timer_start(&listener->timer, on_time_to_look, listener->pace.look_ms, 0);
}

int listener_start(struct listener *listener, int look_ms)
{
	listener->pace.look_ms = look_ms;
	if (listener->listens)
		return 0;
	listener->listens = true;
	return uv_poll_start(&listener->poll, UV_READABLE, on_readable);
}

void listener_stop(struct listener *listener)
{
	listener->listens = false;
	uv_poll_stop(&listener->poll);
	uv_timer_stop(&listener->timer);
}

/* ---- beginning and end ---- */

static void on_handle_closed(uv_handle_t *handle)
{
	struct listener *listener = handle->data;

	if (--listener->closing > 0)
		return;
	napi_remove_async_cleanup_hook(listener->cleanup);
	known_free(&listener->known);
	if (listener->collected)
		free(listener);
}

void listener_collect(struct listener *listener)
{
	listener->collected = true;
	if (listener->closed && listener->closing == 0)
		free(listener);
}

void listener_end(struct listener *listener)
{
	if (listener->closed)
		return;
	listener->closed = true;
	listener_stop(listener);
	listener->closing = 2;
	uv_close((uv_handle_t *)&listener->poll, on_handle_closed);
	uv_close((uv_handle_t *)&listener->timer, on_handle_closed);
	napi_delete_reference(listener->env, listener->callback);
	if (batch->owner == listener)
		batch->owner = NULL;
	if (--listeners > 0)
		return;
	free(batch);
	batch = NULL;
}

static void on_environment_end(napi_async_cleanup_hook_handle handle, void *data)
{
	(void)handle;
	listener_end(data);
}

int listener_open(struct listener *listener)
{
	uv_loop_t *loop;
	int failure;

	if (!batch && !(batch = calloc(1, sizeof(*batch))))
		return -ENOMEM;
	if (napi_get_uv_event_loop(listener->env, &loop) != napi_ok)
		return -EINVAL;
	failure = uv_poll_init(loop, &listener->poll, listener->fd);
	if (failure < 0)
		return failure;
	uv_timer_init(loop, &listener->timer);
	listener->poll.data = listener->timer.data = listener;
	listener->last_look_ms = boot_ms();
	listener->drops = count_drops(listener);
	napi_add_async_cleanup_hook(listener->env, on_environment_end, listener, &listener->cleanup);
	listeners++;
	return 0;
}

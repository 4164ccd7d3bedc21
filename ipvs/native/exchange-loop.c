/* See exchange-loop.h. SPDX-License-Identifier: Apache-2.0 */
#include "exchange-loop.h"

#include <stdlib.h>

static void on_handle_closed(uv_handle_t *handle)
{
	struct engine *engine = handle->data;

	if (--engine->closing > 0)
		return;
	napi_remove_async_cleanup_hook(engine->cleanup);
	free(engine);
}

void engine_close(struct engine *engine)
{
	if (engine->closed)
		return;
	engine->closed = true;
	engine->closing = 2;
	uv_close((uv_handle_t *)&engine->poll, on_handle_closed);
	uv_close((uv_handle_t *)&engine->timer, on_handle_closed);
	exchanges_close(engine->exchanges);
	napi_delete_reference(engine->env, engine->results);
	napi_delete_reference(engine->env, engine->arena);
	napi_delete_reference(engine->env, engine->callback);
}

static void on_environment_end(napi_async_cleanup_hook_handle handle, void *data)
{
	(void)handle;
	engine_close(data);
}

static void on_timer(uv_timer_t *timer);

void engine_watch_over(struct engine *engine)
{
	int64_t next_ns = exchanges_next_ns(engine->exchanges);
	/* The loop's clock is CLOCK_MONOTONIC in whole milliseconds: a millisecond that has begun is the one after. */
	int64_t at_ms = (next_ns + 999999) / 1000000;
	int64_t delay_ms = at_ms - (int64_t)uv_now(engine->timer.loop);

	if (exchanges_active(engine->exchanges) + exchanges_waiting(engine->exchanges) > 0)
		uv_ref((uv_handle_t *)&engine->poll);
	else
		uv_unref((uv_handle_t *)&engine->poll);
	/* One that is armed too early finds nothing to do, which is cheaper than arming it for each exchange. */
	if (next_ns < 0 || (engine->armed_at_ms >= 0 && engine->armed_at_ms <= at_ms))
		return;
	engine->armed_at_ms = at_ms;
	uv_timer_start(&engine->timer, on_timer, delay_ms < 0 ? 0 : delay_ms, 0);
}

static void call_back(struct engine *engine, int rows)
{
	napi_env env = engine->env;
	napi_handle_scope scope;
	napi_value callback, receiver, argument, ignored;

	if (rows == 0 || napi_open_handle_scope(env, &scope) != napi_ok)
		return;
	if (napi_get_reference_value(env, engine->callback, &callback) == napi_ok &&
	    napi_get_global(env, &receiver) == napi_ok && napi_create_int32(env, rows, &argument) == napi_ok &&
	    napi_make_callback(env, NULL, receiver, callback, 1, &argument, &ignored) == napi_pending_exception) {
		napi_value error;

		if (napi_get_and_clear_last_exception(env, &error) == napi_ok)
			napi_fatal_exception(env, error);
	}
	napi_close_handle_scope(env, scope);
}

/* What passed before, too, and first: a slot is its own until its end is told. */
static void tell(struct engine *engine, int rows)
{
	if (rows > 0 && exchanges_have_passes_to_tell(engine->exchanges))
		call_back(engine, CALLBACK_PASSES);
	if (!engine->closed)
		call_back(engine, rows);
}

/*
 * What the callback starts may be over at once: without a bound, a process that cannot keep up would never come back to its event loop.
 * The callback may close the engine, whose memory stays until its handles are closed.
 */
void engine_deliver(struct engine *engine, int results)
{
	bool more = true;

	while (!engine->closed && more && results > 0) {
		int rows = exchanges_harvest(engine->exchanges, &more);

		tell(engine, rows);
		results -= rows;
	}
}

static void go_on(struct engine *engine)
{
	if (!engine->closed)
		exchanges_start_due(engine->exchanges);
	if (!engine->closed)
		engine_deliver(engine, exchanges_failed_at_once(engine->exchanges));
	if (!engine->closed && exchanges_have_passes_to_tell(engine->exchanges))
		call_back(engine, CALLBACK_PASSES);
	if (!engine->closed)
		engine_watch_over(engine);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct engine *engine = poll->data;

	(void)status;
	(void)events;
	/* What is left makes the next poll return at once. */
	engine_deliver(engine, 1);
	go_on(engine);
}

static void on_timer(uv_timer_t *timer)
{
	struct engine *engine = timer->data;
	bool more = true;

	engine->armed_at_ms = -1;
	/* What has arrived counts, however late it is found: the oldest come first, so that these are all that may be due. */
	engine_deliver(engine, exchanges_active(engine->exchanges));
	while (!engine->closed && more)
		tell(engine, exchanges_expire(engine->exchanges, &more));
	go_on(engine);
}

bool engine_open(struct engine *engine)
{
	uv_loop_t *loop;

	engine->armed_at_ms = -1;
	if (napi_get_uv_event_loop(engine->env, &loop) != napi_ok ||
	    uv_poll_init(loop, &engine->poll, exchanges_descriptor(engine->exchanges)) != 0)
		return false;
	uv_timer_init(loop, &engine->timer);
	engine->poll.data = engine->timer.data = engine;
	uv_poll_start(&engine->poll, UV_READABLE, on_poll);
	uv_unref((uv_handle_t *)&engine->poll);
	uv_unref((uv_handle_t *)&engine->timer);
	napi_add_async_cleanup_hook(engine->env, on_environment_end, engine, &engine->cleanup);
	return true;
}

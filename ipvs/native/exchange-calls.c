/*
 * The calls of exchange.h for JavaScript, driven by the event loop: one callback per wake-up, with all that happened.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "exchange.h"

#include <errno.h>
#include <stdlib.h>
#include <uv.h>

/* A row of what to start. Offsets are into the memory, from PLAN_BASE on; a length of 0 means none. */
enum {
	PLAN_SLOT, PLAN_TIMEOUT_MS, PLAN_BASE, PLAN_FLAGS, PLAN_MARK, PLAN_ADDRESS, PLAN_ADDRESS_LENGTH, PLAN_SOURCE,
	PLAN_SOURCE_LENGTH, PLAN_DEVICE, PLAN_DEVICE_LENGTH, PLAN_REQUEST, PLAN_REQUEST_LENGTH, PLAN_FIELDS
};
enum { FLAG_MARK = 1, FLAG_RESET = 2 };

struct engine {
	napi_env env;
	struct exchanges *exchanges;
	napi_ref results, arena, callback;
	napi_async_cleanup_hook_handle cleanup;
	uv_poll_t poll;
	uv_timer_t timer;
	int64_t armed_at; /* of the event loop's clock; below 0: not at all */
	int closing;      /* handles still to be closed */
	bool closed;
};

static struct engine *get_engine(napi_env env, napi_value value)
{
	struct engine *engine = NULL;

	if (napi_get_value_external(env, value, (void **)&engine) != napi_ok || !engine || engine->closed) {
		napi_throw_type_error(env, "ERR_INVALID_ARG_VALUE", "these exchanges are closed");
		return NULL;
	}
	return engine;
}

/* ---- the event loop ---- */

static void on_handle_closed(uv_handle_t *handle)
{
	struct engine *engine = handle->data;

	if (--engine->closing > 0)
		return;
	napi_remove_async_cleanup_hook(engine->cleanup);
	free(engine);
}

static void close_engine(struct engine *engine)
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
	close_engine(data);
}

static void on_timer(uv_timer_t *timer);

/* What is under way keeps the event loop alive, and is looked at when its deadline comes. */
static void watch_over(struct engine *engine)
{
	int64_t delay_ms = exchanges_next_deadline_ms(engine->exchanges);
	int64_t at = delay_ms + (int64_t)uv_now(engine->timer.loop);

	if (exchanges_active(engine->exchanges) > 0)
		uv_ref((uv_handle_t *)&engine->poll);
	else
		uv_unref((uv_handle_t *)&engine->poll);
	/* One that is armed too early finds nothing to do, which is cheaper than arming it for each exchange. */
	if (delay_ms < 0 || (engine->armed_at >= 0 && engine->armed_at <= at))
		return;
	engine->armed_at = at;
	uv_timer_start(&engine->timer, on_timer, delay_ms, 0);
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

/*
 * Tells what has happened until so many results are told or none is left. What the callback starts may be over at once: without a
 * bound, a process that cannot keep up would never come back to its event loop. The callback may close the engine, whose memory stays
 * until its handles are closed.
 */
static void deliver(struct engine *engine, int results)
{
	bool more = true;

	while (!engine->closed && more && results > 0) {
		int rows = exchanges_harvest(engine->exchanges, &more);

		call_back(engine, rows);
		results -= rows;
	}
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct engine *engine = poll->data;

	(void)status;
	(void)events;
	/* What is left makes the next poll return at once. */
	deliver(engine, 1);
	if (!engine->closed)
		watch_over(engine);
}

static void on_timer(uv_timer_t *timer)
{
	struct engine *engine = timer->data;
	bool more = true;

	engine->armed_at = -1;
	/* What has arrived counts, however late it is found: the oldest come first, so that these are all that may be due. */
	deliver(engine, exchanges_active(engine->exchanges));
	while (!engine->closed && more)
		call_back(engine, exchanges_expire(engine->exchanges, &more));
	if (!engine->closed)
		watch_over(engine);
}

/* ---- calls ---- */

static bool get_reference(napi_env env, napi_value value, napi_ref *out)
{
	return napi_create_reference(env, value, 1, out) == napi_ok;
}

/* openExchanges(results, arena, callback): what the other calls take; callback(rows) when something has happened. */
static napi_value open_exchanges(napi_env env, napi_callback_info info)
{
	napi_value values[3], external;
	struct words results;
	struct bytes arena;
	napi_valuetype type;
	struct engine *engine;
	uv_loop_t *loop;

	if (!get_arguments(env, info, 3, values) || !get_words(env, values[0], "results", &results) ||
	    !get_bytes(env, values[1], "arena", &arena))
		return NULL;
	if (napi_typeof(env, values[2], &type) != napi_ok || type != napi_function) {
		napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", "callback must be a function");
		return NULL;
	}
	if (!exchanges_have_room(results, arena)) {
		napi_throw_range_error(env, "ERR_OUT_OF_RANGE", "results or arena are too small");
		return NULL;
	}
	engine = calloc(1, sizeof(*engine));
	if (!engine || !(engine->exchanges = exchanges_open(results, arena))) {
		free(engine);
		napi_throw_error(env, NULL, "no memory or no descriptor for exchanges");
		return NULL;
	}
	engine->env = env;
	engine->armed_at = -1;
	if (napi_get_uv_event_loop(env, &loop) != napi_ok ||
	    napi_create_external(env, engine, NULL, NULL, &external) != napi_ok ||
	    uv_poll_init(loop, &engine->poll, exchanges_descriptor(engine->exchanges)) != 0) {
		exchanges_close(engine->exchanges);
		free(engine);
		napi_throw_error(env, NULL, "the event loop does not take the exchanges");
		return NULL;
	}
	uv_timer_init(loop, &engine->timer);
	engine->poll.data = engine->timer.data = engine;
	uv_poll_start(&engine->poll, UV_READABLE, on_poll);
	uv_unref((uv_handle_t *)&engine->poll);
	uv_unref((uv_handle_t *)&engine->timer);
	get_reference(env, values[0], &engine->results);
	get_reference(env, values[1], &engine->arena);
	get_reference(env, values[2], &engine->callback);
	napi_add_async_cleanup_hook(env, on_environment_end, engine, &engine->cleanup);
	return external;
}

/* The part of the memory that two fields of a row name; false when it is none. */
static bool get_part(const struct bytes *memory, const int32_t *row, int field, struct bytes *out)
{
	int64_t offset = (int64_t)row[PLAN_BASE] + row[field];
	int64_t length = row[field + 1];

	if (row[PLAN_BASE] < 0 || row[field] < 0 || length < 0 || offset + length > (int64_t)memory->length)
		return false;
	out->data = memory->data + offset;
	out->length = length;
	return true;
}

static bool read_plan(const struct bytes *memory, const int32_t *row, struct exchange_plan *plan)
{
	plan->slot = row[PLAN_SLOT];
	plan->timeout_ms = row[PLAN_TIMEOUT_MS];
	plan->mark = row[PLAN_FLAGS] & FLAG_MARK ? (int64_t)(uint32_t)row[PLAN_MARK] : -1;
	plan->reset = row[PLAN_FLAGS] & FLAG_RESET;
	return plan->slot >= 0 && plan->slot < EXCHANGE_SLOTS_MAX && plan->timeout_ms >= 0 &&
	       get_part(memory, row, PLAN_ADDRESS, &plan->address) && get_part(memory, row, PLAN_SOURCE, &plan->source) &&
	       get_part(memory, row, PLAN_DEVICE, &plan->device) && get_part(memory, row, PLAN_REQUEST, &plan->request) &&
	       plan->address.length >= sizeof(sa_family_t);
}

/*
 * startExchanges(exchanges, table, memory, count): how many results are there already, to be fetched with
 * harvestExchanges; -ENOMEM.
 */
static napi_value start_exchanges(napi_env env, napi_callback_info info)
{
	napi_value values[4];
	struct engine *engine;
	struct words table;
	struct bytes memory;
	struct exchange_plan plan;
	int count;

	if (!get_arguments(env, info, 4, values) || !(engine = get_engine(env, values[0])) ||
	    !get_words(env, values[1], "table", &table) || !get_bytes(env, values[2], "memory", &memory) ||
	    !get_int(env, values[3], "count", &count))
		return NULL;
	if (count < 0 || (size_t)count > table.length / PLAN_FIELDS) {
		napi_throw_range_error(env, "ERR_OUT_OF_RANGE", "count must fit the table");
		return NULL;
	}
	for (int i = 0; i < count; i++) {
		if (!read_plan(&memory, table.data + i * PLAN_FIELDS, &plan)) {
			napi_throw_range_error(env, "ERR_OUT_OF_RANGE", "a row of the table points beyond memory");
			return NULL;
		}
		if (!exchange_start(engine->exchanges, &plan))
			return number(env, -ENOMEM);
	}
	watch_over(engine);
	return number(env, exchanges_failed_at_once(engine->exchanges));
}

/* endExchanges(exchanges, slots, count): ends these at once, without a result; those that are over are left alone. */
static napi_value end_exchanges(napi_env env, napi_callback_info info)
{
	napi_value values[3];
	struct engine *engine;
	struct words slots;
	int count;

	if (!get_arguments(env, info, 3, values) || !(engine = get_engine(env, values[0])) ||
	    !get_words(env, values[1], "slots", &slots) || !get_int(env, values[2], "count", &count))
		return NULL;
	for (int i = 0; i < count && (size_t)i < slots.length; i++)
		exchange_end(engine->exchanges, slots.data[i]);
	watch_over(engine);
	return number(env, 0);
}

/* harvestExchanges(exchanges): tells what has happened, through the callback; how many that failed at once are still to be told. */
static napi_value harvest_exchanges(napi_env env, napi_callback_info info)
{
	napi_value value;
	struct engine *engine;

	if (!get_arguments(env, info, 1, &value) || !(engine = get_engine(env, value)))
		return NULL;
	deliver(engine, 1);
	if (engine->closed)
		return number(env, 0);
	watch_over(engine);
	return number(env, exchanges_failed_at_once(engine->exchanges));
}

/* closeExchanges(exchanges): ends everything without a result; no callback comes after it. */
static napi_value close_exchanges(napi_env env, napi_callback_info info)
{
	napi_value value;
	struct engine *engine;

	if (!get_arguments(env, info, 1, &value) || !(engine = get_engine(env, value)))
		return NULL;
	close_engine(engine);
	return number(env, 0);
}

bool define_exchange_functions(napi_env env, napi_value exports)
{
	return define_function(env, exports, "openExchanges", open_exchanges) &&
	       define_function(env, exports, "startExchanges", start_exchanges) &&
	       define_function(env, exports, "endExchanges", end_exchanges) &&
	       define_function(env, exports, "harvestExchanges", harvest_exchanges) &&
	       define_function(env, exports, "closeExchanges", close_exchanges);
}

/* The calls of exchange.h for JavaScript. SPDX-License-Identifier: Apache-2.0 */
#include "exchange-loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A row of what to start. Offsets are into the memory, from PLAN_BASE on; a length of 0 means none. */
enum {
	PLAN_SLOT, PLAN_TIMEOUT_MS, PLAN_BASE, PLAN_FLAGS, PLAN_MARK, PLAN_ADDRESS, PLAN_ADDRESS_LENGTH, PLAN_SOURCE,
	PLAN_SOURCE_LENGTH, PLAN_DEVICE, PLAN_DEVICE_LENGTH, PLAN_REQUEST, PLAN_REQUEST_LENGTH, PLAN_EVERY_MS, PLAN_GRID_US,
	PLAN_SERVER_NAME, PLAN_SERVER_NAME_LENGTH, PLAN_FIELDS
};
enum { FLAG_MARK = 1, FLAG_RESET = 2, FLAG_TLS = 4, FLAG_COMPLIANT = 8 };

static struct engine *get_engine(napi_env env, napi_value value)
{
	struct engine *engine = NULL;

	if (napi_get_value_external(env, value, (void **)&engine) != napi_ok || !engine || engine->closed) {
		napi_throw_type_error(env, "ERR_INVALID_ARG_VALUE", "these exchanges are closed");
		return NULL;
	}
	return engine;
}

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

	if (!get_arguments(env, info, 3, values) || !get_words(env, values[0], "results", &results) ||
	    !get_bytes(env, values[1], "arena", &arena))
		return NULL;
	if (napi_typeof(env, values[2], &type) != napi_ok || type != napi_function) {
		throw_type(env, "callback", "a function");
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
	if (napi_create_external(env, engine, NULL, NULL, &external) != napi_ok || !engine_open(engine)) {
		exchanges_close(engine->exchanges);
		free(engine);
		napi_throw_error(env, NULL, "the event loop does not take the exchanges");
		return NULL;
	}
	get_reference(env, values[0], &engine->results);
	get_reference(env, values[1], &engine->arena);
	get_reference(env, values[2], &engine->callback);
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
	plan->every_ms = row[PLAN_EVERY_MS];
	plan->grid_us = row[PLAN_GRID_US];
	plan->timeout_ms = row[PLAN_TIMEOUT_MS];
	plan->mark = row[PLAN_FLAGS] & FLAG_MARK ? (int64_t)(uint32_t)row[PLAN_MARK] : -1;
	plan->reset = row[PLAN_FLAGS] & FLAG_RESET;
	plan->tls = row[PLAN_FLAGS] & FLAG_TLS;
	plan->compliant = row[PLAN_FLAGS] & FLAG_COMPLIANT;
	return plan->slot >= 0 && plan->slot < EXCHANGE_SLOTS_MAX && plan->timeout_ms >= 0 &&
	       plan->every_ms >= 0 && plan->grid_us >= 0 &&
	       get_part(memory, row, PLAN_ADDRESS, &plan->address) && get_part(memory, row, PLAN_SOURCE, &plan->source) &&
	       get_part(memory, row, PLAN_DEVICE, &plan->device) && get_part(memory, row, PLAN_REQUEST, &plan->request) &&
	       get_part(memory, row, PLAN_SERVER_NAME, &plan->server_name) &&
	       (plan->server_name.length == 0 || plan->server_name.data[plan->server_name.length - 1] == 0) &&
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
		if (!(plan.every_ms > 0 ? exchange_repeat : exchange_start)(engine->exchanges, &plan))
			return number(env, -ENOMEM);
	}
	engine_watch_over(engine);
	return number(env, exchanges_failed_at_once(engine->exchanges));
}

static bool get_slots(napi_env env, napi_callback_info info, struct engine **engine, struct words *slots)
{
	napi_value values[3];
	int count;

	if (!get_arguments(env, info, 3, values) || !(*engine = get_engine(env, values[0])) ||
	    !get_words(env, values[1], "slots", slots) || !get_int(env, values[2], "count", &count))
		return false;
	if (count < 0 || (size_t)count > slots->length) {
		napi_throw_range_error(env, "ERR_OUT_OF_RANGE", "count must fit the slots");
		return false;
	}
	slots->length = count;
	return true;
}

/* endExchanges(exchanges, slots, count): ends these at once, without a result; those that are over are left alone. */
static napi_value end_exchanges(napi_env env, napi_callback_info info)
{
	struct engine *engine;
	struct words slots;

	if (!get_slots(env, info, &engine, &slots))
		return NULL;
	for (size_t i = 0; i < slots.length; i++)
		exchange_end(engine->exchanges, slots.data[i]);
	engine_watch_over(engine);
	return number(env, 0);
}

/* expediteExchanges(exchanges, slots, count): repeats these now, if they wait. */
static napi_value expedite_exchanges(napi_env env, napi_callback_info info)
{
	struct engine *engine;
	struct words slots;

	if (!get_slots(env, info, &engine, &slots))
		return NULL;
	for (size_t i = 0; i < slots.length; i++)
		exchange_expedite(engine->exchanges, slots.data[i]);
	engine_watch_over(engine);
	return number(env, 0);
}

/* The next of the C strings, or NULL. */
static const char *next_string(struct bytes *strings)
{
	const char *string = (const char *)strings->data;
	const uint8_t *end = memchr(strings->data, 0, strings->length);

	if (!end)
		return NULL;
	strings->length -= end + 1 - strings->data;
	strings->data = (uint8_t *)end + 1;
	return string;
}

/* prepareTls(exchanges, lowest version, C strings one after the other: ciphers, cipher suites of TLS 1.3, groups): -ENOTSUP. */
static napi_value prepare_tls(napi_env env, napi_callback_info info)
{
	napi_value values[3];
	struct engine *engine;
	struct bytes strings;
	struct tls_settings settings;

	if (!get_arguments(env, info, 3, values) || !(engine = get_engine(env, values[0])) ||
	    !get_int(env, values[1], "minVersion", &settings.min_version) || !get_bytes(env, values[2], "strings", &strings))
		return NULL;
	if (!(settings.ciphers = next_string(&strings)) || !(settings.cipher_suites = next_string(&strings)) ||
	    !(settings.groups = next_string(&strings))) {
		napi_throw_range_error(env, "ERR_OUT_OF_RANGE", "three strings that end with zero are needed");
		return NULL;
	}
	return number(env, exchanges_prepare_tls(engine->exchanges, &settings));
}

/* prepareRepeats(exchanges, at most so many under way, microseconds since a moment of the coarsest grid). */
static napi_value prepare_repeats(napi_env env, napi_callback_info info)
{
	napi_value values[3];
	struct engine *engine;
	int at_most, phase_us;

	if (!get_arguments(env, info, 3, values) || !(engine = get_engine(env, values[0])) ||
	    !get_int(env, values[1], "atMost", &at_most) || !get_int(env, values[2], "phaseUs", &phase_us))
		return NULL;
	exchanges_prepare_repeats(engine->exchanges, at_most, phase_us);
	return number(env, 0);
}

/* readPasses(exchanges, rows): how many rows of {slot, microseconds, age in ms}; to be called again if it fills them all. */
static napi_value read_passes(napi_env env, napi_callback_info info)
{
	napi_value values[2];
	struct engine *engine;
	struct words rows;

	if (!get_arguments(env, info, 2, values) || !(engine = get_engine(env, values[0])) ||
	    !get_words(env, values[1], "rows", &rows))
		return NULL;
	return number(env, exchanges_read_passes(engine->exchanges, rows));
}

/* readLateness(exchanges, words): {runs, maximum, mean in microseconds} of the starts of repeated ones since the last call. */
static napi_value read_lateness(napi_env env, napi_callback_info info)
{
	napi_value values[2];
	struct engine *engine;
	struct words out;
	struct repeat_lateness late;

	if (!get_arguments(env, info, 2, values) || !(engine = get_engine(env, values[0])) ||
	    !get_words(env, values[1], "words", &out))
		return NULL;
	if (out.length < 3) {
		napi_throw_range_error(env, "ERR_OUT_OF_RANGE", "three words are needed");
		return NULL;
	}
	late = exchanges_read_lateness(engine->exchanges);
	out.data[0] = late.runs;
	out.data[1] = late.max_ns / 1000;
	out.data[2] = late.runs ? late.sum_ns / late.runs / 1000 : 0;
	return number(env, 0);
}

/* harvestExchanges(exchanges): tells what has happened, through the callback; how many that failed at once are still to be told. */
static napi_value harvest_exchanges(napi_env env, napi_callback_info info)
{
	napi_value value;
	struct engine *engine;

	if (!get_arguments(env, info, 1, &value) || !(engine = get_engine(env, value)))
		return NULL;
	engine_deliver(engine, 1);
	if (engine->closed)
		return number(env, 0);
	engine_watch_over(engine);
	return number(env, exchanges_failed_at_once(engine->exchanges));
}

/* closeExchanges(exchanges): ends everything without a result; no callback comes after it. */
static napi_value close_exchanges(napi_env env, napi_callback_info info)
{
	napi_value value;
	struct engine *engine;

	if (!get_arguments(env, info, 1, &value) || !(engine = get_engine(env, value)))
		return NULL;
	engine_close(engine);
	return number(env, 0);
}

bool define_exchange_functions(napi_env env, napi_value exports)
{
	return define_function(env, exports, "openExchanges", open_exchanges) &&
	       define_function(env, exports, "startExchanges", start_exchanges) &&
	       define_function(env, exports, "endExchanges", end_exchanges) &&
	       define_function(env, exports, "harvestExchanges", harvest_exchanges) &&
	       define_function(env, exports, "prepareTls", prepare_tls) &&
	       define_function(env, exports, "prepareRepeats", prepare_repeats) &&
	       define_function(env, exports, "expediteExchanges", expedite_exchanges) &&
	       define_function(env, exports, "readPasses", read_passes) &&
	       define_function(env, exports, "readLateness", read_lateness) &&
	       define_function(env, exports, "closeExchanges", close_exchanges);
}

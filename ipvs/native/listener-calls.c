/* The calls of listener.h for JavaScript. SPDX-License-Identifier: Apache-2.0 */
#include "listener.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct listener *get_listener(napi_env env, napi_value value)
{
	struct listener *listener = NULL;

	if (napi_get_value_external(env, value, (void **)&listener) != napi_ok || !listener || listener->closed) {
		napi_throw_type_error(env, "ERR_INVALID_ARG_VALUE", "this listener is closed");
		return NULL;
	}
	return listener;
}

static void on_collected(napi_env env, void *data, void *hint)
{
	(void)env;
	(void)hint;
	listener_collect(data);
}

/* openListener(fd, keyAt, callback): what the other calls take, or -errno; callback() when there are strangers to be heard. */
static napi_value open_listener(napi_env env, napi_callback_info info)
{
	napi_value values[3], external;
	napi_valuetype type;
	struct listener *listener;
	int fd, key_at, failure;

	if (!get_arguments(env, info, 3, values) || !get_int(env, values[0], "fd", &fd) ||
	    !get_int(env, values[1], "keyAt", &key_at))
		return NULL;
	if (napi_typeof(env, values[2], &type) != napi_ok || type != napi_function) {
		throw_type(env, "callback", "a function");
		return NULL;
	}
	if (key_at < 0)
		return number(env, -EINVAL);
	listener = calloc(1, sizeof(*listener));
	if (!listener || napi_create_external(env, listener, on_collected, NULL, &external) != napi_ok) {
		free(listener);
		return number(env, -ENOMEM);
	}
	*listener = (struct listener){ .env = env, .fd = fd, .known.key_at = key_at };
	napi_create_reference(env, values[2], 1, &listener->callback);
	failure = listener_open(listener);
	if (failure < 0) {
		napi_delete_reference(env, listener->callback);
		listener->closed = true;
		return number(env, failure);
	}
	return external;
}

/* startListening(listener, lookMs): strangers are told from now on. */
static napi_value start_listening(napi_env env, napi_callback_info info)
{
	napi_value values[2];
	struct listener *listener;
	int look_ms;

	if (!get_arguments(env, info, 2, values) || !(listener = get_listener(env, values[0])) ||
	    !get_int(env, values[1], "lookMs", &look_ms))
		return NULL;
	if (look_ms < 1)
		return number(env, -EINVAL);
	return number(env, listener_start(listener, look_ms));
}

/* stopListening(listener): what comes waits in the socket. */
static napi_value stop_listening(napi_env env, napi_callback_info info)
{
	napi_value value;
	struct listener *listener;

	if (!get_arguments(env, info, 1, &value) || !(listener = get_listener(env, value)))
		return NULL;
	listener_stop(listener);
	return number(env, 0);
}

/*
 * hearStrangers(listener, data, slots, info, addresses, arrivals): packets that are not known, as receivePackets tells them, and when each
 * came (Float64Array, ms of bootTime); to be called again until it answers 0, before another listener is read: who ends before, as in a
 * flood, may lose what was received with the last ones. What is learnt and forgotten
 * in between counts for the packets that follow.
 */
static napi_value hear_strangers(napi_env env, napi_callback_info info)
{
	napi_value values[6];
	struct listener *listener;
	struct bytes data, addresses;
	struct words told;
	struct doubles arrivals;
	struct stranger stranger;
	size_t slot_bytes;
	int slots, heard = 0;

	if (!get_arguments(env, info, 6, values) || !(listener = get_listener(env, values[0])) ||
	    !get_bytes(env, values[1], "data", &data) || !get_int(env, values[2], "slots", &slots) ||
	    !get_words(env, values[3], "info", &told) || !get_bytes(env, values[4], "addresses", &addresses) ||
	    !get_doubles(env, values[5], "arrivals", &arrivals))
		return NULL;
	if (slots < 1 || slots > SLOTS_MAX || (size_t)slots > data.length || (size_t)slots > arrivals.length ||
	    told.length < (size_t)slots * PACKET_INFO_FIELDS || addresses.length < (size_t)slots * ADDRESS_BYTES) {
		napi_throw_range_error(env, "ERR_OUT_OF_RANGE", "slots must be 1 to 256 and fit data, info, addresses and arrivals");
		return NULL;
	}
	slot_bytes = data.length / slots;
	if (!listener_next(listener, &stranger))
		return number(env, 0);
	do {
		int32_t *row = told.data + heard * PACKET_INFO_FIELDS;
		size_t length = stranger.info[INFO_LENGTH];

		memcpy(row, stranger.info, PACKET_INFO_FIELDS * sizeof(*row));
		if (length > slot_bytes) {
			length = row[INFO_LENGTH] = slot_bytes;
			row[INFO_FLAGS] |= MSG_TRUNC;
		}
		memcpy(data.data + heard * slot_bytes, stranger.data, length);
		memcpy(addresses.data + heard * ADDRESS_BYTES, stranger.addresses, ADDRESS_BYTES);
		arrivals.data[heard++] = stranger.arrived_ms;
	} while (listener_pass(listener) && heard < slots && listener_next(listener, &stranger));
	return number(env, heard);
}

static bool get_key(napi_env env, napi_value value, int *key)
{
	if (!get_int(env, value, "key", key))
		return false;
	if (*key >= 0 && *key < KEYS)
		return true;
	napi_throw_range_error(env, "ERR_OUT_OF_RANGE", "a key is an octet");
	return false;
}

/*
 * knowPacket(listener, key, data, mask, addresses, hopLimit): the same again is counted from now on. Octets whose mask is 0 may be others;
 * all others are 255. `addresses` is the slot of hearStrangers.
 */
static napi_value know_packet(napi_env env, napi_callback_info info)
{
	napi_value values[6];
	struct listener *listener;
	struct bytes data, mask, addresses;
	struct packet packet;
	int key;

	if (!get_arguments(env, info, 6, values) || !(listener = get_listener(env, values[0])) || !get_key(env, values[1], &key) ||
	    !get_bytes(env, values[2], "data", &data) || !get_bytes(env, values[3], "mask", &mask) ||
	    !get_bytes(env, values[4], "addresses", &addresses) || !get_int(env, values[5], "hopLimit", &packet.hop_limit))
		return NULL;
	if (mask.length != data.length || addresses.length < ADDRESS_BYTES)
		return number(env, -EINVAL);
	packet.data = data.data;
	packet.length = data.length;
	packet.addresses = addresses.data;
	return number(env, known_learn(&listener->known, key, &packet, mask.data) ? 0 : -ENOMEM);
}

/* forgetPacket(listener, key) */
static napi_value forget_packet(napi_env env, napi_callback_info info)
{
	napi_value values[2];
	struct listener *listener;
	int key;

	if (!get_arguments(env, info, 2, values) || !(listener = get_listener(env, values[0])) || !get_key(env, values[1], &key))
		return NULL;
	known_forget(&listener->known, key);
	return number(env, 0);
}

/*
 * takeHeard(listener, rows): known packets that came since the last call, in rows (Float64Array) of {key, how many, when the last one came};
 * answers how many rows. If all are full there may be more.
 */
static napi_value take_heard(napi_env env, napi_callback_info info)
{
	napi_value values[2];
	struct listener *listener;
	struct doubles rows;

	if (!get_arguments(env, info, 2, values) || !(listener = get_listener(env, values[0])) ||
	    !get_doubles(env, values[1], "rows", &rows))
		return NULL;
	return number(env, known_take(&listener->known, rows));
}

/* closeListener(listener): the descriptor stays open. */
static napi_value close_listener(napi_env env, napi_callback_info info)
{
	napi_value value;
	struct listener *listener;

	if (!get_arguments(env, info, 1, &value) || !(listener = get_listener(env, value)))
		return NULL;
	listener_end(listener);
	return number(env, 0);
}

bool define_listener_functions(napi_env env, napi_value exports)
{
	return define_function(env, exports, "openListener", open_listener) &&
	       define_function(env, exports, "startListening", start_listening) &&
	       define_function(env, exports, "stopListening", stop_listening) &&
	       define_function(env, exports, "hearStrangers", hear_strangers) &&
	       define_function(env, exports, "knowPacket", know_packet) &&
	       define_function(env, exports, "forgetPacket", forget_packet) &&
	       define_function(env, exports, "takeHeard", take_heard) &&
	       define_function(env, exports, "closeListener", close_listener);
}

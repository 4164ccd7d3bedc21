/*
 * Sockets of every family for Node.js: thin system calls, no protocol. Address structures and option values come
 * in as Uint8Arrays that TypeScript built; errors go out as -errno. One table of descriptors per environment (main
 * thread or worker), closed when the environment ends.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "native.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include <uv.h>

#define BUFFERS_MAX 64
#define EVENT_ERROR 16          /* beside UV_READABLE 1 and UV_WRITABLE 2; the cause comes from the next receive */

struct addon;

struct watch {
	uv_poll_t poll;
	struct addon *addon;
	napi_ref callback;
	int events;
};

struct descriptor {
	bool owned;
	struct watch *watch;
};

/* State of one environment. */
struct addon {
	napi_env env;
	uv_loop_t *loop;
	napi_async_cleanup_hook_handle cleanup;
	struct descriptor *descriptors; /* indexed by fd */
	int capacity;
	int polls_closing;
	bool ending;
};

/* ---- arguments ---- */

static void throw_type(napi_env env, const char *name, const char *wanted)
{
	char text[96];

	snprintf(text, sizeof(text), "%s must be %s", name, wanted);
	napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", text);
}

bool get_arguments(napi_env env, napi_callback_info info, size_t count, napi_value *values)
{
	size_t got = count;

	return napi_get_cb_info(env, info, &got, values, NULL, NULL) == napi_ok;
}

bool get_int(napi_env env, napi_value value, const char *name, int *out)
{
	if (napi_get_value_int32(env, value, out) == napi_ok)
		return true;
	throw_type(env, name, "a number");
	return false;
}

static bool get_typed_array(napi_env env, napi_value value, napi_typedarray_type wanted, void **data, size_t *length)
{
	bool is_typed_array = false;
	napi_typedarray_type type;

	if (napi_is_typedarray(env, value, &is_typed_array) != napi_ok || !is_typed_array)
		return false;
	if (napi_get_typedarray_info(env, value, &type, length, data, NULL, NULL) != napi_ok)
		return false;
	return type == wanted;
}

bool get_bytes(napi_env env, napi_value value, const char *name, struct bytes *out)
{
	if (get_typed_array(env, value, napi_uint8_array, (void **)&out->data, &out->length))
		return true;
	throw_type(env, name, "a Uint8Array");
	return false;
}

bool get_words(napi_env env, napi_value value, const char *name, struct words *out)
{
	if (get_typed_array(env, value, napi_int32_array, (void **)&out->data, &out->length))
		return true;
	throw_type(env, name, "an Int32Array");
	return false;
}

/* null and undefined are "none". */
bool get_optional_bytes(napi_env env, napi_value value, const char *name, struct bytes *out)
{
	napi_valuetype type;

	out->data = NULL;
	out->length = 0;
	if (napi_typeof(env, value, &type) == napi_ok && (type == napi_null || type == napi_undefined))
		return true;
	return get_bytes(env, value, name, out);
}

napi_value number(napi_env env, ssize_t value)
{
	napi_value result = NULL;

	napi_create_int64(env, value, &result);
	return result;
}

napi_value result_of(napi_env env, ssize_t result)
{
	return number(env, result < 0 ? -errno : result);
}

/* ---- descriptors of this environment ---- */

static struct addon *addon_of(napi_env env)
{
	struct addon *addon = NULL;

	napi_get_instance_data(env, (void **)&addon);
	return addon;
}

/* The entry of fd, or NULL when there is no memory or fd is negative. */
static struct descriptor *descriptor_of(struct addon *addon, int fd)
{
	if (fd < 0)
		return NULL;
	if (fd >= addon->capacity) {
		int capacity = (fd | 63) + 1;
		struct descriptor *grown = realloc(addon->descriptors, capacity * sizeof(*grown));

		if (!grown)
			return NULL;
		memset(grown + addon->capacity, 0, (capacity - addon->capacity) * sizeof(*grown));
		addon->descriptors = grown;
		addon->capacity = capacity;
	}
	return &addon->descriptors[fd];
}

int own_descriptor(napi_env env, int fd)
{
	struct descriptor *descriptor = descriptor_of(addon_of(env), fd);

	if (!descriptor) {
		close(fd);
		return -ENOMEM;
	}
	descriptor->owned = true;
	return fd;
}

static napi_value open_socket(napi_env env, napi_callback_info info)
{
	napi_value values[3];
	int domain, type, protocol, fd;

	if (!get_arguments(env, info, 3, values) || !get_int(env, values[0], "domain", &domain) ||
	    !get_int(env, values[1], "type", &type) || !get_int(env, values[2], "protocol", &protocol))
		return NULL;
	fd = socket(domain, type | SOCK_CLOEXEC, protocol);
	return number(env, fd < 0 ? -errno : own_descriptor(env, fd));
}

/* ---- addresses and options ---- */

static napi_value with_address(napi_env env, napi_callback_info info,
			       int (*call)(int, const struct sockaddr *, socklen_t))
{
	napi_value values[2];
	struct bytes address;
	int fd;

	if (!get_arguments(env, info, 2, values) || !get_int(env, values[0], "fd", &fd) ||
	    !get_bytes(env, values[1], "address", &address))
		return NULL;
	return result_of(env, call(fd, (const struct sockaddr *)address.data, address.length));
}

static napi_value bind_socket(napi_env env, napi_callback_info info)
{
	return with_address(env, info, bind);
}

static napi_value connect_socket(napi_env env, napi_callback_info info)
{
	return with_address(env, info, connect);
}

/* Fills the given array with the local address; answers its length. */
static napi_value get_name(napi_env env, napi_callback_info info)
{
	napi_value values[2];
	struct bytes address;
	socklen_t length;
	int fd;

	if (!get_arguments(env, info, 2, values) || !get_int(env, values[0], "fd", &fd) ||
	    !get_bytes(env, values[1], "address", &address))
		return NULL;
	length = address.length;
	if (getsockname(fd, (struct sockaddr *)address.data, &length) < 0)
		return number(env, -errno);
	return number(env, length);
}

static napi_value set_option(napi_env env, napi_callback_info info)
{
	napi_value values[4];
	struct bytes value;
	int fd, level, name;

	if (!get_arguments(env, info, 4, values) || !get_int(env, values[0], "fd", &fd) ||
	    !get_int(env, values[1], "level", &level) || !get_int(env, values[2], "name", &name) ||
	    !get_bytes(env, values[3], "value", &value))
		return NULL;
	return result_of(env, setsockopt(fd, level, name, value.data, value.length));
}

/* Fills the given array; answers the length that the kernel wrote. */
static napi_value get_option(napi_env env, napi_callback_info info)
{
	napi_value values[4];
	struct bytes value;
	socklen_t length;
	int fd, level, name;

	if (!get_arguments(env, info, 4, values) || !get_int(env, values[0], "fd", &fd) ||
	    !get_int(env, values[1], "level", &level) || !get_int(env, values[2], "name", &name) ||
	    !get_bytes(env, values[3], "value", &value))
		return NULL;
	length = value.length;
	if (getsockopt(fd, level, name, value.data, &length) < 0)
		return number(env, -errno);
	return number(env, length);
}

/* ---- data ---- */

/* One Uint8Array or an array of them (gathered into one datagram). Answers how many, or -1 with an exception. */
static int get_buffers(napi_env env, napi_value value, struct iovec *buffers)
{
	bool is_array = false;
	uint32_t count = 1;
	struct bytes bytes;

	napi_is_array(env, value, &is_array);
	if (is_array && (napi_get_array_length(env, value, &count) != napi_ok || count > BUFFERS_MAX)) {
		throw_type(env, "buffers", "a Uint8Array or at most 64 of them");
		return -1;
	}
	for (uint32_t i = 0; i < count; i++) {
		napi_value item = value;

		if (is_array && napi_get_element(env, value, i, &item) != napi_ok)
			return -1;
		if (!get_bytes(env, item, "buffers", &bytes))
			return -1;
		buffers[i].iov_base = bytes.data;
		buffers[i].iov_len = bytes.length;
	}
	return count;
}

/* sendmsg(fd, buffers, address | null, flags): octets sent. */
static napi_value send_message(napi_env env, napi_callback_info info)
{
	napi_value values[4];
	struct iovec buffers[BUFFERS_MAX];
	struct msghdr message = { .msg_iov = buffers };
	struct bytes address;
	int fd, flags, count;
	ssize_t sent;

	if (!get_arguments(env, info, 4, values) || !get_int(env, values[0], "fd", &fd) ||
	    !get_optional_bytes(env, values[2], "address", &address) || !get_int(env, values[3], "flags", &flags))
		return NULL;
	count = get_buffers(env, values[1], buffers);
	if (count < 0)
		return NULL;
	message.msg_iovlen = count;
	message.msg_name = address.data;
	message.msg_namelen = address.length;
	do
		sent = sendmsg(fd, &message, flags | MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return result_of(env, sent);
}

/* ---- readiness ---- */

static void finish_cleanup(struct addon *addon)
{
	napi_async_cleanup_hook_handle cleanup = addon->cleanup;

	free(addon->descriptors);
	free(addon);
	napi_remove_async_cleanup_hook(cleanup);
}

static void on_poll_closed(uv_handle_t *handle)
{
	struct watch *watch = handle->data;
	struct addon *addon = watch->addon;

	free(watch);
	addon->polls_closing--;
	if (addon->ending && addon->polls_closing == 0)
		finish_cleanup(addon);
}

static void stop_watch(struct addon *addon, struct descriptor *descriptor)
{
	struct watch *watch = descriptor->watch;

	if (!watch)
		return;
	descriptor->watch = NULL;
	napi_delete_reference(addon->env, watch->callback);
	addon->polls_closing++;
	uv_close((uv_handle_t *)&watch->poll, on_poll_closed);
}

static void on_poll(uv_poll_t *poll, int status, int events);

static int start_poll(struct watch *watch)
{
	return uv_poll_start(&watch->poll, watch->events, on_poll);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct watch *watch = poll->data;
	napi_env env = watch->addon->env;
	napi_handle_scope scope;
	napi_value callback, receiver, argument, ignored;

	/*
	 * libuv stops and says EBADF when epoll reports an error on the socket (ENOBUFS of netlink, an ICMP error, an
	 * interface that went away). Those are for the caller to receive; go on watching.
	 */
	if (status == UV_EBADF && start_poll(watch) == 0) {
		status = 0;
		events = EVENT_ERROR | (watch->events & UV_READABLE);
	}
	if (napi_open_handle_scope(env, &scope) != napi_ok)
		return;
	if (napi_get_reference_value(env, watch->callback, &callback) == napi_ok &&
	    napi_get_global(env, &receiver) == napi_ok &&
	    napi_create_int32(env, status < 0 ? status : events, &argument) == napi_ok &&
	    napi_make_callback(env, NULL, receiver, callback, 1, &argument, &ignored) == napi_pending_exception) {
		napi_value error;

		if (napi_get_and_clear_last_exception(env, &error) == napi_ok)
			napi_fatal_exception(env, error);
	}
	napi_close_handle_scope(env, scope);
}

/* watch(fd, events, callback): callback(events) while the descriptor is ready; a second watch replaces the first. */
static napi_value watch_descriptor(napi_env env, napi_callback_info info)
{
	struct addon *addon = addon_of(env);
	napi_value values[3];
	napi_valuetype type;
	struct descriptor *descriptor;
	struct watch *watch;
	int fd, events, failure;

	if (!get_arguments(env, info, 3, values) || !get_int(env, values[0], "fd", &fd) ||
	    !get_int(env, values[1], "events", &events))
		return NULL;
	if (napi_typeof(env, values[2], &type) != napi_ok || type != napi_function) {
		throw_type(env, "callback", "a function");
		return NULL;
	}
	descriptor = descriptor_of(addon, fd);
	if (!descriptor)
		return number(env, -EBADF);
	stop_watch(addon, descriptor);
	watch = calloc(1, sizeof(*watch));
	if (!watch)
		return number(env, -ENOMEM);
	watch->addon = addon;
	watch->events = events & (UV_READABLE | UV_WRITABLE);
	failure = uv_poll_init(addon->loop, &watch->poll, fd);
	if (failure < 0) {
		free(watch);
		return number(env, failure);
	}
	watch->poll.data = watch;
	descriptor->watch = watch;
	napi_create_reference(env, values[2], 1, &watch->callback);
	failure = start_poll(watch);
	if (failure < 0)
		stop_watch(addon, descriptor);
	return number(env, failure);
}

static napi_value unwatch_descriptor(napi_env env, napi_callback_info info)
{
	struct addon *addon = addon_of(env);
	napi_value value;
	int fd;

	if (!get_arguments(env, info, 1, &value) || !get_int(env, value, "fd", &fd))
		return NULL;
	if (fd >= 0 && fd < addon->capacity)
		stop_watch(addon, &addon->descriptors[fd]);
	return number(env, 0);
}

/* ---- ends ---- */

/* Answers EBADF for a descriptor that is not ours: a stale number must not close somebody else's file. */
static napi_value give_up(napi_env env, napi_callback_info info, bool closing)
{
	struct addon *addon = addon_of(env);
	napi_value value;
	int fd;

	if (!get_arguments(env, info, 1, &value) || !get_int(env, value, "fd", &fd))
		return NULL;
	if (fd < 0 || fd >= addon->capacity || !addon->descriptors[fd].owned)
		return number(env, -EBADF);
	stop_watch(addon, &addon->descriptors[fd]);
	addon->descriptors[fd].owned = false;
	return closing ? result_of(env, close(fd)) : number(env, 0);
}

static napi_value close_descriptor(napi_env env, napi_callback_info info)
{
	return give_up(env, info, true);
}

/* Forgets a descriptor without closing it: from now on it is the caller's (net.Socket({ fd }) for example). */
static napi_value detach_descriptor(napi_env env, napi_callback_info info)
{
	return give_up(env, info, false);
}

static void on_environment_end(napi_async_cleanup_hook_handle handle, void *data)
{
	struct addon *addon = data;

	addon->cleanup = handle;
	addon->ending = true;
	for (int fd = 0; fd < addon->capacity; fd++) {
		stop_watch(addon, &addon->descriptors[fd]);
		if (addon->descriptors[fd].owned)
			close(fd);
	}
	if (addon->polls_closing == 0)
		finish_cleanup(addon);
}

bool define_function(napi_env env, napi_value exports, const char *name, napi_callback callback)
{
	napi_value function;

	return napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, NULL, &function) == napi_ok &&
	       napi_set_named_property(env, exports, name, function) == napi_ok;
}

NAPI_MODULE_INIT()
{
	struct addon *addon = calloc(1, sizeof(*addon));

	if (!addon) {
		napi_throw_error(env, "ENOMEM", "no memory for the addon");
		return NULL;
	}
	addon->env = env;
	if (napi_get_uv_event_loop(env, &addon->loop) != napi_ok ||
	    napi_set_instance_data(env, addon, NULL, NULL) != napi_ok ||
	    napi_add_async_cleanup_hook(env, on_environment_end, addon, &addon->cleanup) != napi_ok) {
		free(addon);
		napi_throw_error(env, NULL, "the addon cannot attach to this environment");
		return NULL;
	}
	define_function(env, exports, "socket", open_socket);
	define_function(env, exports, "bind", bind_socket);
	define_function(env, exports, "connect", connect_socket);
	define_function(env, exports, "getsockname", get_name);
	define_function(env, exports, "setsockopt", set_option);
	define_function(env, exports, "getsockopt", get_option);
	define_function(env, exports, "sendmsg", send_message);
	define_function(env, exports, "watch", watch_descriptor);
	define_function(env, exports, "unwatch", unwatch_descriptor);
	define_function(env, exports, "detach", detach_descriptor);
	define_function(env, exports, "close", close_descriptor);
	define_batch_functions(env, exports);
	define_exchange_functions(env, exports);
	define_interface_functions(env, exports);
	define_process_functions(env, exports);
	define_spawn_functions(env, exports);
	define_signal_functions(env, exports);
	define_timer_functions(env, exports);
	return exports;
}

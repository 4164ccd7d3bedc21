/*
 * One table of descriptors per environment (main thread or worker): who is told that one is ready, and which are closed when
 * the environment ends. SPDX-License-Identifier: Apache-2.0
 */
#include "native.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

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

bool define_descriptor_functions(napi_env env, napi_value exports)
{
	struct addon *addon = calloc(1, sizeof(*addon));

	if (!addon) {
		napi_throw_error(env, "ENOMEM", "no memory for the addon");
		return false;
	}
	addon->env = env;
	if (napi_get_uv_event_loop(env, &addon->loop) != napi_ok ||
	    napi_set_instance_data(env, addon, NULL, NULL) != napi_ok ||
	    napi_add_async_cleanup_hook(env, on_environment_end, addon, &addon->cleanup) != napi_ok) {
		free(addon);
		napi_throw_error(env, NULL, "the addon cannot attach to this environment");
		return false;
	}
	return define_function(env, exports, "watch", watch_descriptor) &&
	       define_function(env, exports, "unwatch", unwatch_descriptor) &&
	       define_function(env, exports, "detach", detach_descriptor) &&
	       define_function(env, exports, "close", close_descriptor);
}

/*
 * Sockets of every family for Node.js: thin system calls, no protocol. Address structures and option values come
 * in as Uint8Arrays that TypeScript built; errors go out as -errno.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "native.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define BUFFERS_MAX 64

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

bool define_socket_functions(napi_env env, napi_value exports)
{
	return define_function(env, exports, "socket", open_socket) &&
	       define_function(env, exports, "bind", bind_socket) &&
	       define_function(env, exports, "connect", connect_socket) &&
	       define_function(env, exports, "getsockname", get_name) &&
	       define_function(env, exports, "setsockopt", set_option) &&
	       define_function(env, exports, "getsockopt", get_option) &&
	       define_function(env, exports, "sendmsg", send_message);
}

/*
 * Loads the addon as Node would, in a program of another C library, and makes calls that depend on how that library lays out its
 * structures: napi-host ADDON. Prints a line for each; what it does not know of Node-API is in stubs that abort.
 * SPDX-License-Identifier: Apache-2.0
 */
#define NAPI_VERSION 8
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <node_api.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct napi_value__ {
	napi_valuetype type;
	double number;
	void *data; /* of a typed array, or the callback of a function */
	size_t length;
	napi_typedarray_type kind;
};

struct napi_callback_info__ {
	size_t count;
	napi_value *values;
};

struct napi_env__ {
	void *instance;
	const char *names[64];
	napi_callback functions[64];
	int count;
};

static napi_value make(napi_valuetype type, double number, void *data, size_t length, napi_typedarray_type kind)
{
	napi_value value = calloc(1, sizeof(*value));

	*value = (struct napi_value__){ type, number, data, length, kind };
	return value;
}

static napi_value of_number(double number)
{
	return make(napi_number, number, NULL, 0, 0);
}

static napi_value of_octets(void *data, size_t length)
{
	return make(napi_object, 0, data, length, napi_uint8_array);
}

static napi_value of_words(int32_t *data, size_t length)
{
	return make(napi_object, 0, data, length, napi_int32_array);
}

napi_status napi_create_function(napi_env env, const char *name, size_t length, napi_callback callback, void *data, napi_value *result)
{
	(void)env, (void)name, (void)length, (void)data;
	*result = make(napi_function, 0, (void *)callback, 0, 0);
	return napi_ok;
}

napi_status napi_set_named_property(napi_env env, napi_value object, const char *name, napi_value value)
{
	(void)object;
	env->names[env->count] = name;
	env->functions[env->count++] = (napi_callback)value->data;
	return napi_ok;
}

napi_status napi_set_instance_data(napi_env env, void *data, napi_finalize finalize, void *hint)
{
	(void)finalize, (void)hint;
	env->instance = data;
	return napi_ok;
}

napi_status napi_get_instance_data(napi_env env, void **data)
{
	*data = env->instance;
	return napi_ok;
}

napi_status napi_add_async_cleanup_hook(napi_env env, napi_async_cleanup_hook hook, void *data, napi_async_cleanup_hook_handle *handle)
{
	(void)env, (void)hook, (void)data;
	if (handle)
		*handle = NULL;
	return napi_ok;
}

napi_status napi_get_uv_event_loop(napi_env env, struct uv_loop_s **loop)
{
	(void)env;
	*loop = NULL;
	return napi_ok;
}

napi_status napi_get_cb_info(napi_env env, napi_callback_info info, size_t *count, napi_value *values, napi_value *self, void **data)
{
	(void)env, (void)self, (void)data;
	for (size_t at = 0; at < *count; at++)
		values[at] = at < info->count ? info->values[at] : make(napi_undefined, 0, NULL, 0, 0);
	*count = info->count;
	return napi_ok;
}

napi_status napi_create_double(napi_env env, double number, napi_value *result)
{
	(void)env;
	*result = of_number(number);
	return napi_ok;
}

napi_status napi_create_int32(napi_env env, int32_t number, napi_value *result)
{
	return napi_create_double(env, number, result);
}

napi_status napi_create_int64(napi_env env, int64_t number, napi_value *result)
{
	return napi_create_double(env, (double)number, result);
}

napi_status napi_get_value_int32(napi_env env, napi_value value, int32_t *result)
{
	(void)env;
	if (value->type != napi_number)
		return napi_number_expected;
	*result = (int32_t)value->number;
	return napi_ok;
}

napi_status napi_get_value_double(napi_env env, napi_value value, double *result)
{
	(void)env;
	if (value->type != napi_number)
		return napi_number_expected;
	*result = value->number;
	return napi_ok;
}

napi_status napi_typeof(napi_env env, napi_value value, napi_valuetype *result)
{
	(void)env;
	*result = value->type;
	return napi_ok;
}

napi_status napi_is_typedarray(napi_env env, napi_value value, bool *result)
{
	(void)env;
	*result = value->data != NULL;
	return napi_ok;
}

napi_status napi_is_array(napi_env env, napi_value value, bool *result)
{
	(void)env, (void)value;
	*result = false;
	return napi_ok;
}

napi_status napi_get_typedarray_info(napi_env env, napi_value value, napi_typedarray_type *kind, size_t *length, void **data,
				     napi_value *buffer, size_t *offset)
{
	(void)env, (void)buffer, (void)offset;
	if (kind)
		*kind = value->kind;
	if (length)
		*length = value->length;
	if (data)
		*data = value->data;
	return napi_ok;
}

napi_status napi_throw_type_error(napi_env env, const char *code, const char *message)
{
	(void)env, (void)code;
	fprintf(stderr, "TypeError: %s\n", message);
	exit(1);
}

static struct napi_env__ environment;

#define CALL(name, ...) call(name, sizeof((napi_value[]){ __VA_ARGS__ }) / sizeof(napi_value), (napi_value[]){ __VA_ARGS__ })

static double call(const char *name, size_t count, napi_value *values)
{
	struct napi_callback_info__ info = { count, values };

	for (int at = 0; at < environment.count; at++)
		if (strcmp(environment.names[at], name) == 0)
			return environment.functions[at](&environment, &info)->number;
	fprintf(stderr, "no function %s\n", name);
	exit(1);
}

static void must(bool good, const char *what)
{
	printf("%s: %s\n", what, good ? "ok" : "failed");
	fflush(stdout);
	if (!good)
		exit(1);
}

int main(int count, char **words)
{
	napi_value (*load)(napi_env, napi_value);
	void *addon = count > 1 ? dlopen(words[1], RTLD_NOW) : NULL;
	struct sockaddr_nl address = { .nl_family = AF_NETLINK };
	struct {
		struct nlmsghdr header;
		struct ifinfomsg link;
	} request = { { sizeof(request), RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, 7, 0 }, { .ifi_family = AF_UNSPEC } };
	static uint8_t data[4 * 16384] __attribute__((aligned(8)));
	static uint8_t addresses[4 * 128];
	int32_t info[4 * 3] = { 0 };
	struct nlmsghdr *answer = (struct nlmsghdr *)data;
	double fd, received;

	if (!addon || !(load = (napi_value (*)(napi_env, napi_value))dlsym(addon, "napi_register_module_v1"))) {
		fprintf(stderr, "%s\n", dlerror());
		return 1;
	}
	must(load(&environment, make(napi_object, 0, NULL, 0, 0)) && environment.count > 20, "it loads");
	must((fd = CALL("socket", of_number(AF_NETLINK), of_number(SOCK_RAW), of_number(NETLINK_ROUTE))) > 2, "socket");
	must(CALL("bind", of_number(fd), of_octets(&address, sizeof(address))) == 0, "bind");
	must(CALL("getsockname", of_number(fd), of_octets(&address, sizeof(address))) == sizeof(address) && address.nl_pid != 0,
	     "getsockname");
	must(CALL("sendmsg", of_number(fd), of_octets(&request, sizeof(request)), make(napi_null, 0, NULL, 0, 0), of_number(0)) ==
		     sizeof(request),
	     "sendmsg");
	received = CALL("recvmmsg", of_number(fd), of_octets(data, sizeof(data)), of_number(4), of_words(info, 12),
			of_octets(addresses, sizeof(addresses)), of_number(MSG_DONTWAIT));
	must(received >= 1 && info[0] >= (int32_t)answer->nlmsg_len && info[1] == 0, "recvmmsg");
	must(answer->nlmsg_type == RTM_NEWLINK && answer->nlmsg_seq == 7 && info[2] == sizeof(address), "the kernel's links");
	must(CALL("bind", of_number(-1), of_octets(&address, sizeof(address))) == -EBADF, "errno");
	must(call("bootTime", 0, NULL) > 0, "clock_gettime");
	must(CALL("setScheduler", of_number(0), of_number(0), of_number(0)) == 0, "sched_setscheduler");
	must(CALL("close", of_number(fd)) == 0, "close");
	return 0;
}

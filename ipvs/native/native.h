/* What the sources of the addon share. SPDX-License-Identifier: Apache-2.0 */
#ifndef IPVS_NETLINK_NATIVE_H
#define IPVS_NETLINK_NATIVE_H

#define NAPI_VERSION 8 /* asynchronous clean-up hooks */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* recvmmsg, setns */
#endif

#include <node_api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A typed array seen from C. Valid only during the call that received it. */
struct bytes {
	uint8_t *data;
	size_t length;
};

struct words {
	int32_t *data;
	size_t length;
};

struct doubles {
	double *data;
	size_t length;
};

/* Argument readers: on a wrong type they throw a TypeError that names the argument and return false. */
void throw_type(napi_env env, const char *name, const char *wanted);
bool get_arguments(napi_env env, napi_callback_info info, size_t count, napi_value *values);
bool get_int(napi_env env, napi_value value, const char *name, int *out);
bool get_bytes(napi_env env, napi_value value, const char *name, struct bytes *out);
bool get_optional_bytes(napi_env env, napi_value value, const char *name, struct bytes *out);
bool get_words(napi_env env, napi_value value, const char *name, struct words *out);
bool get_doubles(napi_env env, napi_value value, const char *name, struct doubles *out);

/* Every call answers a number: zero or more is the result, below zero is -errno. */
napi_value number(napi_env env, ssize_t value);
napi_value result_of(napi_env env, ssize_t result);

/* CLOCK_BOOTTIME in milliseconds. */
double boot_ms(void);

/* Records a descriptor so that the end of the environment closes it; answers fd, or -errno with fd closed. */
int own_descriptor(napi_env env, int fd);

bool define_function(napi_env env, napi_value exports, const char *name, napi_callback callback);
bool define_descriptor_functions(napi_env env, napi_value exports);
bool define_socket_functions(napi_env env, napi_value exports);
bool define_batch_functions(napi_env env, napi_value exports);
bool define_listener_functions(napi_env env, napi_value exports);
bool define_exchange_functions(napi_env env, napi_value exports);
bool define_interface_functions(napi_env env, napi_value exports);
bool define_process_functions(napi_env env, napi_value exports);
bool define_privilege_functions(napi_env env, napi_value exports);
bool define_spawn_functions(napi_env env, napi_value exports);
bool define_signal_functions(napi_env env, napi_value exports);
bool define_timer_functions(napi_env env, napi_value exports);

#endif

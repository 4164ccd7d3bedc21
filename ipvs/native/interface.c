/*
 * Questions about network interfaces that only ioctl answers (netdevice(7)): what a driver says of its link.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "native.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>

/*
 * interfaceIoctl(fd, request, name, value, indirect): ioctl(fd, request) with a struct ifreq for that interface. value is the
 * rest of the structure, and gets the answer; with indirect it is what ifr_data points to. name ends with a zero octet.
 */
static napi_value interface_ioctl(napi_env env, napi_callback_info info)
{
	napi_value values[5];
	struct ifreq request = { 0 };
	struct bytes name, value;
	int fd, code, indirect, result;

	if (!get_arguments(env, info, 5, values) || !get_int(env, values[0], "fd", &fd) ||
	    !get_int(env, values[1], "request", &code) || !get_bytes(env, values[2], "name", &name) ||
	    !get_bytes(env, values[3], "value", &value) || !get_int(env, values[4], "indirect", &indirect))
		return NULL;
	if (name.length < 2 || name.length > IFNAMSIZ || name.data[name.length - 1] != 0 || value.length == 0 ||
	    (!indirect && value.length > sizeof(request.ifr_ifru))) {
		napi_throw_range_error(env, "ERR_OUT_OF_RANGE", "name must be a name of an interface, value the rest of struct ifreq");
		return NULL;
	}
	memcpy(request.ifr_name, name.data, name.length);
	if (indirect)
		request.ifr_data = (void *)value.data;
	else
		memcpy(&request.ifr_ifru, value.data, value.length);
	result = ioctl(fd, code, &request);
	if (result >= 0 && !indirect)
		memcpy(value.data, &request.ifr_ifru, value.length);
	return result_of(env, result);
}

bool define_interface_functions(napi_env env, napi_value exports)
{
	return define_function(env, exports, "interfaceIoctl", interface_ioctl);
}

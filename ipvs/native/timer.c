/*
 * A clock that goes on while the machine sleeps and is never set (CLOCK_BOOTTIME), and timers on it that are exact to the
 * microsecond, which those of the event loop are not.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "native.h"

#include <errno.h>
#include <sys/timerfd.h>
#include <time.h>

double boot_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

/* bootTime(): milliseconds since the machine was started, with a fraction. */
static napi_value boot_time(napi_env env, napi_callback_info info)
{
	napi_value value = NULL;

	(void)info;
	napi_create_double(env, boot_ms(), &value);
	return value;
}

/* openTimer(): a descriptor that is readable from its deadline on. */
static napi_value open_timer(napi_env env, napi_callback_info info)
{
	int fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);

	(void)info;
	return number(env, fd < 0 ? -errno : own_descriptor(env, fd));
}

/* setTimer(fd, deadline): in milliseconds of bootTime, the past included; below 0: never. */
static napi_value set_timer(napi_env env, napi_callback_info info)
{
	napi_value values[2];
	struct itimerspec when = { 0 };
	double deadline;
	int fd;

	if (!get_arguments(env, info, 2, values) || !get_int(env, values[0], "fd", &fd))
		return NULL;
	if (napi_get_value_double(env, values[1], &deadline) != napi_ok) {
		throw_type(env, "deadline", "a number");
		return NULL;
	}
	if (deadline >= 0) {
		when.it_value.tv_sec = deadline / 1e3;
		when.it_value.tv_nsec = (deadline - when.it_value.tv_sec * 1e3) * 1e6;
		/* All zeros would switch it off. */
		if (when.it_value.tv_sec == 0 && when.it_value.tv_nsec == 0)
			when.it_value.tv_nsec = 1;
	}
	return number(env, timerfd_settime(fd, TFD_TIMER_ABSTIME, &when, NULL) < 0 ? -errno : 0);
}

bool define_timer_functions(napi_env env, napi_value exports)
{
	return define_function(env, exports, "bootTime", boot_time) &&
	       define_function(env, exports, "openTimer", open_timer) &&
	       define_function(env, exports, "setTimer", set_timer);
}

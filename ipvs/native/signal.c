/*
 * Signals that Node does not hear: the real-time ones. SPDX-License-Identifier: Apache-2.0
 */
#include "native.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* The writing end; one process has one listener. */
static volatile sig_atomic_t listener = -1;

static void heard(int signal)
{
	int failure = errno;
	uint8_t number = signal;

	/* A full pipe: thousands wait already. */
	ssize_t ignored = write(listener, &number, 1);

	(void)ignored;
	errno = failure;
}

static int set_action(const struct words *signals, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < signals->length; i++)
		if (sigaction(signals->data[i], &action, NULL) < 0)
			return -errno;
	return 0;
}

/* hearSignals(signals): a descriptor that yields an octet, its number, for each of these signals that arrives. */
static napi_value hear_signals(napi_env env, napi_callback_info info)
{
	napi_value value;
	struct words signals;
	int ends[2], failure;

	if (!get_arguments(env, info, 1, &value) || !get_words(env, value, "signals", &signals))
		return NULL;
	if (listener >= 0)
		return number(env, -EBUSY);
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
		return number(env, -errno);
	listener = ends[1];
	failure = set_action(&signals, heard);
	if (failure == 0)
		return number(env, own_descriptor(env, ends[0]));
	listener = -1;
	close(ends[0]);
	close(ends[1]);
	return number(env, failure);
}

/* ignoreSignals(signals): they do nothing any more, to this process and to programs that it starts as they are. */
static napi_value ignore_signals(napi_env env, napi_callback_info info)
{
	napi_value value;
	struct words signals;

	if (!get_arguments(env, info, 1, &value) || !get_words(env, value, "signals", &signals))
		return NULL;
	return number(env, set_action(&signals, SIG_IGN));
}

bool define_signal_functions(napi_env env, napi_value exports)
{
	return define_function(env, exports, "hearSignals", hear_signals) &&
	       define_function(env, exports, "ignoreSignals", ignore_signals);
}

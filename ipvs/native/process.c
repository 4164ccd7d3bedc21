/*
 * Calls that concern the process or its threads rather than a socket.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "native.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/timex.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * A socket belongs for life to the namespace it was made in, so this thread only visits: enter, socket, return,
 * within one synchronous call. Answers the descriptor or -errno.
 */
static int socket_in_namespace(const char *path, int domain, int type, int protocol)
{
	int fd, failure = 0;
	int own = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	int target;

	if (own < 0)
		return -errno;
	target = open(path, O_RDONLY | O_CLOEXEC);
	if (target < 0) {
		failure = -errno;
		close(own);
		return failure;
	}
	if (setns(target, CLONE_NEWNET) < 0) {
		failure = -errno;
		close(target);
		close(own);
		return failure;
	}
	fd = socket(domain, type | SOCK_CLOEXEC, protocol);
	if (fd < 0)
		failure = -errno;
	if (setns(own, CLONE_NEWNET) < 0) {
		/* Going on would open every later socket in the wrong network. */
		perror("cannot return to the own network namespace");
		abort();
	}
	close(target);
	close(own);
	return failure ? failure : fd;
}

#define PATH_BYTES 4096

/* 0, or -ENAMETOOLONG; below that an exception waits. */
static int get_path(napi_env env, napi_value value, char *path)
{
	size_t length = 0;

	if (napi_get_value_string_utf8(env, value, path, PATH_BYTES, &length) != napi_ok) {
		throw_type(env, "path", "a string");
		return -EINVAL;
	}
	return length >= PATH_BYTES - 1 ? -ENAMETOOLONG : 0;
}

/* enterNamespace(path): this thread, and all processes and threads that it starts from now on. */
static napi_value enter_namespace(napi_env env, napi_callback_info info)
{
	napi_value values[1];
	char path[PATH_BYTES];
	int fd, result;

	if (!get_arguments(env, info, 1, values))
		return NULL;
	result = get_path(env, values[0], path);
	if (result == -EINVAL)
		return NULL;
	if (result < 0)
		return number(env, result);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return number(env, -errno);
	result = setns(fd, CLONE_NEWNET) < 0 ? -errno : 0;
	close(fd);
	return number(env, result);
}

/* socketInNamespace(path, domain, type, protocol) */
static napi_value open_socket_in_namespace(napi_env env, napi_callback_info info)
{
	napi_value values[4];
	char path[PATH_BYTES];
	int domain, type, protocol, fd;

	if (!get_arguments(env, info, 4, values) || !get_int(env, values[1], "domain", &domain) ||
	    !get_int(env, values[2], "type", &type) || !get_int(env, values[3], "protocol", &protocol))
		return NULL;
	fd = get_path(env, values[0], path);
	if (fd == -EINVAL)
		return NULL;
	if (fd < 0)
		return number(env, fd);
	fd = socket_in_namespace(path, domain, type, protocol);
	return number(env, fd < 0 ? fd : own_descriptor(env, fd));
}

/* setParentDeathSignal(signal): sent to this process when the thread that started it ends; 0 is none (prctl(2)). */
static napi_value set_parent_death_signal(napi_env env, napi_callback_info info)
{
	napi_value value;
	int signal;

	if (!get_arguments(env, info, 1, &value) || !get_int(env, value, "signal", &signal))
		return NULL;
	return number(env, prctl(PR_SET_PDEATHSIG, signal) < 0 ? -errno : 0);
}

/*
 * setScheduler(thread, policy, priority): of one thread, 0 is the calling one (sched_setscheduler(2)). Children start
 * with the ordinary one (SCHED_RESET_ON_FORK).
 */
static napi_value set_scheduler(napi_env env, napi_callback_info info)
{
	napi_value values[3];
	struct sched_param param;
	int thread, policy;

	if (!get_arguments(env, info, 3, values) || !get_int(env, values[0], "thread", &thread) ||
	    !get_int(env, values[1], "policy", &policy) || !get_int(env, values[2], "priority", &param.sched_priority))
		return NULL;
	/* A raw call: musl's sched_setscheduler is ENOSYS, because POSIX means the process and the kernel the thread. */
	return result_of(env, syscall(SYS_sched_setscheduler, thread, policy | SCHED_RESET_ON_FORK, &param));
}

/* setAffinity(thread, cpus): the numbers of the CPUs that a thread may run on (sched_setaffinity(2)). */
static napi_value set_affinity(napi_env env, napi_callback_info info)
{
	napi_value values[2];
	struct words cpus;
	cpu_set_t set;
	int thread;

	if (!get_arguments(env, info, 2, values) || !get_int(env, values[0], "thread", &thread) ||
	    !get_words(env, values[1], "cpus", &cpus))
		return NULL;
	CPU_ZERO(&set);
	for (size_t i = 0; i < cpus.length; i++) {
		if (cpus.data[i] < 0 || cpus.data[i] >= CPU_SETSIZE)
			return number(env, -EINVAL);
		CPU_SET(cpus.data[i], &set);
	}
	return result_of(env, sched_setaffinity(thread, sizeof(set), &set));
}

/*
 * Keeps programs, libraries, stack and the C heap in memory, what is not there yet from its first use on. V8's own memory is left
 * out: it gives pages back with madvise(MADV_DONTNEED), which locked memory refuses (EINVAL), and aborts the process when that fails.
 */
static int lock_named_mappings(void)
{
	unsigned long start, end;
	char line[4352], name[64];
	int failure = 0;
	bool locked = false;
	FILE *maps = fopen("/proc/self/maps", "re");

	if (!maps)
		return -1;
	while (fgets(line, sizeof(line), maps)) {
		/* Anonymous mappings, V8's among them, have no name. */
		if (sscanf(line, "%lx-%lx %*s %*s %*s %*s %63s", &start, &end, name) != 3)
			continue;
		if (mlock2((void *)start, end - start, MLOCK_ONFAULT) == 0)
			locked = true;
		else
			failure = errno;
	}
	fclose(maps);
	errno = failure;
	return locked ? 0 : -1;
}

/* lockMemory(wanted): 1 locks what is not V8's, 0 unlocks everything. */
static napi_value lock_memory(napi_env env, napi_callback_info info)
{
	napi_value value;
	int wanted;

	if (!get_arguments(env, info, 1, &value) || !get_int(env, value, "wanted", &wanted))
		return NULL;
	return result_of(env, wanted ? lock_named_mappings() : munlockall());
}

static bool get_limit(napi_env env, napi_value value, const char *name, rlim_t *out)
{
	int64_t limit;

	if (napi_get_value_int64(env, value, &limit) != napi_ok) {
		napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", name);
		return false;
	}
	*out = limit < 0 ? RLIM_INFINITY : (rlim_t)limit;
	return true;
}

/* setResourceLimit(resource, soft, hard): of this process; below 0 is none (setrlimit(2)). */
static napi_value set_resource_limit(napi_env env, napi_callback_info info)
{
	napi_value values[3];
	struct rlimit limit;
	int resource;

	if (!get_arguments(env, info, 3, values) || !get_int(env, values[0], "resource", &resource) ||
	    !get_limit(env, values[1], "soft must be a number", &limit.rlim_cur) ||
	    !get_limit(env, values[2], "hard must be a number", &limit.rlim_max))
		return NULL;
	return result_of(env, setrlimit(resource, &limit));
}

/* clockStatus(): the STA_* bits of the kernel's clock (adjtimex(2)); nothing is changed. */
static napi_value clock_status(napi_env env, napi_callback_info info)
{
	struct timex clock = { .modes = 0 };

	(void)info;
	return result_of(env, adjtimex(&clock) < 0 ? -1 : clock.status);
}

bool define_process_functions(napi_env env, napi_value exports)
{
	return define_function(env, exports, "socketInNamespace", open_socket_in_namespace) &&
	       define_function(env, exports, "enterNamespace", enter_namespace) &&
	       define_function(env, exports, "setParentDeathSignal", set_parent_death_signal) &&
	       define_function(env, exports, "setScheduler", set_scheduler) &&
	       define_function(env, exports, "setAffinity", set_affinity) &&
	       define_function(env, exports, "lockMemory", lock_memory) &&
	       define_function(env, exports, "setResourceLimit", set_resource_limit) &&
	       define_function(env, exports, "clockStatus", clock_status);
}

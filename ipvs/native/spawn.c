/*
 * Starts programs for others: with another user and groups, in a session of their own, with nothing of this process but
 * the output descriptor. Node's child_process cannot set supplementary groups, and gives programs a pipe that kills them
 * when this process is gone.
 * SPDX-License-Identifier: Apache-2.0
 */
#include "native.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define STACK_BYTES (64 * 1024)
#define FILES_SOFT_LIMIT 1024   /* what programs expect that use select(2) */
#define OPTION_FIELDS 3         /* uid, gid, output descriptor; then the supplementary groups */

struct program {
	char **argv; /* argv[0] is the path */
	char **envp;
	const int *options;
	size_t group_count;
	sigset_t signals;    /* the mask to restore in the parent */
	volatile int failure; /* errno of the call that failed in the child, which shares our memory until execve */
};

/* Strings that end with zero, one after the other, as a list that ends with NULL; the list alone is allocated. */
static char **string_list(const struct bytes *block)
{
	size_t count = 0, index = 0;
	char **list;

	if (block->length > 0 && block->data[block->length - 1] != 0)
		return NULL;
	for (size_t at = 0; at < block->length; at++)
		count += block->data[at] == 0;
	list = calloc(count + 1, sizeof(*list));
	for (size_t at = 0; list && index < count; index++) {
		list[index] = (char *)block->data + at;
		at += strlen(list[index]) + 1;
	}
	return list;
}

/* Raw calls: the C library's would change the credentials of every thread of the parent, whose memory this is. */
static int become_user(const struct program *program)
{
	long uid = program->options[0], gid = program->options[1];
	gid_t groups[64];

	if (uid < 0)
		return 0;
	for (size_t index = 0; index < program->group_count; index++)
		groups[index] = program->options[OPTION_FIELDS + index];
	if (syscall(SYS_setgroups, program->group_count, groups) < 0 || syscall(SYS_setresgid, gid, gid, gid) < 0 ||
	    syscall(SYS_setresuid, uid, uid, uid) < 0)
		return -1;
	return 0;
}

static int close_others(void)
{
	long highest;

#ifdef SYS_close_range
	if (syscall(SYS_close_range, 3U, ~0U, 0U) == 0)
		return 0;
#endif
	highest = sysconf(_SC_OPEN_MAX);
	for (long fd = 3; fd < highest; fd++)
		close(fd);
	return 0;
}

/*
 * Broken pipes are errors and not deaths, as for a service of systemd: what reads the output may go first (a script may
 * stop this very program), and what the script has still to do must be done.
 */
static void reset_signals(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int signal = 1; signal < NSIG; signal++)
		sigaction(signal, &action, NULL);
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void lower_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur <= FILES_SOFT_LIMIT)
		return;
	limit.rlim_cur = FILES_SOFT_LIMIT;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static int child(void *argument)
{
	struct program *program = argument;
	int input = open("/dev/null", O_RDONLY);
	int output = program->options[2];

	reset_signals();
	if (input < 0 || dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0 || setsid() < 0 ||
	    chdir("/") < 0 || close_others() < 0)
		goto failed;
	lower_file_limit();
	if (become_user(program) == 0)
		execve(program->argv[0], program->argv, program->envp);
failed:
	program->failure = errno;
	_exit(127);
}

/* The child borrows our memory and this thread waits until it has another program or is gone (clone(2), CLONE_VFORK). */
static int start(struct program *program, int *pid)
{
	int descriptor = -1;
	sigset_t all;
	char *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);

	if (stack == MAP_FAILED)
		return -errno;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &program->signals);
	*pid = clone(child, stack + STACK_BYTES, CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, program, &descriptor);
	if (*pid < 0)
		program->failure = errno;
	pthread_sigmask(SIG_SETMASK, &program->signals, NULL);
	munmap(stack, STACK_BYTES);
	if (program->failure == 0)
		return descriptor;
	if (*pid > 0) {
		waitpid(*pid, NULL, 0);
		close(descriptor);
	}
	return -program->failure;
}

static bool get_ints(napi_env env, napi_value value, int **data, size_t *length)
{
	napi_typedarray_type type;

	if (napi_get_typedarray_info(env, value, &type, length, (void **)data, NULL, NULL) == napi_ok &&
	    type == napi_int32_array)
		return true;
	throw_type(env, "options", "an Int32Array");
	return false;
}

/*
 * spawn(argv, envp, options, pid): argv and envp are strings that end with zero, one after the other; options is {uid or
 * -1, gid, output descriptor, supplementary groups...}. Answers a pidfd, which is readable when the program has ended.
 */
static napi_value spawn_program(napi_env env, napi_callback_info info)
{
	napi_value values[4];
	struct bytes argv, envp;
	int *options, *pid, answer;
	size_t option_count, pid_count;
	struct program program = { 0 };

	if (!get_arguments(env, info, 4, values) || !get_bytes(env, values[0], "argv", &argv) ||
	    !get_bytes(env, values[1], "envp", &envp) || !get_ints(env, values[2], &options, &option_count) ||
	    !get_ints(env, values[3], &pid, &pid_count))
		return NULL;
	if (option_count < OPTION_FIELDS || option_count > OPTION_FIELDS + 64 || pid_count < 1)
		return number(env, -EINVAL);
	program.options = options;
	program.group_count = option_count - OPTION_FIELDS;
	program.argv = string_list(&argv);
	program.envp = string_list(&envp);
	if (program.argv && program.envp && program.argv[0])
		answer = start(&program, pid);
	else
		answer = -EINVAL;
	free(program.argv);
	free(program.envp);
	return number(env, answer < 0 ? answer : own_descriptor(env, answer));
}

/* reap(pidfd): how the program ended, once it has: its exit status, or 256 and the signal; -EAGAIN while it runs. */
static napi_value reap_program(napi_env env, napi_callback_info info)
{
	napi_value value;
	siginfo_t how = { 0 };
	int fd;

	if (!get_arguments(env, info, 1, &value) || !get_int(env, value, "pidfd", &fd))
		return NULL;
	if (waitid((idtype_t)P_PIDFD, fd, &how, WEXITED | WNOHANG) < 0)
		return number(env, -errno);
	if (how.si_pid == 0)
		return number(env, -EAGAIN);
	return number(env, how.si_code == CLD_EXITED ? how.si_status : 256 + how.si_status);
}

/* pipe(ends): both ends, to be closed on execve; the reading one does not block. */
static napi_value make_pipe(napi_env env, napi_callback_info info)
{
	napi_value value;
	int *ends;
	size_t count;

	if (!get_arguments(env, info, 1, &value) || !get_ints(env, value, &ends, &count))
		return NULL;
	if (count < 2)
		return number(env, -EINVAL);
	if (pipe2(ends, O_CLOEXEC) < 0)
		return number(env, -errno);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	if (own_descriptor(env, ends[0]) < 0 || own_descriptor(env, ends[1]) < 0)
		return number(env, -ENOMEM);
	return number(env, 0);
}

bool define_spawn_functions(napi_env env, napi_value exports)
{
	return define_function(env, exports, "spawn", spawn_program) &&
	       define_function(env, exports, "reap", reap_program) && define_function(env, exports, "pipe", make_pipe);
}

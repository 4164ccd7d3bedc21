/*
 * Giving privileges up for good. SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include "native.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef struct __user_cap_data_struct capability_sets[_LINUX_CAPABILITY_U32S_3];

/*
 * The C library's calls: they change every thread, and the kernel takes all capabilities from those that are not root any more.
 * A call that only some threads may make ends the process, so this comes before anything else is given up.
 */
static int become(uid_t user)
{
	int failure = 0;

	if (prctl(PR_SET_KEEPCAPS, 1L) < 0)
		return -errno;
	if (setgroups(0, NULL) < 0 || setresgid(user, user, user) < 0 || setresuid(user, user, user) < 0)
		failure = -errno;
	prctl(PR_SET_KEEPCAPS, 0L);
	return failure;
}

/* Of this thread, and of those that it starts: of what it has, these, also across execve(2). */
static int keep_capabilities(const struct words *kept)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3, .pid = 0 };
	capability_sets sets, wanted = { { 0 } };

	for (size_t i = 0; i < kept->length; i++)
		if (kept->data[i] >= 0 && kept->data[i] < 32 * _LINUX_CAPABILITY_U32S_3)
			wanted[kept->data[i] / 32].permitted |= 1U << kept->data[i] % 32;
	if (syscall(SYS_capget, &header, sets) < 0)
		return -errno;
	for (int part = 0; part < _LINUX_CAPABILITY_U32S_3; part++) {
		wanted[part].permitted &= sets[part].permitted;
		wanted[part].effective = wanted[part].permitted;
	}
	/* There is none on a kernel without (before 4.3). */
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0L, 0L, 0L);
	if (syscall(SYS_capset, &header, wanted) < 0)
		return -errno;
	return prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) < 0 ? -errno : 0;
}

/* giveUpPrivileges(user, kept) */
static napi_value give_up_privileges(napi_env env, napi_callback_info info)
{
	napi_value values[2];
	struct words kept;
	int user, failure = 0;

	if (!get_arguments(env, info, 2, values) || !get_int(env, values[0], "user", &user) ||
	    !get_words(env, values[1], "kept", &kept))
		return NULL;
	if (user >= 0)
		failure = become((uid_t)user);
	return number(env, failure < 0 ? failure : keep_capabilities(&kept));
}

bool define_privilege_functions(napi_env env, napi_value exports)
{
	return define_function(env, exports, "giveUpPrivileges", give_up_privileges);
}

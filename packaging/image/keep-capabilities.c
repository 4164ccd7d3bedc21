/*
 * keep-capabilities PROGRAM ARGUMENT...: runs a program with the capabilities that this container was given, as the user that it
 * runs as. The kernel takes them from a process that is not root, unless its program's file has them; were Node's file to have
 * them, everything that runs on Node would, and Node would not start where the container was given fewer. This file has them as
 * permitted only: execve(2) leaves of these what the bounding set allows, and the ambient set (capabilities(7)) carries that on.
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int complain(const char *what)
{
	fprintf(stderr, "keep-capabilities: %s: %s\n", what, strerror(errno));
	return 1;
}

int main(int count, char **words)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3, .pid = 0 };
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];

	if (count < 2) {
		fprintf(stderr, "usage: keep-capabilities PROGRAM [ARGUMENT...]\n");
		return 2;
	}
	if (syscall(SYS_capget, &header, sets) < 0)
		return complain("capget");
	for (int part = 0; part < _LINUX_CAPABILITY_U32S_3; part++)
		sets[part].inheritable |= sets[part].permitted;
	if (syscall(SYS_capset, &header, sets) < 0)
		return complain("capset");
	for (int bit = 0; bit < 32 * _LINUX_CAPABILITY_U32S_3; bit++) {
		if ((sets[bit / 32].permitted & (1U << bit % 32)) == 0)
			continue;
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, bit, 0, 0) < 0)
			return complain("PR_CAP_AMBIENT_RAISE");
	}
	execvp(words[1], words + 1);
	return complain(words[1]);
}

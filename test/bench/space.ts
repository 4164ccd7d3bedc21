import type { Guest } from "../kernel/uml/guest.ts";

const timeoutMs = 3_600_000;
let spaces = 0;

/**
 * Where one thing is measured: a network namespace, which has its own table, and a control group of the same name. Fresh each
 * time: a kernel keeps removed destinations for two minutes and searches them all at each new one, so that whoever writes
 * after a flush would pay for the table before.
 */
export interface Space {
  readonly guest: Guest;
  readonly name: string;
  /** As Guest.sh, in the namespace. */
  sh(script: string): Promise<string>;
}

/** Makes spaces possible in a guest that has just been booted. */
export async function prepareSpaces(guest: Guest): Promise<void> {
  // Not below /sys: namespaces get a /sys of their own.
  await guest.sh("mkdir -p /run/cgroup /run/bench && mount -t cgroup2 cgroup /run/cgroup && modprobe ip_vs_rr");
}

/** Whatever still runs in the space at its end is killed, without a chance to clean up. */
export async function inFreshSpace(guest: Guest, body: (space: Space) => Promise<void>): Promise<void> {
  const name = `bench${++spaces}`;
  const group = `/run/cgroup/${name}`;
  await guest.sh(`mkdir ${group} && ip netns add ${name} && ip -n ${name} link set lo up`);
  try {
    await body({ guest, name, sh: (script) => guest.sh(script, { namespace: name, timeoutMs }) });
  } finally {
    await guest.sh(`echo 1 >${group}/cgroup.kill; while grep -q . ${group}/cgroup.procs; do sleep 0.1; done`);
    // The kernel empties the table of a namespace that is gone in its own time.
    const emptied = "[ $(cat /sys/module/ip_vs_rr/refcnt) = 0 ]";
    await guest.sh(`rmdir ${group}; ip netns del ${name}; until ${emptied}; do sleep 0.1; done; sleep 1`, {
      timeoutMs,
    });
  }
}

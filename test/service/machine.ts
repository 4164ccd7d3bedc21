import { existsSync } from "node:fs";
import { join } from "node:path";
import { uniqueName } from "ipvs-netlink/testing";
import { until } from "../e2e/lbctl.ts";
import type { Job, JobResult } from "../kernel/uml/job.ts";
import type { Host } from "./host.ts";

const checkout = join(import.meta.dirname, "../..");
const plainRoot = join(checkout, ".cache/systemd-root/root");
/** With NetworkManager, chrony, AppArmor's tools, keepalived and iptables, none of them started (scripts/setup.sh qemu). */
export const managersRoot = join(checkout, ".cache/managers-root/root");

export interface MachineOptions {
  /** Whose kernel it runs on. */
  readonly host: Host;
  /** Its network, by `ip netns` name. */
  readonly namespace: string;
  /** The directory that it sees as /packages. */
  readonly packages: string;
  /** What is installed on it; the least that there is unless said otherwise. */
  readonly root?: string;
}

/** Debian 12 as it is installed, booted by systemd; what is changed in it ends with it. */
export interface Machine {
  /** Runs a shell script in it, as root, to its end. */
  exec(script: string, timeoutMs?: number): Promise<JobResult>;
  /** As exec, but a status other than 0 rejects. Resolves to its stdout. */
  sh(script: string, timeoutMs?: number): Promise<string>;
  /** Runs a script until it says yes (status 0), so often: where each run is work that delays what is waited for, less often. */
  until(script: string, everyS?: number): Promise<void>;
  /** Takes its power away. */
  close(): Promise<void>;
}

/** Boots one (a second; in a guest ten). */
export async function bootMachine({ host, namespace, packages, root = plainRoot }: MachineOptions): Promise<Machine> {
  if (!existsSync(root)) throw new Error(`there is no Debian root ${root}: run sh scripts/setup.sh`);
  const name = uniqueName("lbctl-m");
  const words = [join(import.meta.dirname, "machine.sh"), name, root, namespace, packages];
  const power = host.start(`exec sh ${words.join(" ")}`, { timeoutMs: 3_000_000 });
  const leader = await leaderOf(power);

  const exec = (script: string, timeoutMs = 120_000): Promise<JobResult> =>
    host.exec(inside(leader, script), { timeoutMs });
  const machine: Machine = {
    exec,
    async sh(script, timeoutMs) {
      const { status, stdout, stderr } = await exec(script, timeoutMs);
      if (status === 0) return stdout;
      const journal = await exec(
        "journalctl -b -p warning -n 40 --no-pager; journalctl -u lbctl -n 60 --no-pager; systemctl status --no-pager lbctl",
      );
      throw new Error(`status ${status} from: ${script}\n${stdout}${stderr}\n${journal.stdout.slice(-6000)}`);
    },
    async until(script, everyS = 0.1) {
      await machine.sh(
        `for _ in $(seq 1200); do if ${script}; then exit 0; fi; sleep ${everyS}; done; exit 1`,
        300_000,
      );
    },
    async close() {
      power.signal("TERM");
      await power.done;
    },
  };
  // "degraded" where the kernel lacks what Debian would like to have.
  await machine.sh("systemctl is-system-running --wait | grep -qE 'running|degraded'");
  return machine;
}

/** Its process 1, as the host numbers it. */
async function leaderOf(power: Job): Promise<number> {
  let over = false;
  power.done.then(
    () => {
      over = true;
    },
    () => {
      over = true;
    },
  );
  await until(
    "the machine boots",
    () => over || /^\d+\n/.test(power.stdout()),
    () => power.stderr(),
  );
  if (over) throw new Error(`the machine did not boot:\n${power.stderr()}`);
  return Number.parseInt(power.stdout(), 10);
}

function inside(leader: number, script: string): string {
  const environment = "env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8";
  return `nsenter --target ${leader} --all ${environment} sh -s <<'END-OF-SCRIPT'\n${script}\nEND-OF-SCRIPT`;
}

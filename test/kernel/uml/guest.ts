import { chooseCpu } from "./cpu-choice.ts";
import type { Job, JobOptions, JobResult } from "./job.ts";
import { runGuest } from "./running-guest.ts";
import { startUml } from "./uml-machine.ts";

const bootTimeoutMs = 120_000;

/** A running machine of its own: Linux with IPVS, on a copy-on-write view of the host's file system. */
export type Guest = {
  /** The one directory that host and guest share, at the same path in both. Removed by close(). */
  readonly sharedDir: string;
  /** Runs a shell script to its end, whatever its status. Rejects (GuestError) when it overruns or the guest dies. */
  exec(script: string, options?: JobOptions): Promise<JobResult>;
  /** As exec, but a status other than 0 rejects, with the script's output in the message. Resolves to its stdout. */
  sh(script: string, options?: JobOptions): Promise<string>;
  /** Starts a script and returns at once. */
  start(script: string, options?: JobOptions): Job;
  /** One exchange with the guest's agent. */
  ping(): Promise<void>;
  /** Takes the power away, as a crash would. */
  kill(): void;
  /** Powers the guest off and removes its files. */
  close(): Promise<void>;
};

export type BootOptions = {
  readonly memoryMiB?: number;
  /** Kernel modules loaded before the first job; others are loaded when first needed, as on any machine. */
  readonly modules?: readonly string[];
  readonly extraArguments?: readonly string[];
};

/** Boots Linux 6.1 (about 2 s). The caller closes it; should this process die, the guest dies with it. */
export async function bootGuest(options: BootOptions = {}): Promise<Guest> {
  const { memoryMiB = 1024, modules = ["ip_vs", "veth", "bridge"], extraArguments = [] } = options;
  const cpu = await chooseCpu(Number(process.env.VITEST_POOL_ID ?? process.pid));
  return runGuest((sharedDir) => startUml(sharedDir, { memoryMiB, cpu, modules, extraArguments }), bootTimeoutMs);
}

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { agentClient } from "./agent-client.ts";
import { chooseCpu } from "./cpu-choice.ts";
import { type Job, type JobOptions, type JobResult, jobFiles } from "./job.ts";
import { consoleTail, startKernel } from "./kernel-process.ts";
import { UmlError } from "./uml-error.ts";

const bootTimeoutMs = 120_000;
const powerOffTimeoutMs = 5_000;

export type BootOptions = {
  readonly memoryMiB?: number;
  /** Kernel modules loaded before the first job; others are loaded when first needed, as on any machine. */
  readonly modules?: readonly string[];
  readonly extraArguments?: readonly string[];
};

/** A running machine of its own: Linux 6.1 with IPVS, on a copy-on-write view of the host's file system. */
export type Guest = {
  /** The one directory that host and guest share, at the same path in both. Removed by close(). */
  readonly sharedDir: string;
  /** Runs a shell script to its end, whatever its status. Rejects (UmlError) when it overruns or the guest dies. */
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

/** Boots a guest (about 2 s). The caller closes it; should this process die, the guest dies with it. */
export async function bootGuest(options: BootOptions = {}): Promise<Guest> {
  const sharedDir = mkdtempSync(join(tmpdir(), "lbctl-guest-"));
  mkdirSync(join(sharedDir, "jobs"));
  try {
    return await boot(sharedDir, options);
  } catch (error) {
    rmSync(sharedDir, { recursive: true, force: true });
    throw error;
  }
}

async function boot(sharedDir: string, options: BootOptions): Promise<Guest> {
  const kernel = startKernel({
    sharedDir,
    memoryMiB: options.memoryMiB ?? 1024,
    cpu: await chooseCpu(Number(process.env.VITEST_POOL_ID ?? process.pid)),
    modules: options.modules ?? ["ip_vs", "veth", "bridge"],
    extraArguments: options.extraArguments ?? [],
  });
  let over = false;
  const agent = agentClient(kernel.serial, () => consoleTail(sharedDir));
  kernel.ended.then(() => {
    over = true;
    agent.guestEnded();
  });

  const first = await Promise.race([
    agent.ready.then(() => "ready" as const),
    kernel.ended.then(() => "ended" as const),
    sleep(bootTimeoutMs, "late" as const, { ref: false }),
  ]);
  if (first !== "ready") {
    kernel.kill();
    await kernel.ended;
    const what = first === "ended" ? "ended while booting" : `was not up after ${bootTimeoutMs / 1000} s`;
    throw new UmlError("boot-failed", `the guest ${what}\n${consoleTail(sharedDir)}`);
  }

  const start = (script: string, jobOptions: JobOptions = {}): Job =>
    agent.run(jobFiles(sharedDir, agent.nextId()), script, jobOptions);
  const exec = (script: string, jobOptions?: JobOptions): Promise<JobResult> => start(script, jobOptions).done;
  return {
    sharedDir,
    start,
    exec,
    async sh(script, jobOptions) {
      const { status, stdout, stderr } = await exec(script, jobOptions);
      if (status === 0) return stdout;
      throw new UmlError("job-failed", `status ${status} from: ${script}\n${(stdout + stderr).slice(-4000)}`);
    },
    ping: agent.ping,
    kill: kernel.kill,
    async close() {
      if (!over) agent.powerOff();
      await Promise.race([kernel.ended, sleep(powerOffTimeoutMs, undefined, { ref: false })]);
      kernel.kill();
      await kernel.ended;
      rmSync(sharedDir, { recursive: true, force: true });
    },
  };
}

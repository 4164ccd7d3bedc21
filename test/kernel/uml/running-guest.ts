import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { agentClient } from "./agent-client.ts";
import type { Guest } from "./guest.ts";
import { GuestError } from "./guest-error.ts";
import { type Job, type JobOptions, type JobResult, jobFiles } from "./job.ts";
import { consoleTail, type Machine } from "./machine.ts";

const powerOffTimeoutMs = 5_000;

/** Starts a machine with a fresh shared directory, and waits for the agent in it. */
export async function runGuest(start: (sharedDir: string) => Machine, bootTimeoutMs: number): Promise<Guest> {
  const sharedDir = mkdtempSync(join(tmpdir(), "lbctl-guest-"));
  mkdirSync(join(sharedDir, "jobs"));
  try {
    return await boot(start(sharedDir), sharedDir, bootTimeoutMs);
  } catch (error) {
    rmSync(sharedDir, { recursive: true, force: true });
    throw error;
  }
}

async function boot(machine: Machine, sharedDir: string, bootTimeoutMs: number): Promise<Guest> {
  let over = false;
  const agent = agentClient(machine.serial, () => consoleTail(sharedDir));
  machine.ended.then(() => {
    over = true;
    agent.guestEnded();
  });

  const first = await Promise.race([
    agent.ready.then(() => "ready" as const),
    machine.ended.then(() => "ended" as const),
    sleep(bootTimeoutMs, "late" as const, { ref: false }),
  ]);
  if (first !== "ready") {
    machine.kill();
    await machine.ended;
    const what = first === "ended" ? "ended while booting" : `was not up after ${bootTimeoutMs / 1000} s`;
    throw new GuestError("boot-failed", `the guest ${what}\n${consoleTail(sharedDir)}`);
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
      throw new GuestError("job-failed", `status ${status} from: ${script}\n${(stdout + stderr).slice(-4000)}`);
    },
    ping: agent.ping,
    kill: machine.kill,
    async close() {
      if (!over) agent.powerOff();
      await Promise.race([machine.ended, sleep(powerOffTimeoutMs, undefined, { ref: false })]);
      machine.kill();
      await machine.ended;
      rmSync(sharedDir, { recursive: true, force: true });
    },
  };
}

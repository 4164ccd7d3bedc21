import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { GuestError } from "./guest-error.ts";

export const checkout = join(import.meta.dirname, "../../..");

/** A started computer, real or not: power, and one serial line. */
export type Machine = {
  /** The line between the guest's agent and us. */
  readonly serial: Duplex;
  /** Resolves once no process of the machine is left. */
  readonly ended: Promise<void>;
  /** Takes the power away. */
  kill(): void;
};

/**
 * Starts the program that is the machine, with the serial line as its descriptor 3. It and sharedDir go when this process does,
 * even if this one is killed (guard.sh). What it prints goes to sharedDir/console.log.
 */
export function startMachine(
  sharedDir: string,
  command: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Machine {
  const console = openSync(join(sharedDir, "console.log"), "w");
  const child = spawn("/bin/sh", [join(import.meta.dirname, "guard.sh"), sharedDir, ...command], {
    // 3: serial line. 4: what the guard watches for our end.
    stdio: ["ignore", console, console, "pipe", "pipe"],
    detached: true,
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/root", ...environment },
  });
  closeSync(console);
  const { pid } = child;
  if (pid === undefined) throw new GuestError("boot-failed", "the guest's guard could not be started");

  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const serial = child.stdio[3] as Duplex;
  // A guest that dies resets the line; `ended` is what tells.
  serial.on("error", () => {});
  child.stdio[4]?.on("error", () => {});
  return {
    serial,
    ended,
    kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      try {
        process.kill(-pid, "SIGKILL");
      } catch {
        // Ended between the question and the signal.
      }
    },
  };
}

/** The last lines that the guest's kernel and its agent wrote, to explain a failure. */
export function consoleTail(sharedDir: string): string {
  const tails = ["console.log", "agent.log"].map((name) => {
    try {
      return readFileSync(join(sharedDir, name), "utf8").slice(-2000).trimEnd();
    } catch {
      return "";
    }
  });
  return `--- the guest's console\n${tails.join("\n")}`;
}

/** What guest-init.sh is told, as words of a kernel's command line: KEY=value becomes init's environment. */
export function initEnvironment(values: Readonly<Record<string, string>>): readonly string[] {
  const all = { GUEST_AGENT: join(import.meta.dirname, "guest-agent.pl"), ...values };
  return Object.entries(all).map(([key, value]) => `${key}="${value}"`);
}

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { UmlError } from "./uml-error.ts";

const checkout = join(import.meta.dirname, "../../..");
const kernelRoot = join(checkout, ".cache/uml/root");

export type KernelOptions = {
  /** Shared with the guest, at the same path there. Also receives console.log. */
  readonly sharedDir: string;
  readonly memoryMiB: number;
  /** The one CPU that the guest runs on. */
  readonly cpu: number;
  readonly modules: readonly string[];
  readonly extraArguments: readonly string[];
};

export type KernelProcess = {
  readonly pid: number;
  /** The line between the guest's agent and us. */
  readonly serial: Duplex;
  /** Resolves once no process of the guest is left. */
  readonly ended: Promise<void>;
  /** Takes the power away. */
  kill(): void;
};

/** Starts a user-mode Linux kernel. It and sharedDir go when this process does, even if it is killed (guard.sh). */
export function startKernel(options: KernelOptions): KernelProcess {
  const kernel = join(kernelRoot, "usr/bin/linux.uml");
  if (!existsSync(kernel)) {
    throw new UmlError("kernel-missing", "no user-mode Linux kernel in .cache/uml: run sh scripts/setup.sh test");
  }
  const console = openSync(join(options.sharedDir, "console.log"), "w");
  const command = ["taskset", "--cpu-list", String(options.cpu), kernel, ...kernelArguments(options)];
  const child = spawn("/bin/sh", [join(import.meta.dirname, "guard.sh"), options.sharedDir, ...command], {
    // 3: serial line. 4: what the guard watches for our end.
    stdio: ["ignore", console, console, "pipe", "pipe"],
    detached: true,
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", HOME: "/root", TMPDIR: memoryFileDir(options.memoryMiB) },
  });
  closeSync(console);
  const { pid } = child;
  if (pid === undefined) throw new UmlError("boot-failed", "the kernel's guard could not be started");

  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const serial = child.stdio[3] as Duplex;
  // A guest that dies resets the line; `ended` is what tells.
  serial.on("error", () => {});
  child.stdio[4]?.on("error", () => {});
  return { pid, serial, ended, kill: () => killGroup(child, pid) };
}

function kernelArguments(options: KernelOptions): readonly string[] {
  // The kernel hands what it does not know to init: KEY=value as environment, a bare word as an argument.
  const environment = {
    GUEST_DIR: options.sharedDir,
    GUEST_KERNEL: kernelRoot,
    GUEST_AGENT: join(import.meta.dirname, "guest-agent.pl"),
    GUEST_MODULES: options.modules.join(" "),
  };
  return [
    `mem=${options.memoryMiB}M`,
    ...["rootfstype=hostfs", "rootflags=/", "ro", "quiet"],
    ...["con=null", "con0=null,fd:1", "ssl=null", "ssl0=fd:3"],
    ...["panic=-1", "noreboot=1", `uml_dir=${options.sharedDir}/uml/`, "umid=guest"],
    ...Object.entries(environment).map(([key, value]) => `${key}="${value}"`),
    ...options.extraArguments,
    ...["init=/bin/sh", "--", `"${join(import.meta.dirname, "guest-init.sh")}"`],
  ];
}

/** The guest's memory is a file: in /dev/shm if that is large enough (containers have 64 MB), otherwise on disk. */
function memoryFileDir(memoryMiB: number): string {
  try {
    const { bavail, bsize } = statfsSync("/dev/shm");
    if (bavail * bsize >= memoryMiB * 2 ** 20) return "/dev/shm";
  } catch {
    // No /dev/shm at all.
  }
  return tmpdir();
}

function killGroup(child: ChildProcess, pid: number): void {
  if (child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Ended between the question and the signal.
  }
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

import { existsSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GuestError } from "./guest-error.ts";
import { checkout, initEnvironment, type Machine, startMachine } from "./machine.ts";

const kernelRoot = join(checkout, ".cache/uml/root");

export type UmlOptions = {
  readonly memoryMiB: number;
  /** The one CPU that the guest runs on. */
  readonly cpu: number;
  readonly modules: readonly string[];
  readonly extraArguments: readonly string[];
};

/** Starts a user-mode Linux kernel, which is an ordinary process. */
export function startUml(sharedDir: string, options: UmlOptions): Machine {
  const kernel = join(kernelRoot, "usr/bin/linux.uml");
  if (!existsSync(kernel)) {
    throw new GuestError("kernel-missing", "no user-mode Linux kernel in .cache/uml: run sh scripts/setup.sh test");
  }
  const kernelArguments = [
    `mem=${options.memoryMiB}M`,
    ...["rootfstype=hostfs", "rootflags=/", "ro", "quiet"],
    ...["con=null", "con0=null,fd:1", "ssl=null", "ssl0=fd:3"],
    ...["panic=-1", "noreboot=1", `uml_dir=${sharedDir}/uml/`, "umid=guest"],
    ...initEnvironment({
      GUEST_DIR: sharedDir,
      GUEST_SHARE: `-t hostfs -o ${sharedDir}`,
      GUEST_SERIAL: "/dev/ttyS0",
      GUEST_KERNEL: kernelRoot,
      GUEST_MODULES: options.modules.join(" "),
    }),
    ...options.extraArguments,
    // What follows "--" are init's arguments.
    ...["init=/bin/sh", "--", `"${join(import.meta.dirname, "guest-init.sh")}"`],
  ];
  const command = ["taskset", "--cpu-list", String(options.cpu), kernel, ...kernelArguments];
  return startMachine(sharedDir, command, { TMPDIR: memoryFileDir(options.memoryMiB) });
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

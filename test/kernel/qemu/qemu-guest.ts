import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Guest } from "../uml/guest.ts";
import { GuestError } from "../uml/guest-error.ts";
import { checkout, initEnvironment, type Machine, startMachine } from "../uml/machine.ts";
import { runGuest } from "../uml/running-guest.ts";

const bootTimeoutMs = 300_000;
const kernelDir = join(checkout, ".cache/qemu");

export type QemuBootOptions = {
  readonly memoryMiB?: number;
  readonly cpuCount?: number;
  readonly modules?: readonly string[];
};

/**
 * Boots Linux 6.12 in QEMU without KVM (20 to 40 s; computation takes about 7 times as long): a newer kernel and several CPUs, which
 * user-mode Linux has not. The guest is like that of bootGuest in everything else.
 */
export function bootQemuGuest(options: QemuBootOptions = {}): Promise<Guest> {
  return runGuest((sharedDir) => startQemu(sharedDir, options), bootTimeoutMs);
}

function startQemu(sharedDir: string, options: QemuBootOptions): Machine {
  if (!existsSync(join(kernelDir, "ready"))) {
    throw new GuestError("kernel-missing", "no 6.12 kernel in .cache/qemu: run sh scripts/setup.sh qemu");
  }
  const kernelArguments = [
    ...["console=ttyS0", "quiet", "panic=-1", "mitigations=off", "tsc=reliable"],
    ...initEnvironment({
      GUEST_DIR: sharedDir,
      GUEST_SHARE: "-t 9p -o trans=virtio,version=9p2000.L,msize=524288,cache=none",
      GUEST_SERIAL: "/dev/ttyS1",
      GUEST_KERNEL: join(kernelDir, "root"),
      GUEST_MODULES: (options.modules ?? ["ip_vs", "veth", "bridge"]).join(" "),
      GUEST_INIT: join(import.meta.dirname, "../uml/guest-init.sh"),
    }),
  ];
  return startMachine(sharedDir, [
    "qemu-system-x86_64",
    ...["-machine", "q35", "-cpu", "max", "-accel", "tcg,thread=multi,tb-size=512"],
    ...["-smp", String(options.cpuCount ?? 2), "-m", `${options.memoryMiB ?? 2048}M`],
    ...["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"],
    // First serial port: the kernel's console, into our console.log. Second: the agent's line, on descriptor 3.
    ...["-chardev", "file,id=console,path=/dev/stdout", "-serial", "chardev:console"],
    ...["-chardev", "socket,id=agent,fd=3", "-serial", "chardev:agent"],
    ...["-virtfs", "local,path=/,mount_tag=root,security_model=none,readonly=on,multidevs=remap"],
    ...["-virtfs", `local,path=${sharedDir},mount_tag=shared,security_model=none`],
    ...["-kernel", join(kernelDir, "vmlinuz"), "-initrd", join(kernelDir, "initramfs.gz")],
    ...["-append", kernelArguments.join(" ")],
  ]);
}

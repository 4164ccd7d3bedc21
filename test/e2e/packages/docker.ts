import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "./made-package.ts";

// No engine with a daemon can run in the test's namespaces: podman, whose commands are Docker's, stands for it.

const containersConf = (directory: string) => `[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
cgroups = "disabled"
netns = "host"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "crun"
static_dir = "${directory}/static"
tmp_dir = "${directory}/engine"
volume_path = "${directory}/volumes"
`;

/** crun understands one hierarchy of control groups only, so it is shown one. */
const oneHierarchy =
  "umount -l /sys/fs/cgroup 2>/dev/null; mkdir -p /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup";

/**
 * A host for containers below `directory`: its folders /run, /etc and /var/lib take what is written and lose it. Answers the PATH on
 * which `docker` is, and what a shell is started by that lives on it, in the network namespace.
 */
export function makeDockerHost(directory: string, namespace: string) {
  execFileSync("sh", ["-c", "command -v podman || apt-get install -y --no-install-recommends podman"]);
  const bin = join(directory, "bin");
  for (const each of [bin, join(directory, "empty")]) mkdirSync(each, { recursive: true });
  writeFileSync(join(directory, "containers.conf"), containersConf(directory));
  const places = `--root ${directory}/graph --runroot ${directory}/run --storage-driver vfs`;
  writeFileSync(
    join(bin, "docker"),
    `#!/bin/sh\nCONTAINERS_CONF=${directory}/containers.conf BUILDAH_ISOLATION=chroot exec podman ${places} "$@"\n`,
    { mode: 0o755 },
  );
  const overlays = ["/etc", "/var/lib"].map((place, index) => {
    const layer = `${directory}/overlay/${index}`;
    return `mkdir -p ${layer}/up ${layer}/work && mount -t overlay -o lowerdir=${place},upperdir=${layer}/up,workdir=${layer}/work none ${place}`;
  });
  // An overlay cannot lie on every file system, on memory it can.
  const memory = `mkdir -p ${directory}/overlay && mount -t tmpfs none ${directory}/overlay`;
  const script = [oneHierarchy, memory, ...overlays, "mount -t tmpfs -o mode=755 none /run", 'exec "$@"'].join(" && ");
  return {
    bin,
    enter: ["ip", "netns", "exec", namespace, "unshare", "--mount", "--propagation=private", "sh", "-c", script, "sh"],
    /** The image that the Dockerfile begins with, from the Debian root of the set-up. */
    importBase(): void {
      const tar = join(directory, "base.tar");
      const root = join(checkout, ".cache/systemd-root/root");
      execFileSync("tar", ["-C", root, "--exclude=./dev/*", "-cf", tar, "."]);
      execFileSync(join(bin, "docker"), ["import", tar, "docker.io/library/debian:bookworm-slim"], { stdio: "pipe" });
      rmSync(tar);
    },
  };
}

import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { uniqueName } from "ipvs-netlink/testing";
import { type Ended, type Running, start } from "../lbctl.ts";
import { checkout, makePackages, version } from "./made-package.ts";

const run = promisify(execFile);

/** What the image says of itself, as Docker has it. */
export interface ImageConfig {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
  readonly StopSignal: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly Healthcheck: { readonly Test: readonly string[] };
}

export interface BuiltImage {
  readonly config: ImageConfig;
  /** Its file system, as a container that nothing has written to sees it. */
  readonly root: string;
  /** What is delivered: its name and checksum. */
  readonly checksum: string;
  /** Of the image that an engine makes of it, which is its name there. */
  readonly digest: string;
  /** Their digests. */
  readonly layers: readonly string[];
  /** Builds it a second time, on the same base. Answers the checksum of that. */
  buildAgain(): Promise<string>;
}

interface Inspected {
  readonly FromImageID: string;
  readonly Docker: { readonly config: ImageConfig; readonly rootfs: { readonly diff_ids: readonly string[] } };
}

/** Builds the image in `directory`, on the Debian root of the set-up as base. */
export async function buildImage(directory: string): Promise<BuiltImage> {
  const storage = join(directory, "storage");
  const buildah = async (...words: readonly string[]) => {
    const places = ["--root", join(storage, "graph"), "--runroot", join(storage, "run"), "--storage-driver", "vfs"];
    const { stdout } = await run("buildah", [...places, ...words], {
      env: { ...process.env, BUILDAH_ISOLATION: "chroot" },
    });
    return stdout.trim();
  };
  mkdirSync(storage);
  const tar = join(directory, "base.tar");
  await run("tar", ["-C", join(checkout, ".cache/systemd-root/root"), "--exclude=./dev/*", "-cf", tar, "."]);
  const base = await buildah("from", "scratch");
  await buildah("add", "--quiet", base, tar, "/");
  rmSync(tar);
  await buildah("commit", "--quiet", base, "localhost/base");
  await buildah("rm", base);
  const tag = `localhost/lbctl:${version}`;
  /** Answers its checksum, and where it is. */
  const build = async (name: string): Promise<readonly [string, string]> => {
    const out = join(directory, name);
    await makePackages(out, ["image"], {
      LBCTL_PACKAGE_ARCHITECTURES: process.arch,
      LBCTL_IMAGE_STORAGE: storage,
      LBCTL_IMAGE_BASE: "localhost/base",
    });
    // What was built is not what is tried.
    await buildah("rmi", "--force", tag);
    const archive = `lbctl-${version}-image-amd64.tar`;
    const checksum = readFileSync(join(out, "SHA256SUMS"), "utf8")
      .split("\n")
      .find((line) => line.endsWith(`  ${archive}`));
    if (checksum === undefined) throw new Error(`${archive} has no checksum`);
    return [checksum, join(out, archive)];
  };
  const [checksum, archive] = await build("dist");
  await buildah("pull", "--quiet", `docker-archive:${archive}`);
  const inspected = JSON.parse(await buildah("inspect", "--type", "image", tag)) as Inspected;
  const container = await buildah("from", "--pull-never", tag);
  return {
    config: inspected.Docker.config,
    root: await buildah("mount", container),
    checksum,
    digest: inspected.FromImageID,
    layers: inspected.Docker.rootfs.diff_ids,
    buildAgain: async () => (await build("again"))[0],
  };
}

export interface ContainerOptions {
  /** By `ip netns` name. */
  readonly namespace: string;
  readonly capabilities: readonly string[];
  /** Mounted read-only at /etc/lbctl. */
  readonly etc: string;
  /** Instead of the image's CMD. */
  readonly command?: readonly string[];
}

/** A container of crun, as an engine would start it: the image's user, environment and entry point, on a read-only root. */
export class Container {
  readonly #bundle: string;
  readonly #image: BuiltImage;
  readonly #id: string;
  readonly running: Running;

  constructor(directory: string, image: BuiltImage, options: ContainerOptions) {
    const { namespace, capabilities, etc, command = image.config.Cmd } = options;
    this.#id = uniqueName("lbctl");
    this.#bundle = join(directory, this.#id);
    this.#image = image;
    mkdirSync(this.#bundle, { recursive: true });
    const [uid] = image.config.User.split(":").map(Number);
    const tmpfs = (destination: string) => ({
      ...{ destination, type: "tmpfs", source: "tmpfs", options: [`uid=${uid}`, "mode=755"] },
    });
    writeFileSync(
      join(this.#bundle, "config.json"),
      JSON.stringify({
        ociVersion: "1.0.0",
        root: { path: image.root, readonly: true },
        process: {
          ...{
            args: [...image.config.Entrypoint, ...command],
            env: image.config.Env,
            cwd: "/",
            noNewPrivileges: false,
          },
          user: this.#user(),
          // What an engine gives a user that is not root: the bounding set, and nothing in the others.
          capabilities: { bounding: capabilities },
        },
        mounts: [
          { destination: "/proc", type: "proc", source: "proc" },
          { destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "mode=755"] },
          ...["/run/lbctl", "/var/lib/lbctl", "/var/cache/lbctl", "/tmp"].map(tmpfs),
          { destination: "/etc/lbctl", type: "bind", source: etc, options: ["bind", "ro"] },
        ],
        linux: {
          readonlyPaths: ["/proc/sys"],
          namespaces: [
            ...["pid", "ipc", "uts", "mount"].map((type) => ({ type })),
            { type: "network", path: `/run/netns/${namespace}` },
          ],
        },
      }),
    );
    this.running = start(...this.#crun("run", "--bundle", this.#bundle, this.#id));
  }

  /** Runs a program in the container as the image's user, to its end. */
  exec(...words: readonly string[]): Promise<Ended> {
    const { uid, gid } = this.#user();
    const env = this.#image.config.Env.flatMap((each) => ["--env", each]);
    return start(...this.#crun("exec", "--user", `${uid}:${gid}`, ...env, this.#id, ...words)).ended;
  }

  async signal(name: string): Promise<void> {
    await start(...this.#crun("kill", this.#id, name)).ended;
  }

  async remove(): Promise<void> {
    await start(...this.#crun("delete", "--force", this.#id)).ended;
    await this.running.ended;
  }

  #user(): { readonly uid: number; readonly gid: number } {
    const [uid = 0, gid = 0] = this.#image.config.User.split(":").map(Number);
    return { uid, gid };
  }

  /** crun understands one hierarchy of control groups only, so it is shown one, and told to leave it alone. */
  #crun(...words: readonly string[]): [string, readonly string[]] {
    const script = `umount -l /sys/fs/cgroup 2>/dev/null; mkdir -p /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup && exec crun "$@"`;
    const places = ["--cgroup-manager=disabled", "--root", `${this.#bundle}.crun`];
    return ["unshare", ["--mount", "--propagation=private", "sh", "-c", script, "sh", ...places, ...words]];
  }
}

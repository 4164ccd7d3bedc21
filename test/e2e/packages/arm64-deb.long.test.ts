import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { start } from "../lbctl.ts";
import { checkout, makePackages, version } from "./made-package.ts";

const directory = mkdtempSync(join(tmpdir(), "lbctl-arm64-"));
const root = join(checkout, ".cache/arm64-root/root");
const emulate = [join(checkout, "scripts/setup/emulate-arm64.sh")];

/** A binfmt_misc of one's own is new in Linux 6.7: with an older kernel the whole machine would have to learn to run arm64. */
const canEmulate =
  process.getuid?.() === 0 &&
  spawnSync("unshare", ["--user", "--map-root-user", "--mount", "mount", "-t", "binfmt_misc", "none", "/mnt"])
    .status === 0;

beforeAll(() => {
  if (!existsSync(root)) throw new Error("there is no Debian root in .cache/arm64-root: run sh scripts/setup.sh qemu");
  execFileSync("sh", [
    "-c",
    "command -v qemu-aarch64-static || apt-get install -y --no-install-recommends qemu-user-static",
  ]);
  const only = { LBCTL_PACKAGE_ARCHITECTURES: "arm64", LBCTL_DEB_COMPRESSION: "none" };
  return makePackages(directory, ["deb"], only);
}, 900_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const config = `virtual_server:
  - address: 127.0.0.1
    port: 8080
    protocol: TCP
    lvs_sched: rr
    delay_loop: 6
    real_server: { address: 127.0.0.1, port: 8001, TCP_CHECK: { connect_timeout: 1 } }
`;

/** Each a command of the machine. The last one of them leaves nothing. */
const steps = {
  architecture: "uname -m",
  install: `dpkg --install /packages/lbctl_${version}-1_arm64.deb`,
  installed: `dpkg-query -W -f '\${Architecture} \${Status}' lbctl`,
  version: "lbctl --version",
  configure: `cat >/etc/lbctl/lbctl.yaml <<'END'\n${config}END`,
  validate: "lbctl validate",
  // The kernel's links and addresses, by rtnetlink; the emulator has no generic netlink, which IPVS is.
  doctor: "lbctl doctor --only network --skip-wire",
  run: `lbctl run --dataplane userspace --log console --run-dir /tmp/run >/tmp/log 2>&1 & lbctl=$!
while kill -0 $lbctl; do sleep 1; lbctl status --run-dir /tmp/run 2>/dev/null && break; done
kill $lbctl; wait $lbctl; status=$?; cat /tmp/log; exit $status`,
  purge: "dpkg --purge lbctl",
  left: "ls -d /usr/lib/lbctl /etc/lbctl /var/lib/lbctl /var/cache/lbctl /usr/bin/lbctl",
} as const;
type Step = keyof typeof steps;

/** Runs the steps on a copy of the root, in a network of its own. An overlay will not do: without more rights dpkg cannot rename in it. */
async function runSteps(): Promise<Readonly<Record<Step, readonly [status: number, output: string]>>> {
  const lines = Object.entries(steps).map(
    ([name, command]) => `cat >$m/root/tmp/step <<'STEP'\n${command}\nSTEP
env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C chroot $m/root sh /tmp/step >$m/out 2>&1 </dev/null
printf '@@@%s %s\\n' ${name} $?; cat $m/out`,
  );
  const script = `set -e
m=/mnt; mount -t tmpfs tmpfs $m; cp -a ${root} $m/root
mount --rbind /dev $m/root/dev; mount --bind /proc $m/root/proc
mkdir $m/root/packages; mount --bind ${directory} $m/root/packages
ip link set lo up
set +e
${lines.join("\n")}`;
  const { stdout, stderr } = await start("sh", [...emulate, "unshare", "--net", "sh", "-c", script]).ended;
  const found = [...stdout.matchAll(/@@@(\w+) (\d+)\n([^@]*)/g)];
  if (found.length !== Object.keys(steps).length) throw new Error(stdout + stderr);
  return Object.fromEntries(found.map(([, name, status, output]) => [name, [Number(status), output]])) as never;
}

describe.skipIf(!canEmulate)("the .deb for arm64, emulated", () => {
  test("is installed, runs with its own Node, and is purged", { timeout: 1_200_000 }, async () => {
    const done = await runSteps();
    expect(done.architecture).toEqual([0, "aarch64\n"]);
    expect(done.install).toEqual([0, expect.stringContaining("Setting up lbctl")]);
    expect(done.installed).toEqual([0, "arm64 install ok installed"]);
    expect(done.version).toEqual([0, `lbctl ${version}\n`]);
    expect(done.validate).toEqual([0, expect.stringContaining("1 virtual server")]);
    expect(done.doctor).toEqual([0, expect.stringContaining("0 failures")]);
    expect(done.run).toEqual([0, expect.stringMatching(/^lbctl \S+ {2}userspace[\s\S]* stopped$/m)]);
    expect(done.purge).toEqual([0, expect.stringContaining("Purging configuration files")]);
    expect(done.left[1].match(/No such file or directory/g)).toHaveLength(5);
  });
});

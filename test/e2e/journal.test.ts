import { execFileSync } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync, writeFileSync } from "node:fs";
import { canMakeNamespaces } from "ipvs-netlink/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { messageIds } from "../../src/log/message-ids.ts";
import { program, type Running, start, until } from "./lbctl.ts";
import { cabledNodes, type VrrpNode, vrrpInstance } from "./vrrp-nodes.ts";

const journald = "/lib/systemd/systemd-journald";
const machineId = "/etc/machine-id";

/** A journal of its own: systemd-journald in a mount namespace, as a unit would have it, but for the stream. */
const canRunJournald =
  canMakeNamespaces &&
  isExecutable(journald) &&
  existsSync(machineId) &&
  existsSync("/sys/fs/cgroup") &&
  readdirSync("/sys/fs/cgroup").length > 0;

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

let node: VrrpNode;
let peer: VrrpNode;
let running: Running;

beforeEach(() => {
  [node, peer] = cabledNodes();
});
afterEach(async () => {
  if (running !== undefined) {
    running.signal("SIGTERM");
    await running.ended;
  }
  await Promise.all([node.close(), peer.close()]);
});

describe.skipIf(!canRunJournald)("the journal", () => {
  test("has the fields and the kind of a change; journalctl finds an instance by its name", async () => {
    node.configure({
      vrrp_script: [{ name: "chk", script: "/bin/false", interval: 1, weight: -5 }],
      vrrp_instance: [
        vrrpInstance("VI_1"),
        vrrpInstance("VI_2", { virtual_router_id: 52 }),
        vrrpInstance("VI_3", { virtual_router_id: 53, track_script: ["chk"] }),
      ],
      vrrp_sync_group: [{ name: "G1", group: ["VI_1", "VI_2"] }],
    });
    const words = `run -f ${node.configFile} --dataplane userspace --run-dir ${node.runDir}`;
    // Everything that systemd would prepare. The shell waits, so that one signal ends both.
    writeFileSync(
      node.path("scene"),
      `set -e
mount -t tmpfs journal /run/systemd
mkdir -p /run/systemd/journal /run/log
mount -t tmpfs log /run/log
mkdir /run/log/journal
sysctl -qw net.unix.max_dgram_qlen=512
printf '%s' ${"0123456789abcdef".repeat(2)} >/run/systemd/machine-id
mount --bind /run/systemd/machine-id ${machineId}
${journald} >${node.path("journald.log")} 2>&1 &
journald=$!
trap 'kill $lbctl $journald || true; wait' TERM
until [ -S /run/systemd/journal/socket ]; do sleep 0.1; done
exec 2>${node.path("stderr")}
JOURNAL_STREAM=$(stat -L -c %d:%i /proc/self/fd/2) ${program} ${words} &
lbctl=$!
wait
`,
    );
    execFileSync("mkdir", ["-p", "/run/systemd", "/run/log"]);
    // Not by ip netns exec: its /sys has no control groups, which journald wants to see.
    const inside = [`--net=${node.namespace.path}`, "unshare", "-m", "sh", node.path("scene")];
    running = start("nsenter", inside);
    await node.reaches("VI_1", "master");
    const journal = (...matches: readonly string[]) =>
      execFileSync(
        "nsenter",
        ["-t", String(running.pid), "-m", "journalctl", "--no-pager", "-o", "json", "-t", "lbctl", ...matches],
        { encoding: "utf8", stdio: "pipe" },
      )
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Record<string, string>);
    const found = async (...matches: readonly string[]) => {
      let entries: readonly Record<string, string>[] = [];
      await until(
        `the journal has ${matches.join(" ")}`,
        () => {
          entries = journal(...matches);
          return entries.length > 0;
        },
        () => JSON.stringify(journal()),
      );
      return entries;
    };
    const [master] = await found("LBCTL_INSTANCE=VI_3", "LBCTL_TO=master");
    expect(master).toMatchObject({
      MESSAGE: expect.stringMatching(/^vrrp VI_3 backup -> master after .+: no advert from anybody for \d+ ms$/),
      ...{ PRIORITY: "5", MESSAGE_ID: messageIds.vrrp_state_changed, LBCTL_EVENT: "vrrp_state_changed" },
      ...{ LBCTL_ROLE: "vrrp", LBCTL_FROM: "backup", SYSLOG_FACILITY: "3", _TRANSPORT: "journal" },
    });
    const [script] = await found(`MESSAGE_ID=${messageIds.vrrp_script_changed}`);
    expect(script).toMatchObject({ MESSAGE: "vrrp_script chk starts down: exited with 1", PRIORITY: "4" });
    const [group] = await found("LBCTL_SYNC_GROUP=G1", "LBCTL_TO=master");
    expect(group?.MESSAGE).toMatch(
      /^vrrp_sync_group G1 backup -> master after .+: last of its instances was VI_[12], no advert from anybody/,
    );
    // Nothing twice: what went to the journal is not on standard error.
    expect(execFileSync("cat", [node.path("stderr")], { encoding: "utf8" })).not.toContain("VI_1");
  });
});

import { execFileSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { canMakeNamespaces } from "ipvs-netlink/testing";
import { describe, expect, test } from "vitest";
import { start, until } from "../../e2e/lbctl.ts";
import { globals, instanceText } from "./instance-text.ts";
import { contentOf, type VrrpRouter } from "./routers.ts";
import { inScene, type Scene } from "./scene.ts";

const vips = ["192.0.2.50", "198.51.100.50"];

interface Told {
  /** Lines of a FIFO until the group is master: what is told of whom, in order. */
  readonly fifo: readonly string[];
  readonly outside: readonly string[];
  readonly inside: readonly string[];
  readonly group: readonly string[];
}

/** A FIFO, and the lines that have come out of it. */
function readFifo(scene: Scene): { readonly fifo: string; readonly lines: () => string[] } {
  const fifo = join(scene.directory, "fifo");
  execFileSync("mkfifo", [fifo]);
  // Open in both directions: it neither waits for a writer nor ends with one.
  const reader = start("sh", ["-c", `exec cat 0<>"$0"`, fifo]);
  scene.alongside({
    stop: () => {
      reader.signal("SIGTERM");
      return reader.ended;
    },
  });
  return { fifo, lines: () => reader.stdout().split("\n").filter(Boolean) };
}

/** What a FIFO is told of the end of two groups: masters, whose peers are to take over. */
async function endOf(scene: Scene, run: (text: string) => Promise<VrrpRouter>): Promise<string[]> {
  const { fifo, lines } = readFifo(scene);
  const groups = ["one", "two"].map((name, nth) => ({ name, members: [`${name}-a`, `${name}-b`], nth }));
  const text = groups.flatMap(({ name, members, nth }) => [
    `vrrp_sync_group ${name} {\ngroup {\n${members.join("\n")}\n}\n}\n`,
    ...members.map((member, at) => {
      const virtualRouterId = 60 + 2 * nth + at;
      return instanceText({
        name: member,
        priority: 150,
        virtualRouterId,
        addresses: [`192.0.2.${virtualRouterId}/24`],
      });
    }),
  ]);
  const router = await run(globals(`vrrp_notify_fifo ${fifo}`) + text.join(""));
  const told = (state: string) =>
    until(
      `all are told of ${state}`,
      () => lines().filter((line) => line.includes(` ${state} `)).length === 6,
      () => lines().join("\n"),
    );
  await told("MASTER");
  await router.stop();
  await told("STOP");
  return lines().filter((line) => line.includes(" STOP "));
}

/** A life of a router alone, and what its scripts were told, in order. */
async function lifeOf(scene: Scene, run: (text: string) => Promise<VrrpRouter>): Promise<Told> {
  const script = (name: string) => {
    const file = join(scene.directory, `${name}.sh`);
    writeFileSync(file, `#!/bin/sh\necho "$*" >>${scene.directory}/${name}.log\n`);
    chmodSync(file, 0o755);
    return file;
  };
  const logOf = (name: string) =>
    contentOf(join(scene.directory, `${name}.log`))
      .split("\n")
      .filter(Boolean);
  const notify = (name: string) =>
    ["master", "backup", "fault", "stop"]
      .map((state) => `notify_${state} "${script(name)} on ${state}"`)
      .concat(`notify "${script(name)}"`);
  const members = ["outside", "inside"];
  const { fifo, lines } = readFifo(scene);
  const text =
    globals("script_user root", `vrrp_notify_fifo ${fifo}`) +
    ["vrrp_sync_group VG {", "group {", ...members, "}", ...notify("group"), "}", ""].join("\n") +
    instanceText({ name: "outside", priority: 150, lines: notify("outside") }) +
    instanceText({
      ...{ name: "inside", priority: 140, virtualRouterId: 52, interface: "eth1" },
      ...{ addresses: ["198.51.100.50/24"], lines: notify("inside") },
    });
  const router = await run(text);
  // keepalived starts all scripts of a change at once: those of the next one are not to overtake them. Two for each change.
  const all = [...members, "group"];
  const told = (state: RegExp, times: number) =>
    until(
      `all were told ${times} times of ${state}`,
      () => all.every((name) => logOf(name).filter((line) => state.test(line)).length === 2 * times),
      () => JSON.stringify(all.map(logOf)),
    );
  await told(/master/i, 1);
  router.node.ip("link set eth1 down");
  await told(/fault/i, 1);
  router.node.ip("link set eth1 up");
  await told(/master/i, 2);
  await scene.holds("r1");
  await router.stop();
  await told(/stop/i, 1);
  return { fifo: lines().slice(0, 6), outside: logOf("outside"), inside: logOf("inside"), group: logOf("group") };
}

describe.skipIf(!canMakeNamespaces).concurrent("scripts of a sync group", () => {
  test("are told what keepalived's are told", async () => {
    const told: Told[] = [];
    await Promise.all([
      inScene({ nodes: ["r1"], addresses: vips }, async (scene) => {
        told[0] = await lifeOf(scene, (text) => scene.keepalived("r1", text));
      }),
      inScene({ nodes: ["r1"], addresses: vips }, async (scene) => {
        told[1] = await lifeOf(scene, (text) => scene.lbctl("r1", text));
      }),
    ]);
    // keepalived starts the scripts of one change at once, so that only lines of one kind have an order.
    const kinds = ({ outside, inside, group }: Told) =>
      [outside, inside, group].map((lines) => [
        lines.filter((line) => line.startsWith("on ")),
        lines.filter((line) => !line.startsWith("on ")),
      ]);
    expect(kinds(told[1] as Told)).toEqual(kinds(told[0] as Told));
    // Who of the members is the last to become master is left to them.
    const fifoOf = ({ fifo }: Told) => [fifo.slice(0, 3), fifo.slice(3, 5).toSorted(), fifo.slice(5)];
    expect(fifoOf(told[1] as Told)).toEqual(fifoOf(told[0] as Told));
    expect(told[1]?.fifo.slice(0, 3)).toEqual([
      'GROUP "VG" BACKUP 0',
      'INSTANCE "outside" BACKUP 150',
      'INSTANCE "inside" BACKUP 140',
    ]);
    // Ours start one after the other: that of the state first.
    expect(told[1]?.outside.slice(0, 6)).toEqual(
      ["backup", "master", "fault"].flatMap((state) => [`on ${state}`, `INSTANCE outside ${state.toUpperCase()} 150`]),
    );
  });

  test("are told of a stop in keepalived's order: all instances, then all groups", async () => {
    const told: string[][] = [];
    await Promise.all([
      inScene({ nodes: ["r1"], addresses: vips }, async (scene) => {
        told[0] = await endOf(scene, (text) => scene.keepalived("r1", text));
      }),
      inScene({ nodes: ["r1"], addresses: vips }, async (scene) => {
        told[1] = await endOf(scene, (text) => scene.lbctl("r1", text));
      }),
    ]);
    const kinds = (lines: readonly string[]) => lines.map((line) => line.split(" ")[0]);
    expect(kinds(told[1] ?? [])).toEqual(kinds(told[0] ?? []));
    expect(told[1]?.toSorted()).toEqual(told[0]?.toSorted());
  });
});

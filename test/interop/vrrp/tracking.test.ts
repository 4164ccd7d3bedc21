import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { canMakeNamespaces } from "ipvs-netlink/testing";
import { describe, test } from "vitest";
import { until } from "../../e2e/lbctl.ts";
import { globals, instanceText } from "./instance-text.ts";
import type { LbctlRouter, VrrpRouter } from "./routers.ts";
import { inScene, type Scene } from "./scene.ts";

// r1 watches things, r2 does not and has the lower priority: lbctl and keepalived take both parts, and the addresses go the same way.

const kinds = ["lbctl", "keepalived"] as const;
type Kind = (typeof kinds)[number];

interface Part {
  readonly name: string;
  readonly virtualRouterId: number;
  /** Of r1; r2 has 100. */
  readonly priority?: number;
  /** Of r1. */
  readonly watches?: readonly string[];
}

const block = (keyword: string, line: string) => `${keyword} {\n    ${line}\n  }`;
const addressOf = ({ virtualRouterId }: Part) => `192.0.2.${virtualRouterId}`;

function instances(parts: readonly Part[], router: "r1" | "r2"): string {
  return parts
    .map((part) => {
      const { name, virtualRouterId, priority: own = 150, watches = [] } = part;
      const [priority, lines] = router === "r1" ? [own, watches] : [100, []];
      return instanceText({ name, virtualRouterId, priority, addresses: [`${addressOf(part)}/24`], lines });
    })
    .join("");
}

/** Two members; what else stands in it is r1's. */
const group = (name: string, [one, other]: readonly Part[], lines: readonly string[]) =>
  `vrrp_sync_group ${name} {\n  group {\n    ${one?.name}\n    ${other?.name}\n  }\n${lines.map((line) => `  ${line}\n`).join("")}}\n`;

interface Routers {
  readonly first: VrrpRouter;
  readonly second: VrrpRouter;
}

/** The kind is what r1 is. */
async function startBoth(scene: Scene, kind: Kind, first: string, second: string): Promise<Routers> {
  const isOurs = kind === "lbctl";
  const routers = {
    second: isOurs ? await scene.keepalived("r2", second) : await scene.lbctl("r2", second),
    first: isOurs ? await scene.lbctl("r1", first) : await scene.keepalived("r1", first),
  };
  await scene.holds("r1");
  return routers;
}

const isLbctl = (router: VrrpRouter): router is LbctlRouter => "runDir" in router;

/** What lbctl says of an instance of r1, where it is lbctl. */
async function expectSaid({ first: ours }: Routers, name: string, priority: number, state: string): Promise<void> {
  if (!isLbctl(ours)) return;
  await ours.becomes(state, name);
  await until(
    `${name} has priority ${priority}`,
    async () => (await ours.instance(name)).priority === priority,
    ours.log,
  );
}

const withBoth = canMakeNamespaces ? describe.concurrent : describe.skip;

withBoth.each(kinds)("%s watches", (kind) => {
  const alone: readonly Part[] = [
    { name: "VI_FAULT", virtualRouterId: 51, watches: [block("track_interface", "eth1")] },
    { name: "VI_LESS", virtualRouterId: 52, watches: [block("track_interface", "eth1 weight -60")] },
    { name: "VI_MORE", virtualRouterId: 53, priority: 80, watches: [block("track_interface", "eth1 weight 40")] },
  ];

  test.concurrent("an interface: a fault, and weights of both signs", () =>
    inScene({ addresses: alone.map(addressOf) }, async (scene) => {
      const [first, second] = [globals() + instances(alone, "r1"), globals() + instances(alone, "r2")];
      const routers = await startBoth(scene, kind, first, second);
      scene.node("r1").ip("link set eth1 down");
      await scene.holds("r2");
      await expectSaid(routers, "VI_FAULT", 150, "fault");
      await expectSaid(routers, "VI_LESS", 90, "backup");
      await expectSaid(routers, "VI_MORE", 80, "backup");
      scene.node("r1").ip("link set eth1 up");
      await scene.holds("r1");
      await expectSaid(routers, "VI_LESS", 150, "master");
      await expectSaid(routers, "VI_MORE", 120, "master");
    }));

  const load = block("track_file", "load weight -1");
  const pair = (letter: string, virtualRouterId: number, ...watches: readonly (readonly string[])[]): readonly Part[] =>
    [0, 1].map((member) => ({
      name: `VI_${letter}${member + 1}`,
      virtualRouterId: virtualRouterId + member,
      watches: watches[member] ?? [],
    }));
  const byGroup = pair("A", 61);
  const byMembers = pair("B", 63, [load], [load]);
  const byOne = pair("C", 65, [load]);
  const all = [...byGroup, ...byMembers, ...byOne];

  test.concurrent("for a sync group: a file, a script, an interface; and what its members watch", () =>
    inScene({ addresses: all.map(addressOf) }, async (scene) => {
      const file = (name: string) => join(scene.directory, name);
      const isBroken = (is: boolean) => writeFileSync(file("broken"), is ? "exit 1" : "exit 0");
      const isLoaded = (much: number) => writeFileSync(file("load"), `${much}\n`);
      writeFileSync(file("check"), `#!/bin/sh\n. ${file("broken")}\n`, { mode: 0o700 });
      isBroken(false);
      isLoaded(0);
      const blocks = `track_file load {\n  file ${file("load")}\n}\nvrrp_script check {\n  script ${file("check")}\n  interval 1\n}\n`;
      const tracks = [load, block("track_script", "check"), block("track_interface", "eth1 weight -60")];
      const groups = (lines: readonly (readonly string[])[]) =>
        [byGroup, byMembers, byOne].map((members, at) => group(`VG_${at}`, members, lines[at] ?? [])).join("");
      const watching = groups([tracks, ["sync_group_tracking_weight"], ["global_tracking"]]);
      const first = globals("script_user root") + blocks + watching + instances(all, "r1");
      const routers = await startBoth(scene, kind, first, globals() + groups([]) + instances(all, "r2"));

      isLoaded(60);
      await scene.holds("r2", [...byGroup, ...byMembers].map(addressOf));
      for (const { name } of [...byGroup, ...byMembers]) await expectSaid(routers, name, 90, "backup");
      // The other member of r2 does not get to be master, so that neither does: it counts, and nothing moves.
      await scene.holds("r1", byOne.map(addressOf));
      await expectSaid(routers, "VI_C1", 90, "master");
      await expectSaid(routers, "VI_C2", 150, "master");
      if (isLbctl(routers.second)) await routers.second.heard(90, "VI_C1");
      isLoaded(0);
      await scene.holds("r1");

      isBroken(true);
      await scene.holds("r2", byGroup.map(addressOf));
      for (const { name } of byGroup) await expectSaid(routers, name, 150, "fault");
      // One after the other, or it would be well in between.
      scene.node("r1").ip("link set eth1 down");
      for (const { name } of byGroup) await expectSaid(routers, name, 90, "fault");
      isBroken(false);
      for (const { name } of byGroup) await expectSaid(routers, name, 90, "backup");
      await scene.holds("r2", byGroup.map(addressOf));
      scene.node("r1").ip("link set eth1 up");
      await scene.holds("r1");
    }));
});

import { canMakeNamespaces } from "ipvs-netlink/testing";
import { describe, expect, test } from "vitest";
import { expectSameInstance } from "../../e2e/same-instance.ts";
import { front } from "./ethernet.ts";
import type { LbctlRouter } from "./routers.ts";
import { inScene, type Scene } from "./scene.ts";
import type { Frame, WireCapture } from "./wire-capture.ts";

// lbctl on r1 is upgraded in place, with the very program that runs; keepalived on r2 must not notice.

const virtual = "192.0.2.50";
const other = "192.0.2.51";

interface Setting {
  readonly name: string;
  readonly version: 2 | 3;
  readonly lines: readonly string[];
}

function configOf({ version, lines }: Setting, priority: number): string {
  const instance = (name: string, id: number, address: string) => [
    `vrrp_instance ${name} {`,
    ...["state BACKUP", "interface eth0", `virtual_router_id ${id}`, `priority ${priority}`, "advert_int 1", ...lines],
    `virtual_ipaddress { ${address}/24 }`.replaceAll(/([{}])/g, "\n$1\n"),
    "}",
  ];
  return [
    `global_defs {\n vrrp_version ${version}\n vrrp_garp_master_delay 1\n}`,
    "vrrp_sync_group G {\n group {\n VI_1\n VI_2\n }\n}",
    ...instance("VI_1", 51, virtual),
    ...instance("VI_2", 52, other),
    "",
  ].join("\n");
}

const ah: Setting = { name: "AH", version: 2, lines: ["authentication {", " auth_type AH", " auth_pass s3cret", "}"] };
const vmac: Setting = { name: "VMAC", version: 3, lines: ["use_vmac"] };

async function upgraded(router: LbctlRouter): Promise<void> {
  const before = router.pid;
  const { status, stdout, stderr } = await router.lbctl("upgrade", "--json");
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(JSON.parse(stdout)).toMatchObject({
    upgraded: true,
    from: { pid: before },
    carried: "everything",
    reload: null,
  });
  expect(router.daemon.pid).not.toBe(before);
}

/** A peer that misses three adverts in a row becomes master: what else is a gap depends on the machine. */
const masterDownMs = 3_000;

async function longestGapMs(scene: Scene, capture: WireCapture): Promise<number> {
  const frames = await capture.frames(`vrrp.virt_rtr_id == 51 and ip.src == ${front({ number: 1 })}`, [
    "frame.time_epoch",
  ]);
  const times = frames.map((frame) => 1000 * Number(frame["frame.time_epoch"]));
  expect(times.length).toBeGreaterThan(2);
  return Math.max(...times.slice(1).map((time, at) => time - (times[at] ?? 0))) - scene.watch.stalledMs();
}

describe.skipIf(!canMakeNamespaces)("an upgrade in place, with keepalived as the peer", () => {
  test.concurrent("a master of a sync group goes on, and its authentication headers count on", () =>
    inScene({ addresses: [virtual, other] }, async (scene) => {
      const peer = await scene.keepalived("r2", configOf(ah, 100));
      const router = await scene.lbctl("r1", configOf(ah, 150));
      await scene.holds("r1");
      await router.becomes("master");
      await peer.becomes("BACKUP");
      const before = await router.instance();
      const capture = await scene.capture();
      const peerLog = peer.log().length;
      const changes = () => scene.watch.holderChanges(virtual) + scene.watch.holderChanges(other);
      const changesBefore = changes();
      for (let time = 0; time < 2; time++) await upgraded(router);
      const after = await router.instance();
      expectSameInstance(after, before);
      expect(after.counters.become_master).toBe(1);
      expect(after.counters.advertisements_sent).toBeGreaterThan(before.counters.advertisements_sent ?? 0);
      await router.becomes("master", "VI_2");

      const sequences = (frame: Frame) => Number(frame["ah.sequence"]);
      expect(await longestGapMs(scene, capture)).toBeLessThan(masterDownMs);
      const numbers = (
        await capture.frames(`ah and vrrp.virt_rtr_id == 51 and ip.src == ${front({ number: 1 })}`, ["ah.sequence"])
      ).map(sequences);
      expect(numbers).toEqual([...numbers].sort((one, two) => one - two));
      expect(new Set(numbers).size).toBe(numbers.length);
      expect(await capture.frames("vrrp.prio == 0")).toEqual([]);
      expect(peer.log().slice(peerLog)).not.toContain("MASTER STATE");
      expect(changes()).toBe(changesBefore);
      // It is one director, and ends as one.
      await router.stop();
      await scene.holds("r2");
    }));

  test.concurrent("a backup with VMACs hears its master as before, and takes over when that one ends", () =>
    inScene({ addresses: [virtual, other] }, async (scene) => {
      const peer = await scene.keepalived("r2", configOf(vmac, 150));
      const router = await scene.lbctl("r1", configOf(vmac, 100));
      await scene.holds("r2");
      await router.heard(150);
      const before = await router.instance();
      await upgraded(router);
      const after = await router.instance();
      expectSameInstance(after, before);
      expect(scene.watch.holders(virtual)).toEqual(["r2"]);
      await peer.stop();
      await scene.holds("r1");
      await upgraded(router);
      await scene.holds("r1");
      await router.becomes("master", "VI_2");
    }));
});

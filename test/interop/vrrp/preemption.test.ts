import { canMakeNamespaces } from "ipvs-netlink/testing";
import { describe, expect, test } from "vitest";
import { until } from "../../e2e/lbctl.ts";
import { globals, instanceText } from "./instance-text.ts";
import { inScene, type Scene } from "./scene.ts";

// Who takes over from whom, and who does not, between lbctl (r1) and keepalived (r2).

const vip = "192.0.2.50";
const inside = "198.51.100.50";

const one = (priority: number, ...lines: readonly string[]) => globals() + instanceText({ priority, lines });

/** Two instances on two interfaces that are master together. */
const group = (priority: number) =>
  [
    globals(),
    "vrrp_sync_group VG {\n  group {\n    outside\n    inside\n  }\n}\n",
    instanceText({ name: "outside", priority }),
    instanceText({ name: "inside", priority, virtualRouterId: 52, interface: "eth1", addresses: [`${inside}/24`] }),
  ].join("");

const vips = [1, 2, 3].map((member) => `192.0.2.${60 + member}`);
/** The first so many of three instances, in a group that never preempts. */
const groupOf = (present: number, priority: number) => {
  const instances = vips.slice(0, present).map((address, at) =>
    instanceText({
      ...{ name: `VI_${at + 1}`, priority, virtualRouterId: 61 + at, addresses: [`${address}/24`] },
      lines: ["nopreempt"],
    }),
  );
  const names = instances.map((_, at) => `    VI_${at + 1}\n`);
  return [globals(), "vrrp_sync_group VG {\n  group {\n", ...names, "  }\n}\n", ...instances].join("");
};

const inPair = (addresses: readonly string[], play: (scene: Scene) => Promise<void>) => () =>
  inScene({ addresses }, play);

describe.skipIf(!canMakeNamespaces)("with keepalived as the peer", () => {
  test.concurrent(
    "a sync group moves as one, whichever of the two has the fault",
    inPair([vip, inside], async (scene) => {
      await scene.keepalived("r2", group(100));
      const ours = await scene.lbctl("r1", group(150));
      const both = (state: string) => Promise.all([ours.becomes(state, "outside"), ours.becomes(state, "inside")]);
      await scene.holds("r1");
      await both("master");
      scene.node("r1").ip("link set eth1 down");
      await scene.holds("r2");
      await both("fault");
      scene.node("r1").ip("link set eth1 up");
      await scene.holds("r1");
      await both("master");

      // It is the better one, and only its second interface fails.
      await ours.reload(group(50));
      await scene.holds("r2");
      await both("backup");
      scene.node("r2").ip("link set eth1 down");
      await scene.holds("r1");
      await both("master");
      scene.node("r2").ip("link set eth1 up");
      await scene.holds("r2");
      await both("backup");
    }),
  );

  test.concurrent(
    "nopreempt: a member that a reload brings to a master group is master at once, and nobody resigns",
    inPair(vips, async (scene) => {
      const ours = await scene.lbctl("r1", groupOf(2, 100));
      for (const name of ["VI_1", "VI_2"]) await ours.becomes("master", name);
      const theirs = await scene.keepalived("r2", groupOf(2, 150));
      await theirs.becomes("BACKUP");
      scene.watch.begin();
      await ours.reload(groupOf(3, 100));
      await ours.becomes("master", "VI_3");
      await theirs.reload(groupOf(3, 150));
      await ours.advertises(1, "VI_3");
      await scene.holds("r1");
      // After a stall of its own it is right to let others be master.
      if (scene.watch.stalledMs() > 1_000) return;
      expect((await ours.instance("VI_3")).reason).toContain("new in sync group VG, which is master");
      expect(ours.log()).not.toMatch(/vrrp VI_\d master -> /);
      expect(theirs.log()).not.toContain("MASTER STATE");
    }),
  );

  test.concurrent(
    "nopreempt: the better one that comes later is backup, on either side",
    inPair([vip], async (scene) => {
      const theirs = await scene.keepalived("r2", one(100, "nopreempt"));
      await theirs.becomes("MASTER");
      const ours = await scene.lbctl("r1", one(150, "nopreempt"));
      await ours.heard(100);
      expect((await ours.instance()).reason).toBe("192.0.2.2 is master with priority 100, lower than 150; nopreempt");
      // It would have gone down when its wait had run out.
      await until("adverts of a whole wait came", async () => {
        const { state, counters } = await ours.instance();
        return state !== "backup" || (counters.advertisements_received ?? 0) >= 6;
      });
      await ours.becomes("backup");
      expect(scene.watch.holders(vip)).toEqual(["r2"]);
      await theirs.stop();
      await scene.holds("r1");
      await ours.becomes("master");

      const better = await scene.keepalived("r2", one(200, "nopreempt"));
      await better.becomes("BACKUP");
      await ours.advertises(4);
      expect(scene.watch.holders(vip)).toEqual(["r1"]);
      expect(better.log()).not.toContain("MASTER STATE");
      await ours.stop();
      await scene.holds("r2");
    }),
  );

  test.concurrent(
    "preempt_delay: the better one waits, and then takes over, on either side",
    inPair([vip], async (scene) => {
      const theirs = await scene.keepalived("r2", one(100));
      await theirs.becomes("MASTER");
      const ours = await scene.lbctl("r1", one(150, "preempt_delay 5"));
      await ours.daemon.logged(/VI_1 initialize -> backup/);
      await scene.holds("r1");
      await ours.becomes("master");
      // Five seconds at least: "8.4 s", "12s", "1m 2s".
      expect(ours.log()).toMatch(/VI_1 backup -> master after ([5-9](\.\d)? s|\d{2,}s|\d+m).*192\.0\.2\.2/);
      await theirs.stop();

      const startedMs = performance.now();
      const better = await scene.keepalived("r2", one(200, "preempt_delay 5"));
      await better.becomes("BACKUP");
      await scene.holds("r2");
      expect(performance.now() - startedMs).toBeGreaterThan(5_000);
      await ours.becomes("backup");
    }),
  );
});

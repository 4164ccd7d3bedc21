import { canMakeNamespaces } from "ipvs-netlink/testing";
import { describe, expect, test } from "vitest";
import { runs, until } from "../../e2e/lbctl.ts";
import { globals, instanceText } from "./instance-text.ts";
import type { LbctlRouter } from "./routers.ts";
import { inScene, type Scene } from "./scene.ts";

// What happens to a router, and what its peer, keepalived, makes of it. lbctl is r1, keepalived r2.

const vip = "192.0.2.50";
const config = (priority: number, lines: readonly string[] = []) => globals() + instanceText({ priority, lines });

/** Both run, r1 is master, and both say so. */
async function pairOf(scene: Scene, lines: readonly string[] = []) {
  const ours = await scene.lbctl("r1", config(150, lines));
  await scene.holds("r1", [vip]);
  const theirs = await scene.keepalived("r2", config(100, lines));
  await theirs.becomes("BACKUP");
  await ours.becomes("master");
  return { theirs, ours };
}

/** After so long without an advert every peer has taken over: three intervals of a second, and the skew. */
const peerWaitsMs = 4_000;

/** Our VRRP process is not run until the peer has the address, too. Answers how long the log was then. */
async function standStill(scene: Scene, ours: LbctlRouter): Promise<number> {
  const vrrp = ours.vrrpPid();
  process.kill(vrrp, "SIGSTOP");
  await until(
    "both have it",
    () => scene.watch.holders(vip).join() === "r1,r2",
    () => scene.describe(),
  );
  const before = ours.log().length;
  process.kill(vrrp, "SIGCONT");
  return before;
}

/** Another process than before runs VRRP. */
const isReplaced = (pid: () => number, before: number) => () => {
  try {
    return pid() !== before;
  } catch {
    return false;
  }
};

const inPair = (play: (scene: Scene) => Promise<void>) => () => inScene({ addresses: [vip] }, play);

describe.skipIf(!canMakeNamespaces)("a fault", () => {
  test.concurrent(
    "the VRRP process of a master is killed: its successor goes on before the peer would take over",
    inPair(async (scene) => {
      const { ours, theirs } = await pairOf(scene);
      const heard = theirs.log().length;
      scene.watch.begin();
      const before = ours.vrrpPid();
      const killedMs = performance.now();
      process.kill(before, "SIGKILL");
      await until("it is replaced", isReplaced(ours.vrrpPid, before));
      await ours.becomes("master");
      const awayMs = performance.now() - killedMs;
      await ours.advertises(4);
      await scene.holds("r1");
      // Where a process takes longer to start, or the machine stands still, its peer is right to take over.
      if (awayMs + scene.watch.stalledMs() > peerWaitsMs / 2) return;
      expect(scene.watch.violations({ noneMs: 0, severalMs: 0 })).toEqual([]);
      expect(theirs.log().slice(heard)).not.toContain("MASTER STATE");
      expect(ours.log()).toMatch(/initialize -> master/);
    }),
  );

  test.concurrent(
    "the VRRP process of a backup is killed: it is backup again, and takes over when it has to",
    inPair(async (scene) => {
      const { ours, theirs } = await pairOf(scene);
      await theirs.reload(config(200));
      await scene.holds("r2");
      await ours.becomes("backup");
      await theirs.becomes("MASTER");
      scene.watch.begin();
      const before = ours.vrrpPid();
      process.kill(before, "SIGKILL");
      await until("it is replaced", isReplaced(ours.vrrpPid, before));
      await ours.becomes("backup");
      expect(scene.watch.violations({ noneMs: 0, severalMs: 0 })).toEqual([]);
      await theirs.stop();
      await scene.holds("r1");
    }),
  );

  test.concurrent(
    "the supervisor of a master is killed: its VRRP process resigns, and nothing of it stays",
    inPair(async (scene) => {
      const { ours } = await pairOf(scene);
      scene.watch.begin();
      const vrrp = ours.vrrpPid();
      process.kill(ours.daemon.pid, "SIGKILL");
      await scene.holds("r2");
      await until("the VRRP process ends", () => !runs(vrrp));
      // It is told (priority 0): less than an advert's interval.
      expect(scene.watch.violations({ noneMs: 2_500, severalMs: 1_000 })).toEqual([]);
      const again = await scene.lbctl("r1", config(150));
      await scene.holds("r1");
      await again.becomes("master");
    }),
  );

  test.concurrent(
    "all of it is killed: the next start that does not become master removes the address",
    inPair(async (scene) => {
      const { ours } = await pairOf(scene, ["nopreempt"]);
      await ours.kill();
      await until(
        "both have it",
        () => scene.watch.holders(vip).join() === "r1,r2",
        () => scene.describe(),
      );
      const again = await scene.lbctl("r1", config(150, ["nopreempt"]));
      await scene.holds("r2");
      await again.becomes("backup");
    }),
  );

  test.concurrent(
    "a master stands still for seconds: on resuming it does not go on as if nothing had been",
    inPair(async (scene) => {
      const { ours } = await pairOf(scene, ["nopreempt"]);
      const before = await standStill(scene, ours);
      await until(
        "one has it",
        () => scene.watch.holders(vip).length === 1,
        () => scene.describe(),
      );
      // The peer answers the resignation at once, and is let be.
      await ours.heard(100);
      await ours.becomes("backup");
      expect(scene.watch.holders(vip)).toEqual(["r2"]);
      await until(
        "it says so",
        () => /late|stood still|was not run|did not run/.test(ours.log().slice(before)),
        () => scene.describe(),
      );
    }),
  );

  test.concurrent(
    "a better master stands still for seconds: it resigns, gives its address back to its successor, and takes its turn again",
    inPair(async (scene) => {
      const { ours, theirs } = await pairOf(scene);
      const before = await standStill(scene, ours);
      const said = () => ours.log().slice(before);
      await until("it is master again", () => said().includes("VI_1 backup -> master"), scene.describe);
      expect(said()).toMatch(/VI_1: was not run for .*: resigns, and listens for a successor/);
      expect(said()).toMatch(/VI_1 master -> backup .*it was not run for/);
      await theirs.becomes("BACKUP");
      await scene.holds("r1", [vip]);
    }),
  );

  test.concurrent(
    "the interface goes down and comes up",
    inPair(async (scene) => {
      const { ours } = await pairOf(scene);
      const r1 = scene.node("r1");
      scene.watch.begin();
      r1.ip("link set eth0 down");
      await scene.holds("r2");
      await ours.becomes("fault");
      expect((await ours.instance()).reason).toMatch(/eth0/);
      r1.ip("link set eth0 up");
      await scene.holds("r1");
      await ours.becomes("master");
      expect(scene.watch.violations({ noneMs: peerWaitsMs + 2_000, severalMs: 1_000 })).toEqual([]);
    }),
  );

  test.concurrent(
    "the cable is pulled and put back",
    inPair(async (scene) => {
      const { ours } = await pairOf(scene);
      scene.watch.begin();
      scene.ethernet.cable(scene.node("r1"), "down");
      await scene.holds("r2");
      await ours.becomes("fault");
      scene.ethernet.cable(scene.node("r1"), "up");
      await scene.holds("r1");
      expect(scene.watch.violations({ noneMs: peerWaitsMs + 2_000, severalMs: 1_000 })).toEqual([]);
    }),
  );

  test.concurrent(
    "the interface is deleted and made again, with another index",
    inPair(async (scene) => {
      const { ours } = await pairOf(scene);
      const [r1, bridge] = [scene.node("r1"), scene.ethernet.switch];
      r1.ip("link del eth0");
      await scene.holds("r2");
      await ours.becomes("fault");
      expect((await ours.instance()).reason).toMatch(/eth0/);
      r1.ip(`link add eth0 index 77 type veth peer name r1_eth0 netns ${bridge.namespace}`);
      bridge.ip("link set r1_eth0 master eth0 up");
      r1.ip("link set eth0 addrgenmode none up");
      r1.ip("address add 192.0.2.1/24 dev eth0");
      await scene.holds("r1");
      await ours.becomes("master");
    }),
  );

  test.concurrent(
    "somebody removes the address: it is put back, and the peer hears nothing of it",
    inPair(async (scene) => {
      const { ours, theirs } = await pairOf(scene);
      const before = theirs.log();
      for (let nth = 0; nth < 3; nth++) {
        scene.node("r1").ip(`address del ${vip}/24 dev eth0`);
        await scene.holds("r1", [vip]);
      }
      expect(theirs.log()).toBe(before);
      await until("it says so", () => ours.log().includes(vip));
      expect((await ours.instance()).addresses).toEqual([{ address: expect.stringContaining(vip), present: true }]);
    }),
  );

  test.concurrent("a reload adds and takes away addresses and instances without a change of master", () =>
    inScene({ addresses: [vip, "192.0.2.51", "192.0.2.60"] }, async (scene) => {
      const { theirs, ours } = await pairOf(scene);
      const heard = theirs.log().length;
      const second = instanceText({ name: "VI_2", virtualRouterId: 52, priority: 150, addresses: ["192.0.2.60/24"] });
      // What adverts list must be the same on both: keepalived does not believe others.
      const excluded = ["virtual_ipaddress_excluded {", "  192.0.2.51/24", "}"];
      const wider = globals() + instanceText({ priority: 150, lines: excluded }) + second;
      await ours.reload(wider);
      await scene.holds("r1");
      await ours.becomes("master", "VI_2");
      await ours.reload(config(150));
      await until(
        "what was added is gone",
        () => ["192.0.2.51", "192.0.2.60"].every((each) => scene.watch.holders(each).length === 0),
        () => scene.describe(),
      );
      expect(scene.watch.holders(vip)).toEqual(["r1"]);
      expect((await ours.status()).vrrp_instances.map(({ name }) => name)).toEqual(["VI_1"]);
      expect(theirs.log().slice(heard)).not.toContain("STATE");
      expect(ours.log().match(/VI_1 .* -> /g)).toHaveLength(2);
    }));

  test.concurrent(
    "lbctl failover hands over, and the peer's own nopreempt keeps it there",
    inPair(async (scene) => {
      const ours = await scene.lbctl("r1", config(150, ["nopreempt"]));
      await scene.holds("r1");
      const other = await scene.lbctl("r2", config(100, ["nopreempt"]));
      // A backup with nopreempt that has heard no master yet does not take a resignation for one's.
      await other.heard(150);
      scene.watch.begin();
      const { status, stdout, stderr } = await ours.lbctl("failover", "VI_1");
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      expect(stdout).toMatch(/^VI_1 is handed over: 192\.0\.2\.2 is master with priority 100, after [\d.]+ m?s\.\n$/);
      expect((await ours.instance()).state).toBe("backup");
      await scene.holds("r2");
      await other.advertises(4);
      expect(scene.watch.holders(vip)).toEqual(["r2"]);
      expect(scene.watch.violations({ noneMs: 2_500, severalMs: 1_000 })).toEqual([]);
      expect((await ours.lbctl("failover", "VI_9")).stderr).toContain("VI_9");
      expect(await ours.lbctl("failover", "VI_1")).toMatchObject({
        status: 1,
        stderr: expect.stringContaining("VI_1 is not master here, it is backup"),
      });
    }),
  );
});

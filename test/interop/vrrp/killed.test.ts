import { canMakeNamespaces } from "ipvs-netlink/testing";
import { describe, expect, test } from "vitest";
import { childrenOf, titleOf, until } from "../../e2e/lbctl.ts";
import { globals, instanceText } from "./instance-text.ts";
import type { LbctlRouter } from "./routers.ts";
import { inScene } from "./scene.ts";

// The VRRP process is killed again and again before it has started (out of memory, say), beside keepalived: the next one comes after
// a longer delay each time, and what the first one held is given back before.

const vip = "192.0.2.50";
const alone = globals() + instanceText({ priority: 150 });
/** The next delay is then 3.2 s: without more it would keep the address for six seconds. */
const kills = 5;
/** Unless one that is not killed soon enough finds that out itself. */
const tooLate = /the VRRP process \d+ ended \(signal SIGKILL\); too late for VI_1 to stay master/;
/** A process that loads its code on a busy machine. */
const longMs = 4_000;

/** Kills each VRRP process of a director, until so many are dead and it is over. */
async function killAll({ daemon, log }: LbctlRouter, isOver: () => boolean): Promise<void> {
  const killed = new Set<number>();
  const kill = () => {
    for (const pid of childrenOf(daemon.pid)) {
      if (titleOf(pid) !== "lbctl: vrrp" || killed.has(pid)) continue;
      process.kill(pid, "SIGKILL");
      killed.add(pid);
    }
  };
  const killing = setInterval(kill, 10);
  try {
    await until("that is over", () => killed.size >= kills && isOver(), log);
  } finally {
    clearInterval(killing);
  }
}

describe.skipIf(!canMakeNamespaces)("a VRRP process that cannot start", () => {
  test.concurrent.for([1_000, 100])(
    "adverts every %s ms: two have the address for no longer than it takes to give it back",
    (advertMs) =>
      inScene({ addresses: [vip] }, async (scene) => {
        const lines = ["nopreempt"];
        const ours = await scene.lbctl("r1", globals() + instanceText({ priority: 150, advertMs, lines }));
        await ours.becomes("master");
        const theirs = await scene.keepalived("r2", globals() + instanceText({ priority: 100, advertMs }));
        await theirs.becomes("BACKUP");
        scene.watch.begin();
        await killAll(ours, () => !scene.watch.holders(vip).includes("r1"));
        await theirs.becomes("MASTER");
        await ours.becomes("backup");
        await scene.holds("r2");
        expect(scene.watch.violations({ noneMs: 5 * advertMs + longMs, severalMs: longMs })).toEqual([]);
      }),
  );

  test.concurrent("a reload meanwhile: it has the new address alone", () =>
    inScene({ addresses: [vip] }, async (scene) => {
      const other = "192.0.2.51";
      const ours = await scene.lbctl("r1", alone);
      await ours.becomes("master");
      await killAll(ours, () => tooLate.test(ours.log()) || scene.watch.holders(vip).length === 0);
      await ours.reload(alone.replaceAll(vip, other));
      const addresses = () => scene.node("r1").run("ip", "-4", "address");
      await until("it has the new address", () => addresses().includes(`${other}/`), ours.log);
      expect(scene.watch.holders(vip)).toEqual([]);
    }));

  test.concurrent("a stop meanwhile: nothing is left", () =>
    inScene({ addresses: [vip] }, async (scene) => {
      const ours = await scene.lbctl("r1", alone);
      await ours.becomes("master");
      await killAll(ours, () => tooLate.test(ours.log()) || scene.watch.holders(vip).length === 0);
      await ours.stop();
      expect(scene.watch.holders(vip)).toEqual([]);
    }));
});

import { canMakeNamespaces } from "ipvs-netlink/testing";
import { afterEach, describe, expect, test } from "vitest";
import { until } from "./lbctl.ts";
import { hmac, startPair, upgraded } from "./upgrade-peers.ts";
import { cabledNodes, type VrrpNode } from "./vrrp-nodes.ts";

// Where others take over after some hundredths of a second, a machine that does other things besides is reason enough. What is said
// of this is a figure; that all is as before in the end is asserted.

describe.skipIf(!canMakeNamespaces).each([10, 100])("with adverts and BFD packets every %i ms", (everyMs) => {
  let nodes: readonly VrrpNode[] = [];
  afterEach(async () => {
    for (const node of nodes) await node.close();
  });

  test("ten upgrades leave the same master, and a session that is up", async () => {
    const [master, backup] = cabledNodes();
    nodes = [master, backup];
    const bfd = { min_tx: everyMs, min_rx: everyMs, multiplier: 5 };
    await startPair([master, backup], { advert_int: everyMs / 1000, ...hmac }, bfd);
    const tookOver = async () => (await backup.instance("VI_1"))?.counters.become_master ?? 0;
    const wentDown = async () => (await backup.status()).bfd_instances[0]?.counters.went_down ?? 0;
    const rounds: object[] = [];
    for (let time = 0; time < 10; time++) {
      const [took, down] = [await tookOver(), await wentDown()];
      const pauses = await upgraded(master);
      await master.reaches("VI_1", "master");
      await backup.reaches("VI_1", "backup");
      await until("the session is up", async () => (await backup.status()).bfd_instances[0]?.state === "up");
      rounds.push({ ...pauses, tookOver: (await tookOver()) - took, wentDown: (await wentDown()) - down });
    }
    console.log(`every ${everyMs} ms: ${JSON.stringify(rounds)}`);
    expect(backup.namespace.ip("-o -4 address show dev eth0")).not.toContain("192.0.2.100");
    expect(master.namespace.ip("-o -4 address show dev eth0")).toContain("192.0.2.100");
    expect((await backup.instance("VI_1"))?.counters.authentication_failure).toBe(0);
  });
});

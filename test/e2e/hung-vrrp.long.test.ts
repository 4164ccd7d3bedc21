import { canMakeNamespaces } from "ipvs-netlink/testing";
import { afterEach, beforeEach, describe, test } from "vitest";
import { until } from "./lbctl.ts";
import { cabledNodes, type VrrpNode, vrrpInstance } from "./vrrp-nodes.ts";

let node: VrrpNode;
let peer: VrrpNode;

beforeEach(() => {
  [node, peer] = cabledNodes();
});
afterEach(() => Promise.all([node.close(), peer.close()]));

describe.skipIf(!canMakeNamespaces)("a process that hangs", () => {
  test("a VRRP process that hangs is killed after ten seconds, and another one goes on", async () => {
    node.configure({ vrrp_instance: [vrrpInstance("VI_1")] });
    const daemon = node.start();
    await node.reaches("VI_1", "master");
    const hung = daemon.child("vrrp");
    process.kill(hung, "SIGSTOP");
    await daemon.logged(new RegExp(`the VRRP process ${hung} has not answered for 10 s: it is killed`));
    await daemon.logged(new RegExp(`the VRRP process ${hung} ended \\(signal SIGKILL\\)`));
    await until("another one runs", () => {
      try {
        return daemon.child("vrrp") !== hung;
      } catch {
        return false;
      }
    });
    await node.reaches("VI_1", "master");
  });
});

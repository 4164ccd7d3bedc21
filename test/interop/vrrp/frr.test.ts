import { canMakeNamespaces } from "ipvs-netlink/testing";
import { describe, expect, test } from "vitest";
import { until } from "../../e2e/lbctl.ts";
import { globals, instanceText } from "./instance-text.ts";
import { inScene } from "./scene.ts";

const vip = "192.0.2.50";

describe.skipIf(!canMakeNamespaces)("with FRR as the peer", () => {
  test("each is master, then backup, then master again", () =>
    inScene({ addresses: [vip] }, async (scene) => {
      const capture = await scene.capture();
      const config = (priority: number) =>
        globals() + instanceText({ priority, addresses: [`${vip}/24`], lines: ["use_vmac"] });
      const peer = { virtualRouterId: 51, advertMs: 1_000, address: `${vip}/24` };
      const theirs = await scene.frr("r2", { ...peer, priority: 100 });
      await until(
        "FRR is master",
        () => theirs.isMaster(),
        () => scene.describe(),
      );
      const ours = await scene.lbctl("r1", config(150));
      await ours.becomes("master");
      await until(
        "FRR is backup",
        () => !theirs.isMaster(),
        () => scene.describe(),
      );
      await ours.reload(config(50));
      await until(
        "FRR is master again",
        () => theirs.isMaster(),
        () => scene.describe(),
      );
      await ours.becomes("backup");
      await until("it knows its master", async () => (await ours.instance()).master?.address === "192.0.2.2");
      expect((await ours.instance()).master).toMatchObject({ address: "192.0.2.2", priority: 100 });
      await theirs.stop();
      await ours.becomes("master");
      await scene.frr("r2", { ...peer, priority: 100 });
      await ours.becomes("backup");
      await ours.reload(config(150));
      await ours.becomes("master");
      await ours.stop();

      const fields = ["ip.src", "vrrp.version", "vrrp.virt_rtr_id", "vrrp.short_adver_int", "vrrp.ip_addr", "eth.src"];
      const frames = await capture.frames("vrrp", [...fields, "vrrp.checksum.status", "ip.ttl"]);
      const shapes = (source: string) =>
        [...new Set(frames.filter((frame) => frame["ip.src"] === source).map((frame) => JSON.stringify(frame)))].map(
          (text) => ({ ...JSON.parse(text), "ip.src": "" }) as unknown,
        );
      expect(shapes("192.0.2.1")).toEqual(shapes("192.0.2.2"));
      expect(shapes("192.0.2.1")).toHaveLength(1);
      expect((await capture.frames("vrrp and ip.src == 192.0.2.1 and vrrp.prio == 0")).length).toBeGreaterThan(0);
    }));
});

import { canMakeNamespaces } from "ipvs-netlink/testing";
import { describe, expect, test } from "vitest";
import { until } from "../../e2e/lbctl.ts";
import { globals, instanceText } from "./instance-text.ts";
import { inScene } from "./scene.ts";

const settings = [
  { name: "IPv4", addresses: ["192.0.2.50/24"], ours: "192.0.2.1", theirs: "192.0.2.2" },
  { name: "IPv6", addresses: ["2001:db8::50/64"], ours: "fe80::1", theirs: "fe80::2:51" },
] as const;

describe.skipIf(!canMakeNamespaces)("with FRR as the peer", () => {
  test.concurrent.each(settings)("$name: each is master, then backup, then master again", (setting) => {
    const { addresses } = setting;
    return inScene({ addresses: addresses.map((address) => address.split("/")[0] ?? "") }, async (scene) => {
      const capture = await scene.capture();
      const config = (priority: number) => globals() + instanceText({ priority, addresses, lines: ["use_vmac"] });
      const peer = { virtualRouterId: 51, advertMs: 1_000, addresses };
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
      await until("it knows its master", async () => (await ours.instance()).master?.address === setting.theirs);
      expect((await ours.instance()).master).toMatchObject({ address: setting.theirs, priority: 100 });
      await theirs.stop();
      await ours.becomes("master");
      await scene.frr("r2", { ...peer, priority: 100 });
      await ours.becomes("backup");
      await ours.reload(config(150));
      await ours.becomes("master");
      await ours.stop();

      const source = setting.name === "IPv4" ? "ip.src" : "ipv6.src";
      const fields = [
        source,
        "vrrp.version",
        "vrrp.virt_rtr_id",
        "vrrp.short_adver_int",
        "vrrp.ip_addr",
        "vrrp.ipv6_addr",
        "eth.src",
      ];
      const frames = await capture.frames("vrrp", [...fields, "vrrp.checksum.status", "ip.ttl", "ipv6.hlim"]);
      const shapes = (from: string) =>
        [...new Set(frames.filter((frame) => frame[source] === from).map((frame) => JSON.stringify(frame)))].map(
          (text) => ({ ...JSON.parse(text), [source]: "" }) as unknown,
        );
      expect(shapes(setting.ours)).toEqual(shapes(setting.theirs));
      expect(shapes(setting.ours)).toHaveLength(1);
      expect((await capture.frames(`vrrp and ${source} == ${setting.ours} and vrrp.prio == 0`)).length).toBeGreaterThan(
        0,
      );
    });
  });
});

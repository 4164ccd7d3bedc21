import { expect, test } from "vitest";
import { noContext, readConfig, understand } from "../../config/parse-config.ts";
import { announcementPace } from "./announcement-pace.ts";

test("the interval of its garp_group, which its interfaces share, or the global one for each interface", () => {
  const text = [
    "global_defs {\nvrrp_garp_interval 0.001\nvrrp_gna_interval 0.000002\n}",
    "garp_group {\ngarp_interval 0.3\ninterfaces {\neth1\neth2\n}\n}",
    "garp_group {\ngna_interval 0.2\ninterface eth3\n}",
  ].join("\n");
  const { vrrp } = understand(readConfig(`${text}\n`, "x.conf", noContext), "x.conf");
  const pace = (link: string) => [announcementPace(vrrp, link, "inet"), announcementPace(vrrp, link, "inet6")];
  expect(pace("eth0")).toEqual([
    { group: "inet eth0", intervalUs: 1_000 },
    { group: "inet6 eth0", intervalUs: 2 },
  ]);
  expect(pace("eth1")).toEqual(pace("eth2"));
  expect(pace("eth1")[0]).toEqual({ group: "inet eth1 eth2", intervalUs: 300_000 });
  expect(pace("eth3").map(({ intervalUs }) => intervalUs)).toEqual([0, 200_000]);
  expect(announcementPace(null, "eth0", "inet").intervalUs).toBe(0);
});

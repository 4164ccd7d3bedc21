import { expect, test } from "vitest";
import { noContext, readConfig, understand } from "../../parse-config.ts";

interface Written {
  readonly link?: string;
  readonly vrid?: number;
  readonly address?: string;
  readonly peers?: string;
}

function instance(name: string, { link = "eth0", vrid = 51, address = "192.0.2.10/24", peers = "" }: Written): string {
  const unicast = peers === "" ? "" : `unicast_peer {\n ${peers}\n }\n`;
  const vips = `virtual_ipaddress {\n ${address}\n }\n`;
  return `vrrp_instance ${name} {\n interface ${link}\n virtual_router_id ${vrid}\n priority 100\n ${unicast}${vips}}\n`;
}

/** keepalived 2.2.7 ends at those that are refused, and runs the others. */
test.each<[what: string, one: Written, other: Written, refused: boolean]>([
  ["both by multicast", {}, { address: "192.0.2.11/24" }, true],
  ["a peer in common", { peers: "192.0.2.3" }, { peers: "192.0.2.4\n 192.0.2.3" }, true],
  ["no peer in common", { peers: "192.0.2.3" }, { peers: "192.0.2.4" }, false],
  ["multicast and unicast", {}, { peers: "192.0.2.3" }, false],
  ["another number", {}, { vrid: 52 }, false],
  ["another interface", {}, { link: "eth1" }, false],
  ["another family", {}, { address: "2001:db8::10/64" }, false],
])("%s", (_, one, other, refused) => {
  const file = "x.conf";
  const { problems } = understand(readConfig(instance("one", one) + instance("other", other), file, noContext), file);
  const found = problems.filter(({ code }) => code === "duplicate-virtual-router");
  expect(found.map(({ path }) => path)).toEqual(refused ? [["vrrp_instance", 1, "virtual_router_id"]] : []);
});

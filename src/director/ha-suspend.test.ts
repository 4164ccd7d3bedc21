import { expect, test } from "vitest";
import { parseConfig } from "../config/parse-config.ts";
import { suspendedServers } from "./ha-suspend.ts";

test("a virtual server is suspended while this host has none of its addresses, whichever way they are written", () => {
  const server = (where: string, suspend = true) =>
    `{${where}, lb_kind: TUN, ha_suspend: ${suspend}, real_server: {address: 10.0.0.11}}`;
  const text = (globals: string) => `global_defs: {${globals}}
virtual_server_group: {name: web, members: [192.0.2.10-12 80, "2001:db8::1 80"]}
virtual_server:
  - ${server("name: one, address: 192.0.2.1, port: 80, protocol: TCP")}
  - ${server("name: other, address: 192.0.2.1, port: 81, protocol: TCP", false)}
  - ${server("name: group, group: web, protocol: TCP")}
  - ${server("name: mark, fwmark: 7")}
`;
  for (const globals of ["", "nftables_ipvs: "]) {
    const result = parseConfig(text(globals), "x.yaml");
    if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
    const suspended = (...addresses: string[]) => [...suspendedServers(result.model, addresses)];
    expect(suspended("127.0.0.1", "192.0.2.9", "192.0.2.13", "::1")).toEqual(["one", "group"]);
    expect(suspended("192.0.2.1")).toEqual(["group"]);
    expect(suspended("192.0.2.12")).toEqual(["one"]);
    expect(suspended("2001:db8::1", "192.0.2.1")).toEqual([]);
  }
});

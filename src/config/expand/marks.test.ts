import { describe, expect, test } from "vitest";
import { parseConfig } from "../parse-config.ts";

/** What is marked for each virtual server, and the codes of errors. */
function marked(text: string) {
  const result = parseConfig(text, "x.yaml");
  if (!result.ok) return result.diagnostics.filter(({ severity }) => severity === "error").map(({ code }) => code);
  return result.model.virtualServers.map(({ services, marking }) => [
    services.map(({ key }) => (key.kind === "fwmark" ? `${key.fwmark} ${key.family}` : key.address)).join(),
    ...(marking?.destinations ?? []).map(({ first, last, port }) => `${first}-${last} ${port}`),
  ]);
}

const group = (name: string, ...members: string[]) => `{name: ${name}, members: ${JSON.stringify(members)}}`;
const server = (where: string, more = "") =>
  `{${where}, protocol: TCP, lb_kind: TUN, real_server: {address: 10.0.0.11}${more}}`;
const config = (globals: string, groups: string[], servers: string[]) =>
  `global_defs: {${globals}}\nvirtual_server_group: [${groups.join(", ")}]\nvirtual_server: [${servers.join(", ")}]`;

describe("nftables_ipvs", () => {
  test("makes one service of each group and family; marks count up past those that the file uses", () => {
    const groups = [group("a", "192.0.2.1 80", "2001:db8::1 80"), group("b", "192.0.2.2 80", "fwmark 1000")];
    const servers = [server("group: a"), server("fwmark: 1001"), server("group: b")];
    expect(marked(config("nftables_ipvs: ", groups, servers))).toEqual([
      ["1002 inet,1002 inet6", "192.0.2.1-192.0.2.1 80", "2001:db8::1-2001:db8::1 80"],
      ["1001 inet"],
      ["1003 inet,1000 inet", "192.0.2.2-192.0.2.2 80"],
    ]);
    expect(marked(config("nftables_ipvs: , nftables_ipvs_start_fwmark: 5", groups, servers))).toMatchObject([
      ["5 inet,5 inet6", "192.0.2.1-192.0.2.1 80", "2001:db8::1-2001:db8::1 80"],
      ["1001 inet"],
      ["6 inet,1000 inet", "192.0.2.2-192.0.2.2 80"],
    ]);
    expect(marked(config("", groups.slice(0, 1), [server("group: a")]))).toEqual([["192.0.2.1,2001:db8::1"]]);
  });

  test("joins ranges that touch or overlap, port by port", () => {
    const members = [
      "192.0.2.5-20 80",
      "192.0.2.1-10 80",
      "192.0.2.21 80",
      "192.0.2.1 443",
      "192.0.2.30",
      "10.0.0.0/8 80",
    ];
    expect(marked(config("nftables_ipvs: ", [group("a", ...members)], [server("group: a")]))).toEqual([
      [
        "1000 inet",
        "192.0.2.30-192.0.2.30 null",
        "10.0.0.0-10.255.255.255 80",
        "192.0.2.1-192.0.2.21 80",
        "192.0.2.1-192.0.2.1 443",
      ],
    ]);
  });

  test("a packet has one mark: groups of two virtual servers have nothing in common, but for the protocol", () => {
    const groups = [
      group("a", "192.0.2.1-100 80", "192.0.2.1 443"),
      group("b", "192.0.2.50 80"),
      group("c", "192.0.2.50 443"),
    ];
    const both = (one: string, other: string) => marked(config("nftables_ipvs: ", groups, [one, other]));
    expect(both(server("group: a"), server("group: b"))).toEqual(["duplicate-service"]);
    expect(both(server("group: b"), server("group: a"))).toEqual(["duplicate-service"]);
    expect(both(server("group: a"), server("group: a"))).toEqual(["duplicate-service"]);
    expect(both(server("group: a"), server("group: c"))).toHaveLength(2);
    expect(both(server("group: a"), server("group: b").replace("TCP", "UDP"))).toHaveLength(2);
    expect(both(server("group: a"), server("group: a").replace("protocol: TCP, ", ""))).toEqual(["missing-keyword"]);
  });
});

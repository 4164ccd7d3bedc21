import { serviceKeyText } from "ipvs-netlink";
import { describe, expect, test } from "vitest";
import type { VirtualServer } from "../model.ts";
import { noContext, parseConfig } from "../parse-config.ts";

function virtualServers(text: string, file = "test.yaml"): readonly VirtualServer[] {
  const result = parseConfig(text, file, noContext);
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics, null, 1));
  return result.model.virtualServers;
}

/** One virtual server of a group with these members. */
function ofGroup(
  members: readonly string[],
  settings: string,
  realServer = "address: 10.0.0.1, port: 80",
): VirtualServer {
  const group = `{name: web, members: ${JSON.stringify(members)}}`;
  return virtualServers(
    `{virtual_server_group: ${group}, virtual_server: {group: web, ${settings}, real_server: {${realServer}}}}`,
  )[0] as VirtualServer;
}

const servicesOf = ({ services }: VirtualServer) => services.map(({ key }) => serviceKeyText(key));

describe("a virtual server of a group", () => {
  test("is a service for each address, each address of a range and each mark, with the same settings", () => {
    const members = ["192.0.2.10 80", "192.0.2.20-21 8080", "192.0.2.32/31 80", "fwmark 7"];
    const server = ofGroup(members, "protocol: TCP, lvs_sched: rr, persistence_timeout: 60");
    expect(servicesOf(server)).toEqual([
      "TCP 192.0.2.10:80",
      "TCP 192.0.2.20:8080",
      "TCP 192.0.2.21:8080",
      "TCP 192.0.2.32:80",
      "TCP 192.0.2.33:80",
      "fwmark 7 inet",
    ]);
    expect(new Set(server.services.map(({ scheduler }) => scheduler))).toEqual(new Set(["rr"]));
    expect(new Set(server.services.map(({ persistence }) => persistence?.timeoutS))).toEqual(new Set([60]));
    expect(server).toMatchObject({ name: "TCP group web", group: "web" });
  });

  test("the same group may serve TCP and UDP, and the same real servers", () => {
    const group = "virtual_server_group: {name: dns, members: [192.0.2.53 53, '2001:db8::53 53']}";
    const server = (protocol: string) =>
      `{group: dns, protocol: ${protocol}, lvs_method: TUN, real_server: {address: 10.0.0.1}}`;
    const both = virtualServers(`{${group}, virtual_server: [${server("TCP")}, ${server("UDP")}]}`);
    expect(both.map(({ name }) => name)).toEqual(["TCP group dns", "UDP group dns"]);
    expect(both.flatMap(servicesOf)).toEqual([
      "TCP 192.0.2.53:53",
      "TCP [2001:db8::53]:53",
      "UDP 192.0.2.53:53",
      "UDP [2001:db8::53]:53",
    ]);
  });

  test("marks have the family they say, that of the addresses, or that of the servers", () => {
    const tunnels = (members: readonly string[], rest = "") =>
      servicesOf(ofGroup(members, `protocol: TCP, lvs_method: TUN${rest}`, "address: 'fd00::1'"));
    expect(tunnels(["192.0.2.1 80", "fwmark 4", "fwmark 4 inet6"])).toEqual([
      "TCP 192.0.2.1:80",
      "fwmark 4 inet",
      "fwmark 4 inet6",
    ]);
    const marks = (settings: string, address: string) =>
      servicesOf(ofGroup(["fwmark 4"], settings, `address: "${address}"`));
    expect(marks("lvs_method: DR", "fd00::1")).toEqual(["fwmark 4 inet6"]);
    expect(marks("lvs_method: DR", "10.0.0.1")).toEqual(["fwmark 4 inet"]);
    expect(marks("lvs_method: TUN, ip_family: inet6", "10.0.0.1")).toEqual(["fwmark 4 inet6"]);
    expect(ofGroup(["fwmark 4"], "lvs_method: DR", "address: 10.0.0.1").name).toBe("group web");
  });

  test("where ports differ, a destination without one of its own has that of each service", () => {
    const port = (members: readonly string[], settings: string, realServer: string) =>
      ofGroup(members, `protocol: TCP, ${settings}`, realServer).realServers[0]?.destination.port;
    const two = ["192.0.2.1 80", "192.0.2.1 443"];
    expect(port(two, "lvs_method: NAT", "address: 10.0.0.1")).toBe(0);
    expect(port(two, "lvs_method: NAT", "address: 10.0.0.1, port: 8080")).toBe(8080);
    expect(port(two, "lvs_method: DR", "address: 10.0.0.1, port: 80")).toBe(0);
    expect(port(["192.0.2.1-9 80"], "lvs_method: DR", "address: 10.0.0.1")).toBe(80);
  });

  test("two destinations that become one in some service are refused", () => {
    const group = "virtual_server_group: {name: web, members: [192.0.2.1 80, 192.0.2.1 443]}";
    const servers = "[{address: 10.0.0.1, port: 443}, {address: 10.0.0.1}]";
    const text = `{${group}, virtual_server: {group: web, protocol: TCP, real_server: ${servers}}}`;
    const result = parseConfig(text, "test.yaml", noContext);
    expect(result.ok ? [] : result.diagnostics.map(({ code, message }) => [code, message])).toEqual([
      ["duplicate-real-server", "10.0.0.1:443 is real server 1 of this virtual server already"],
    ]);
  });

  test("a group that nothing refers to changes nothing", () => {
    const group = "virtual_server_group: {name: web, members: [192.0.2.1-192.0.3.254 80]}";
    expect(virtualServers(`{${group}, virtual_server: []}`)).toEqual([]);
  });

  test("keepalived.conf says the same", () => {
    const text = `virtual_server_group web {
      192.0.2.10 80
      192.0.2.20-21 8080
      fwmark 7
    }
    virtual_server group web {
      protocol TCP
      lb_algo rr
      lb_kind NAT
      real_server 10.0.0.1 80 {
      }
    }`;
    const yaml = ofGroup(["192.0.2.10 80", "192.0.2.20-21 8080", "fwmark 7"], "protocol: TCP, lvs_sched: rr");
    expect(virtualServers(text, "lb.conf")).toEqual([yaml]);
  });
});

import { describe, expect, test } from "vitest";
import type { Diagnostic } from "../diagnostics.ts";
import { defaultIpvsSettings } from "../ipvs-model.ts";
import type { Model, RealServer, VirtualServer } from "../model.ts";
import { defaultNotifySettings } from "../notify-model.ts";
import { parseConfig } from "../parse-config.ts";
import { defaultProcessSettings } from "../process-model.ts";

function load(yaml: string): { readonly model: Model; readonly warnings: readonly Diagnostic[] } {
  const result = parseConfig(yaml, "test.yaml");
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics, null, 1));
  return result;
}

const warningsOf = (yaml: string) => load(yaml).warnings.map(({ code }) => code);

function virtualServer(settings: string): VirtualServer {
  const { model } = load(`virtual_server: {${settings}}`);
  return model.virtualServers[0] as VirtualServer;
}

const realServer = (settings: string, ...rest: string[]): RealServer =>
  virtualServer(["address: 192.0.2.10, port: 80, protocol: TCP", ...rest, `real_server: {${settings}}`].join(", "))
    .realServers[0] as RealServer;

const tcp = (settings: string, ...rest: string[]) =>
  realServer(`address: 10.0.0.11, port: 80, ${settings}`, ...rest).checks[0];

// Expected values are those that keepalived 2.2.7 dumps (-d) for the same settings in keepalived.conf.
describe("defaults", () => {
  test("of a virtual server", () => {
    expect(virtualServer("address: 192.0.2.10, port: 80, protocol: TCP")).toEqual({
      name: "TCP 192.0.2.10:80",
      group: null,
      services: [
        {
          key: { kind: "address", protocol: "TCP", address: "192.0.2.10", port: 80 },
          scheduler: "wlc",
          schedulerFlags: [],
          persistence: null,
          onePacket: false,
        },
      ],
      lvsMethod: "NAT",
      tunnel: null,
      quorum: 1,
      hysteresis: 0,
      sorryServer: null,
      notify: null,
      realServers: [],
    });
  });

  test("of a real server", () => {
    expect(realServer("address: 10.0.0.11")).toEqual({
      destination: {
        address: "10.0.0.11",
        port: 80,
        method: "NAT",
        weight: 1,
        upperThreshold: 0,
        lowerThreshold: 0,
        tunnel: null,
      },
      inhibitOnFailure: false,
      notify: null,
      checks: [],
    });
  });

  test("of TCP_CHECK and HTTP_GET, which differ in delay_before_retry", () => {
    const { checks } = realServer("address: 10.0.0.11, TCP_CHECK: , HTTP_GET: {url: {path: /}}");
    const timing = { delayLoopMs: 60_000, connectTimeoutMs: 5000, retry: 1, warmupMs: 60_000 };
    expect(checks.map((check) => check.timing)).toEqual([
      { ...timing, delayBeforeRetryMs: 1000 },
      { ...timing, delayBeforeRetryMs: 3000 },
    ]);
    const connect = { address: "10.0.0.11", port: 80, bindto: null, bindPort: null, bindIf: null, fwmark: null };
    const url = { path: "/", statusCode: [{ from: 200, to: 299 }], digest: null, virtualhost: null };
    expect(checks.map(({ spec }) => spec)).toEqual([
      { type: "TCP_CHECK", connect },
      { type: "HTTP_GET", connect, httpProtocol: "1.0", urls: [url] },
    ]);
    expect(checks.every(({ alpha, logAllFailures }) => !alpha && !logAllFailures)).toBe(true);
  });

  test("of global_defs", () => {
    expect(load("global_defs:\nvirtual_server: []").model.globalDefs).toEqual({
      routerId: null,
      reconcileIntervalMs: 10_000,
      checkerLogAllFailures: false,
      notify: defaultNotifySettings,
      ipvs: defaultIpvsSettings,
      process: defaultProcessSettings,
    });
  });

  test("a digest is wanted beside the status codes, not instead", () => {
    const check = tcp("HTTP_GET: {url: {path: /, digest: 9b3a0c85a887a256d6939da88aabd8cd}}");
    expect(check?.spec).toMatchObject({ urls: [{ statusCode: [{ from: 200, to: 299 }] }] });
  });
});

describe("inheritance: virtual server, real server, checker", () => {
  test("the innermost word counts", () => {
    const at = (...levels: (string | null)[]) => {
      const [outer, middle, inner] = levels.map((level) => (level === null ? "" : `connect_timeout: ${level}`));
      return tcp(
        `${middle}${middle === "" ? "" : ", "}TCP_CHECK: {${inner}}`,
        ...(outer === "" ? [] : [outer as string]),
      )?.timing.connectTimeoutMs;
    };
    expect([
      at(null, null, null),
      at("4", null, null),
      at("4", "3", null),
      at("4", "3", "2"),
      at(null, "3", null),
    ]).toEqual([5000, 4000, 3000, 2000, 3000]);
  });

  test("warmup follows the checker's delay_loop, unless it is set anywhere", () => {
    expect(tcp("TCP_CHECK: {delay_loop: 7}")?.timing).toMatchObject({ delayLoopMs: 7000, warmupMs: 7000 });
    expect(tcp("TCP_CHECK: {delay_loop: 7}", "warmup: 0")?.timing).toMatchObject({ warmupMs: 0 });
    expect(tcp("TCP_CHECK: {delay_loop: 7}", "warmup: 2")?.timing).toMatchObject({ warmupMs: 2000 });
  });

  test("delay_before_retry of a virtual server counts before the checker's default", () => {
    expect(tcp("HTTP_GET: {url: {path: /}}", "delay_before_retry: 2")?.timing.delayBeforeRetryMs).toBe(2000);
  });

  test("flags can be switched off again", () => {
    expect(tcp("alpha: off, TCP_CHECK: ", "alpha: on")?.alpha).toBe(false);
    expect(tcp("alpha: off, TCP_CHECK: {alpha: true}")?.alpha).toBe(true);
    expect(realServer("address: 10.0.0.11, inhibit_on_failure: off", "inhibit_on_failure: on").inhibitOnFailure).toBe(
      false,
    );
    expect(realServer("address: 10.0.0.11", "inhibit_on_failure: on").inhibitOnFailure).toBe(true);
  });

  test("weight, method and virtualhost", () => {
    expect(realServer("address: 10.0.0.11", "weight: 7").destination.weight).toBe(7);
    expect(realServer("address: 10.0.0.11, weight: 0", "weight: 7").destination.weight).toBe(0);
    expect(realServer("address: 10.0.0.11, lvs_method: TUN type gre", "lvs_method: DR").destination).toMatchObject({
      method: "TUN",
      tunnel: { type: "gre" },
    });
    const hosts = (...where: string[]) => {
      const [outer = "", middle = "", inner = "", own = ""] = where.map((host) =>
        host === "" ? "" : `, virtualhost: ${host}`,
      );
      const check = tcp(`retry: 1${middle}, HTTP_GET: {url: {path: /${own}}${inner}}`, `retry: 1${outer}`);
      return check?.spec.type === "HTTP_GET" ? check.spec.urls[0]?.virtualhost : undefined;
    };
    expect([hosts("a", "b", "c", "d"), hosts("a", "b", "c"), hosts("a", "b"), hosts("a"), hosts()]).toEqual([
      "d",
      "c",
      "b",
      "a",
      null,
    ]);
  });

  test("log_all_failures comes from the checker or from global_defs", () => {
    const yaml = (global: string, own: string) =>
      `global_defs: {${global}}\nvirtual_server: {address: 192.0.2.1, port: 80, protocol: TCP, real_server: {address: 10.0.0.1, TCP_CHECK: {${own}}}}`;
    const logs = (global: string, own: string) =>
      load(yaml(global, own)).model.virtualServers[0]?.realServers[0]?.checks[0]?.logAllFailures;
    expect(logs("checker_log_all_failures:", "")).toBe(true);
    expect(logs("checker_log_all_failures:", "log_all_failures: off")).toBe(false);
    expect(logs("", "log_all_failures:")).toBe(true);
  });
});

describe("ports as the kernel uses them", () => {
  const ports = (service: string, port: string) => {
    const { realServers } = virtualServer(
      `${service}, real_server: {address: 10.0.0.11, ${port}TCP_CHECK: {connect_port: 1}}`,
    );
    return realServers[0]?.destination.port;
  };
  const web = "address: 192.0.2.10, port: 80, protocol: TCP";

  test("NAT keeps what is written; without it, that of the virtual server", () => {
    expect([ports(web, "port: 8080, "), ports(web, "")]).toEqual([8080, 80]);
  });

  test("DR and TUN keep the client's, and say so when another was written", () => {
    expect([ports(`${web}, lvs_method: DR`, "port: 8080, "), ports(`${web}, lvs_method: TUN`, "")]).toEqual([80, 80]);
    const yaml = `virtual_server: {${web}, lvs_method: DR, real_server: {address: 10.0.0.11, port: 8080, TCP_CHECK: }}`;
    expect(warningsOf(yaml)).toEqual(["port-ignored"]);
    // The server listens where it was said to listen.
    expect(load(yaml).model.virtualServers[0]?.realServers[0]?.checks[0]?.spec.connect.port).toBe(8080);
  });

  test("a fwmark has no port of its own", () => {
    expect([
      ports("fwmark: 4", "port: 81, "),
      ports("fwmark: 4", ""),
      ports("fwmark: 4, lvs_method: DR", "port: 81, "),
    ]).toEqual([81, 0, 0]);
  });
});

describe("the kernel service", () => {
  const service = (settings: string) => virtualServer(settings).services[0];
  const web = "address: 192.0.2.10, port: 80, protocol: TCP";

  test("addresses are canonical, protocols upper case", () => {
    expect(service('address: "2001:DB8:0::0001", port: 80, protocol: udp')?.key).toEqual({
      kind: "address",
      protocol: "UDP",
      address: "2001:db8::1",
      port: 80,
    });
  });

  test("flags of sh and mh are those of the kernel", () => {
    expect(service(`${web}, lvs_sched: sh, sh-port: , sh-fallback: on`)?.schedulerFlags).toEqual(["flag-1", "flag-2"]);
    expect(service(`${web}, lvs_sched: mh, mh-port: , flag-2: on, mh-fallback: off`)?.schedulerFlags).toEqual([
      "flag-2",
    ]);
  });

  test("a service of every port is persistent, with the default timeout where none is written", () => {
    const everyPort = "address: 192.0.2.10, protocol: TCP";
    expect(service(everyPort)?.persistence).toEqual({ timeoutS: 360, prefixLength: 32, engine: null });
    expect(service(`${everyPort}, persistence_timeout: 5`)?.persistence?.timeoutS).toBe(5);
    expect(service(`${everyPort}, port: 80`)?.persistence).toBeNull();
  });

  test("persistence comes from its timeout or its granularity", () => {
    expect(service(`${web}, persistence_timeout: `)?.persistence).toEqual({
      timeoutS: 360,
      prefixLength: 32,
      engine: null,
    });
    expect(service(`${web}, persistence_granularity: 255.255.255.0`)?.persistence).toEqual({
      timeoutS: 360,
      prefixLength: 24,
      engine: null,
    });
    expect(
      service(
        'address: "2001:db8::1", protocol: UDP, persistence_timeout: 1m, persistence_granularity: 64, persistence_engine: sip',
      ),
    ).toMatchObject({
      key: { port: 0 },
      persistence: { timeoutS: 60, prefixLength: 64, engine: "sip" },
    });
  });

  test("the family of a fwmark is that of its servers unless all are tunnelled and differ", () => {
    const family = (settings: string) => {
      const key = service(`fwmark: 4, ${settings}`)?.key;
      return key?.kind === "fwmark" ? key.family : null;
    };
    const servers = (...addresses: string[]) =>
      `real_server: [${addresses.map((each) => `{address: "${each}"}`).join(", ")}]`;
    expect(family("lvs_sched: rr")).toBe("inet");
    expect(family(servers("fd00::1"))).toBe("inet6");
    expect(family(`lvs_method: TUN, ${servers("fd00::1", "fd00::2")}`)).toBe("inet6");
    expect(family(`lvs_method: TUN, ${servers("fd00::1", "10.0.0.1")}`)).toBe("inet");
    expect(family(`lvs_method: TUN, ip_family: inet6, ${servers("10.0.0.1")}`)).toBe("inet6");
    expect(
      family(`lvs_method: TUN, sorry_server: "fd00::9 80", sorry_server_lvs_method: NAT, ${servers("10.0.0.1")}`),
    ).toBe("inet6");
  });

  test("two families of one mark, two protocols of one address are different services", () => {
    const yaml = `virtual_server:
      - {fwmark: 4, real_server: {address: 10.0.0.1}}
      - {fwmark: 4, real_server: {address: "fd00::1"}}
      - {address: 192.0.2.1, port: 53, protocol: TCP, real_server: {address: 10.0.0.1}}
      - {address: 192.0.2.1, port: 53, protocol: UDP, real_server: {address: 10.0.0.1}}`;
    expect(load(yaml).model.virtualServers.map(({ name }) => name)).toEqual([
      "fwmark 4 inet",
      "fwmark 4 inet6",
      "TCP 192.0.2.1:53",
      "UDP 192.0.2.1:53",
    ]);
  });
});

describe("quorum, as keepalived takes it", () => {
  const quorum = (settings: string, weights: readonly number[]) => {
    const servers = weights.map((weight, index) => `{address: 10.0.0.${index + 1}, weight: ${weight}}`);
    const { quorum: needed, hysteresis } = virtualServer(
      `address: 192.0.2.10, port: 80, protocol: TCP, ${settings}, real_server: [${servers.join(", ")}]`,
    );
    return [needed, hysteresis];
  };

  test("what can never be met is lowered to the sum of the weights, the hysteresis below the quorum", () => {
    expect(quorum("quorum: 3, hysteresis: 2", [2, 2])).toEqual([3, 2]);
    expect(quorum("quorum: 10", [2, 2])).toEqual([4, 0]);
    expect(quorum("quorum: 2, hysteresis: 3", [5, 5])).toEqual([2, 1]);
  });

  test("with weights of zero only it stays, and is not met: the sorry server serves", () => {
    expect(quorum("quorum: 2", [0, 0])).toEqual([2, 0]);
  });
});

describe("the sorry server", () => {
  test("takes the port and the method of the virtual server", () => {
    const { sorryServer } = virtualServer(
      "address: 192.0.2.10, port: 80, protocol: TCP, lvs_method: DR, sorry_server: 10.0.0.9",
    );
    expect(sorryServer).toMatchObject({
      inhibit: false,
      destination: { address: "10.0.0.9", port: 80, method: "DR", weight: 1 },
    });
  });

  test("or its own", () => {
    const settings =
      "sorry_server: {address: 10.0.0.9, port: 8080}, sorry_server_inhibit: , sorry_server_lvs_method: NAT";
    const { sorryServer } = virtualServer(`address: 192.0.2.10, port: 80, protocol: TCP, lvs_method: DR, ${settings}`);
    expect(sorryServer).toMatchObject({ inhibit: true, destination: { port: 8080, method: "NAT" } });
  });
});

describe("warnings", () => {
  const web = (settings: string) => `virtual_server: {address: 192.0.2.10, port: 80, protocol: TCP, ${settings}}`;

  test("an interval below the deadline is said once, where it is written", () => {
    const servers = [1, 2, 3].map((host) => `{address: 10.0.0.${host}, TCP_CHECK: }`).join(", ");
    const { warnings } = load(web(`delay_loop: 2, real_server: [${servers}]`));
    expect(warnings.map(({ code, excerpt, column }) => [code, excerpt?.slice(column - 1, column)])).toEqual([
      ["interval-below-timeout", "2"],
    ]);
  });

  test("equal is not below", () => {
    expect(warningsOf(web("delay_loop: 5, real_server: {address: 10.0.0.1, TCP_CHECK: }"))).toEqual([]);
  });

  test("an empty list of virtual servers", () =>
    expect(warningsOf("virtual_server: []")).toEqual(["no-virtual-server"]));
});

describe("rise, fall and fast_interval", () => {
  const timingOf = (settings: string, ...rest: string[]) => tcp(settings, ...rest)?.timing;

  test("leave no trace where nobody wrote them", () => {
    expect(Object.keys(timingOf("TCP_CHECK: null") ?? {})).not.toContain("rise");
    expect(timingOf("TCP_CHECK: {rise: 1}")).toEqual(timingOf("TCP_CHECK: null"));
  });

  test("are handed down, and the innermost counts", () => {
    expect(timingOf("rise: 2, TCP_CHECK: {fast_interval: 0.5}", "rise: 5", "fast_interval: 3")).toMatchObject({
      rise: 2,
      fastIntervalMs: 500,
    });
  });

  test("fall is retry and one more; the innermost of both counts", () => {
    expect(timingOf("TCP_CHECK: {fall: 3}", "retry: 7")).toMatchObject({ retry: 2 });
    expect(timingOf("TCP_CHECK: {retry: 7}", "fall: 3")).toMatchObject({ retry: 7 });
    expect(timingOf("TCP_CHECK: null", "fall: 1")).toMatchObject({ retry: 0 });
  });
});

describe("the sync daemon", () => {
  const instance = (name: string, more: string) =>
    `{name: ${name}, interface: eth0, virtual_router_id: ${name.charCodeAt(0)}, virtual_ipaddress: [192.0.2.${name.charCodeAt(0)}/24], ${more}}`;
  const daemonOf = (...blocks: string[]) => {
    const { model, warnings } = load(blocks.join("\n"));
    return [
      model.globalDefs.ipvs.syncDaemon,
      warnings.filter(({ code }) => code === "no-effect").map(({ message }) => message),
    ];
  };

  test("of an instance follows it, with its virtual_router_id", () => {
    expect(daemonOf(`vrrp_instance: ${instance("A", "lvs_sync_daemon_interface: eth1")}`)).toEqual([
      { interface: "eth1", instance: "A", syncId: 65 },
      [],
    ]);
  });

  test("is one: what comes first counts, global_defs before all, as for keepalived", () => {
    const two = `vrrp_instance:
  - ${instance("A", "lvs_sync_daemon_interface: eth1")}
  - ${instance("B", "lvs_sync_daemon_interface: eth2")}`;
    expect(daemonOf(two)).toEqual([
      { interface: "eth1", instance: "A", syncId: 65 },
      ["the sync daemon is on eth1 already: that of B is ignored"],
    ]);
    expect(daemonOf("global_defs: {lvs_sync_daemon: eth3 B}", two)).toEqual([
      { interface: "eth3", instance: "B", syncId: 66 },
      [
        "the sync daemon is on eth3 already: that of A is ignored",
        "the sync daemon is on eth3 already: that of B is ignored",
      ],
    ]);
  });
});

test("namespaces: of IPVS another one, or the one that lbctl is started in", () => {
  const server = "virtual_server: {address: 192.0.2.1, port: 80, protocol: TCP}";
  const namespaces = (keywords: string) => {
    const result = parseConfig(`{${keywords} ${server}}`, "x.yaml");
    return result.ok && [result.program.netNamespace, result.program.ipvsNamespace];
  };
  expect(namespaces("")).toEqual([null, null]);
  expect(namespaces("net_namespace: blue, net_namespace_ipvs: ,")).toEqual(["blue", { name: null }]);
  expect(namespaces("net_namespace_ipvs: green,")).toEqual([null, { name: "green" }]);
});

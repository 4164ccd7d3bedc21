import { execFileSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { canMakeNamespaces } from "ipvs-netlink/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { metricGroups } from "../../src/web/metrics/table.ts";
import { type Daemon, until } from "../e2e/lbctl.ts";
import { cabledNodes, type VrrpNode, vrrpInstance } from "../e2e/vrrp-nodes.ts";
import { curl, Prometheus } from "./prometheus.ts";

const examples = join(import.meta.dirname, "../../examples");
const rules = join(examples, "prometheus/lbctl.rules.yml");
/** Of the loopback interface of a namespace of its own: nobody else is there. */
const port = 9650;

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

/** As Grafana would send them: everything selected, and rates over so many seconds. */
function dashboardExpressions(): string[] {
  return globSync(join(examples, "grafana/*.json")).flatMap((file) => {
    const { panels, annotations } = JSON.parse(readFileSync(file, "utf8")) as {
      panels: readonly Panel[];
      annotations: { list: readonly { expr: string }[] };
    };
    const all = [...panels.flatMap(({ targets = [] }) => targets), ...annotations.list];
    // The mark of a reload is to last as long as this test may.
    return all.map(({ expr }) =>
      expr.replaceAll("$director", ".*").replaceAll("$__rate_interval", "20s").replaceAll("[1m]", "[10m]"),
    );
  });
}

const check = { delay_loop: 1, connect_timeout: 1, retry: 0, warmup: 0 };
const server = (address: string, weight = 1) => ({ address, port, weight, TCP_CHECK: check });

const session = (own: string, other: string) => ({
  bfd_instance: [
    {
      name: "link",
      source_ip: `192.0.2.${own}`,
      neighbor_ip: `192.0.2.${other}`,
      min_rx: 1000,
      min_tx: 1000,
      multiplier: 10,
    },
  ],
});

/** The listener for metrics is the real server that is up; behind 127.0.0.2 nobody listens. */
const config = {
  global_defs: { router_id: "lb1" },
  ...session("1", "2"),
  vrrp_script: [{ name: "chk", script: "/bin/true", interval: 1 }],
  vrrp_instance: [vrrpInstance("VI_1", { track_script: ["chk weight 5"] })],
  virtual_server: [
    {
      ...{ name: "web", address: "127.0.0.1", port: 8080, protocol: "TCP", lvs_sched: "rr", panic_threshold: 10 },
      real_server: [server("127.0.0.1", 2), server("127.0.0.2")],
    },
    {
      ...{ name: "lost", address: "127.0.0.1", port: 8081, protocol: "TCP", lvs_sched: "rr", quorum: 1 },
      sorry_server: `127.0.0.1 ${port}`,
      real_server: [server("127.0.0.2")],
    },
  ],
};

describe.skipIf(!canMakeNamespaces)("a real Prometheus", () => {
  let node: VrrpNode;
  let peer: VrrpNode;
  let daemon: Daemon;
  let prometheus: Prometheus | undefined;
  const get = (path: string, ...words: readonly string[]) =>
    curl(node.namespace.name, ...words, `http://127.0.0.1:${port}${path}`);

  beforeAll(async () => {
    [node, peer] = cabledNodes();
    node.configure(config);
    peer.configure(session("2", "1"));
    peer.start();
    daemon = node.start("--metrics-address", `${port}`);
    await daemon.logged(/served on http:\/\/127\.0\.0\.1:9650\//);
    prometheus = await Prometheus.start(node.namespace.name, `127.0.0.1:${port}`, [rules]);
    await node.reaches("VI_1", "master");
    // Counts a reload, which the dashboard has a mark for.
    await until("a scrape has succeeded", async () => (await prometheus?.value("up")) === 1);
    expect(await node.lbctl("reload")).toMatchObject({ status: 0 });
    await until("BFD is up", async () => (await prometheus?.value("lbctl_bfd_session_up")) === 1);
  });
  afterAll(async () => {
    await prometheus?.close();
    await Promise.all([node?.close(), peer?.close()]);
  });

  test("promtool finds nothing to criticise in the metrics, the alerts, and what the alerts are tried with", async () => {
    const promtool =
      (...words: readonly string[]) =>
      (input?: string) =>
        execFileSync("promtool", words, { ...(input === undefined ? {} : { input }), encoding: "utf8" });
    const metrics = await get("/metrics");
    expect(metrics).toMatch(/^lbctl_bfd_session_up\{name="link",neighbor="192\.0\.2\.2"\} 1$/m);
    expect(promtool("check", "metrics")(metrics)).toBe("");
    expect(promtool("check", "rules", rules)()).toContain("SUCCESS");
    expect(promtool("test", "rules", join(examples, "prometheus/lbctl.rules.test.yml"))()).toContain("SUCCESS");
  });

  test("has every metric under its name, and the numbers of status", async () => {
    const known = async () => new Set((await prometheus?.query('{job="lbctl"}'))?.map(({ metric }) => metric.__name__));
    const histogram = "lbctl_check_duration_seconds";
    const wanted = metricGroups
      .flatMap(({ metrics }) => metrics)
      .flatMap(({ name }) => (name === histogram ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name]));
    const missing = async () => {
      const names = await known();
      return wanted.filter((name) => !names.has(name));
    };
    let last: string[] = [];
    await until(
      "every metric is there",
      async () => {
        last = await missing();
        return last.length === 0;
      },
      () => last.join("\n"),
    );
    const [instance] = (await node.status()).vrrp_instances;
    const sent = instance?.counters.advertisements_sent ?? Number.NaN;
    await until("adverts are counted", async () => {
      const value = await prometheus?.value('keepalived_advertisements_sent_total{iname="VI_1",intf="eth0",vrid="51"}');
      return (value ?? 0) >= sent;
    });
    expect(await prometheus?.value('keepalived_vrrp_state{ip_address="192.0.2.100/24"}')).toBe(2);
    expect(await prometheus?.value("lbctl_vrrp_priority")).toBe(105);
  });

  test("every expression of the dashboard has something to show", async () => {
    const expressions = dashboardExpressions();
    expect(expressions.length).toBeGreaterThan(30);
    let empty = expressions;
    await until(
      "no expression is empty",
      async () => {
        const results = await Promise.all(empty.map(async (each) => [each, await prometheus?.query(each)] as const));
        empty = results.filter(([, result]) => result?.length === 0).map(([each]) => each);
        return empty.length === 0;
      },
      () => empty.join("\n"),
    );
  });

  test("its alerts are on the way for what is wrong here, and not for what is right", async () => {
    const wrong = [
      "LbctlRealServerDown",
      "LbctlRealServersDown",
      "LbctlSorryServerInService",
      "LbctlVirtualServerDown",
    ];
    const right = ["LbctlReloadFailed", "LbctlRefused", "LbctlDataPlaneAway", "LbctlPanic", "LbctlBfdSessionDown"];
    let alerts: readonly string[] = [];
    await until(
      "these alerts are pending, and none of those",
      async () => {
        alerts = (await prometheus?.alerts()) ?? [];
        // What is not up yet when Prometheus first looks is wrong until it looks again.
        return wrong.every((name) => alerts.includes(name)) && !right.some((name) => alerts.includes(name));
      },
      () => alerts.join(),
    );
  });

  test("reads OpenMetrics as well as text", async () => {
    const open = await get("/metrics", "-H", "Accept: application/openmetrics-text; version=1.0.0");
    expect(open.endsWith("# EOF\n")).toBe(true);
    expect(await get("/metrics")).not.toContain("# EOF");
    // Prometheus asks for OpenMetrics first, and refuses a whole answer for one line that is wrong.
    await until("a scrape succeeds", async () => (await prometheus?.value("up")) === 1);
  });
});

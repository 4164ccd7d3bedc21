import { describe, expect, test } from "vitest";
import type { StatusDocument } from "../control/status-document.ts";
import { renderStatus } from "./render-status.ts";
import type { Paint } from "./style.ts";
import { ago, document, nowEpochMs, real, virtual } from "./testing/status-document.ts";

const plain: Paint = (_code, text) => text;
const render = (status: StatusDocument) => renderStatus(status, nowEpochMs, plain);

test("virtual servers with their real servers, numbers to the right, and why", () => {
  const gone = real(12, {
    weight: 100,
    effective_weight: 0,
    health: "down",
    state: "down",
    reason: "HTTP_GET status 503, wanted 200-299 (2nd failure)",
    since: ago(5),
    connections: null,
    stats: null,
    rates: null,
  });
  const sorry_server = { address: "10.0.0.99", port: 8080, lvs_method: "NAT", in_service: false };
  expect(
    render(document([virtual({ real_servers: [real(1, { weight: 3, effective_weight: 3 }), gone], sorry_server })])),
  ).toEqual([
    "lbctl 0.1.0  ipvs  configuration 2 of /etc/lbctl/lbctl.yaml  checker running  up 1m 30s",
    "",
    "web  TCP 192.0.2.1:80  wrr NAT  up  quorum 3/1  12 conn/s",
    "  REAL SERVER     STATE      WEIGHT  ACTIVE  INACTIVE  CONN/S  SINCE  WHY",
    "  10.0.0.1:80     up              3       5        17       3  1h 1m  all checks pass",
    "  10.0.0.12:80    down     0 of 100       -         -       -  5 s    HTTP_GET status 503, wanted 200-299 (2nd failure)",
    "  10.0.0.99:8080  standby         -       -         -       -         sorry server",
  ]);
});

test("a quorum that is lost, the sorry server in service, and what was refused", () => {
  const lines = render(
    document([
      virtual({
        name: "dns",
        address: "2001:db8::1",
        port: 53,
        protocol: "UDP",
        state: "down",
        quorum: { needed: 2, hysteresis: 0, weight_up: 1, met: false },
        sorry_server: { address: "2001:db8::99", port: 53, lvs_method: "DR", in_service: true },
        real_servers: [],
        rates: null,
        refused: [{ object: "UDP [2001:db8::1]:53", cause: "new-service UDP [2001:db8::1]:53: ENOENT: no scheduler" }],
      }),
    ]),
  );
  expect(lines.slice(2)).toEqual([
    "dns  UDP [2001:db8::1]:53  wrr NAT  down  quorum 1/2 not met",
    "  REAL SERVER        STATE  WEIGHT  ACTIVE  INACTIVE  CONN/S  SINCE  WHY",
    "  [2001:db8::99]:53  sorry       -       -         -       -         sorry server: the quorum is not met",
    "  refused new-service UDP [2001:db8::1]:53: ENOENT: no scheduler",
  ]);
});

test("a virtual server that is called by its endpoint names it once", () => {
  expect(render(document([virtual({ name: "TCP 192.0.2.1:80" })]))[2]).toBe(
    "TCP 192.0.2.1:80  wrr NAT  up  quorum 3/1  12 conn/s",
  );
});

test("a panic, in which those that are down carry weight, too", () => {
  const down = real(2, { health: "down", state: "down", reason: "TCP_CHECK connect refused (2nd failure)" });
  const panic = { threshold: 60, up: 1, counted: 2, active: true };
  const lines = (active: boolean) =>
    render(document([virtual({ real_servers: [real(1), down], panic: { ...panic, active } })]));
  expect(lines(true)[2]).toBe("web  TCP 192.0.2.1:80  wrr NAT  up  quorum 3/1  panic 1 of 2 up  12 conn/s");
  expect(lines(true)[5]).toMatch(/^ {2}10\.0\.0\.2:80 +down +1 .*TCP_CHECK connect refused/);
  expect(lines(false)[2]).not.toContain("panic");
});

test.each([
  ["drained", 0],
  ["disabled", 0],
] as const)("%s by its agent, which is the reason, and a weight that is the agent's", (state, effective_weight) => {
  const reason = `${state} by its agent (HTTP_GET)`;
  const out = real(1, { weight: 40, effective_weight, admin_state: state, state, reason });
  const share = real(2, { weight: 75, effective_weight: 75 });
  const lines = render(document([virtual({ real_servers: [out, share] })]));
  expect(lines[4]).toMatch(
    new RegExp(`^ {2}10\\.0\\.0\\.1:80 +${state} +0 of 40 .* ${state} by its agent \\(HTTP_GET\\)$`),
  );
  expect(lines[5]).toMatch(/^ {2}10\.0\.0\.2:80 +up +75 /);
});

test("a group of virtual servers", () => {
  const services = ["UDP 192.0.2.1:53", "UDP 192.0.2.2:53"];
  const group = virtual({ name: "dns", address: null, port: null, protocol: "UDP", group: "resolvers", services });
  expect(render(document([group]))[2]).toContain("dns  UDP group resolvers (2 services)  wrr NAT");
});

test("a firewall mark", () => {
  const lines = render(document([virtual({ address: null, port: null, protocol: null, fwmark: 7 })]));
  expect(lines[2]).toBe("web  fwmark 7  wrr NAT  up  quorum 3/1  12 conn/s");
});

test("nothing configured", () => {
  expect(render(document([])).slice(1)).toEqual(["", "No virtual servers are configured."]);
  const { daemon, ...rest } = document([]);
  const [, , said] = render({ ...rest, daemon: { ...daemon, vrrp: "restarting" } });
  expect(said).toContain("nothing is known of VRRP yet: its process is restarting");
});

describe("what a reader must not miss stands at the top", () => {
  test("drift", () => {
    const drift = { repaired_total: 1, last: { at: ago(65), what: "TCP 192.0.2.1:80: found none" } };
    expect(render(document([], { drift }))[1]).toBe(
      "drift repaired 1 time, last 1m 5s ago: TCP 192.0.2.1:80: found none",
    );
  });

  test("a data plane that cannot be reached, and a reload that was refused", () => {
    const reload_refused = { at: ago(20), reason: "/etc/lbctl/lbctl.yaml:3:5: no such keyword" };
    expect(render(document([], {}, { reload_refused, data_plane_unavailable: "EPERM" })).slice(1, 3)).toEqual([
      "data plane unavailable, the table is repaired when it returns: EPERM",
      "reload refused 20s ago, the configuration before it is in force: /etc/lbctl/lbctl.yaml:3:5: no such keyword",
    ]);
  });

  test("a checker process that is not there", () => {
    expect(render(document([], {}, { checker: "restarting" }))[0]).toContain("checker restarting");
  });
});

test("a clock that was set back does not make a time negative", () => {
  expect(render(document([], {}, { started_at: ago(-60) }))[0]).toContain("up 0 ms");
});

test("colour marks states, and leaves the columns where they are", () => {
  const shown: string[] = [];
  const paint: Paint = (code, text) => {
    shown.push(`${code} ${text}`);
    return `\u001b[1m${text}\u001b[0m`;
  };
  const servers = [virtual({ real_servers: [real(1), real(2, { state: "down" }), real(3, { state: "drained" })] })];
  const coloured = renderStatus(document(servers), nowEpochMs, paint);
  expect(shown).toEqual(["bold web", "green up", "green up", "red down", "yellow drained"]);
  const bare = coloured.map((line) => line.replaceAll("\u001b[1m", "").replaceAll("\u001b[0m", ""));
  expect(bare).toEqual(render(document(servers)));
});

test("a real server that is up shows what its checks last found, one that is not its reason", () => {
  const check = (type: string, reason: string) =>
    ({ type, state: "up", reason, latency_ms: 1.2, checked_at: ago(1) }) as const;
  const checks = [check("TCP_CHECK", "ok in 0.4 ms"), check("HTTP_GET", "ok in 1.2 ms")];
  const down = real(2, { state: "down", health: "down", reason: "HTTP_GET connect refused", checks });
  const lines = render(document([virtual({ real_servers: [real(1, { checks }), down] })]));
  expect(lines.find((line) => line.includes("10.0.0.1"))).toMatch(/TCP_CHECK ok in 0\.4 ms, HTTP_GET ok in 1\.2 ms$/);
  expect(lines.find((line) => line.includes("10.0.0.2"))).toMatch(/HTTP_GET connect refused$/);
});

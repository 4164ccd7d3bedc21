import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { parseConfig } from "../parse-config.ts";
import { type Settings, settings } from "../testing/arbitrary-config.ts";

function said(text: string) {
  const result = parseConfig(text, "lb.yaml");
  const diagnostics = result.ok ? result.warnings : result.diagnostics;
  return diagnostics.map(({ code, line, column, usedAt }) => {
    const used = usedAt === undefined ? "" : ` used at ${usedAt.line}:${usedAt.column}`;
    return `${code} ${line}:${column}${used}`;
  });
}

function modelOf(text: string) {
  const result = parseConfig(text, "lb.yaml");
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics, null, 1));
  return result.model;
}

const servers = `virtual_server:
  - {address: 192.0.2.1, port: 80, real_server: [{address: 10.0.0.1, TCP_CHECK: }, {address: 10.0.0.2, weight: 7}]}
  - {fwmark: 5, lvs_sched: lc, delay_loop: 9, real_server: {address: 10.0.0.3, HTTP_GET: {connect_port: 8080, url: [{path: /}, {path: /b, status_code: 404}]}}}
`;

describe("defaults", () => {
  test("are for every block of the kind that does not say otherwise, and make none", () => {
    const written = `defaults:
  virtual_server:
    protocol: TCP
    lb_algo: wrr
    delay_loop: 3
    sorry_server_inhibit: true
    real_server:
      weight: 4
      TCP_CHECK: {connect_timeout: 500ms}
      HTTP_GET: {retry: 3, url: {status_code: 204}}
${servers}`;
    const spelled = `virtual_server:
  - address: 192.0.2.1
    port: 80
    protocol: TCP
    lvs_sched: wrr
    delay_loop: 3
    real_server:
      - {address: 10.0.0.1, weight: 4, TCP_CHECK: {connect_timeout: 0.5}}
      - {address: 10.0.0.2, weight: 7}
  - fwmark: 5
    lvs_sched: lc
    delay_loop: 9
    real_server:
      address: 10.0.0.3
      weight: 4
      HTTP_GET: {connect_port: 8080, retry: 3, url: [{path: /, status_code: 204}, {path: /b, status_code: 404}]}
`;
    expect(modelOf(written)).toEqual(modelOf(spelled));
    expect(said(written)).toEqual([]);
  });

  test("may stand anywhere at the top, and give nothing where nothing is to be filled", () => {
    expect(
      modelOf(`${servers.replace("port: 80,", "port: 80, protocol: TCP,")}defaults:\n`).virtualServers,
    ).toHaveLength(2);
    expect(said("defaults: {virtual_server: {delay_loop: 3}}\n")).toEqual(["no-virtual-server 0:0"]);
  });

  test("are checked by themselves, once, whoever uses them", () => {
    const lines = ["delay_lop: 3", "quorum: many", "real_server: {TCP_CHECK: {url: /}, weight: -1}"];
    expect(said(`defaults:\n  virtual_server:\n    protocol: TCP\n    ${lines.join("\n    ")}\n${servers}`)).toEqual([
      "unknown-keyword 4:5",
      "invalid-value 5:13",
      "misplaced-keyword 6:31",
      "out-of-range 6:48",
    ]);
  });

  test("that contradict a block are shown where they stand and where they are used", () => {
    const text = `defaults: {virtual_server: {protocol: TCP, mh-port: true}}\n${servers.replace("fwmark: 5,", "address: ::1, port: 1,")}`;
    expect(said(text)).toContain("needs-scheduler 1:53 used at 3:6");
  });

  test.each([
    ["name", "defaults: {virtual_server: {name: web}}\n", "unsupported-keyword 1:29"],
    ["a fwmark", `defaults: {virtual_server: {fwmark: 3}}\n${servers}`, "unsupported-keyword 1:29"],
    ["address", "defaults: {virtual_server: {real_server: {address: 10.0.0.1}}}\n", "unsupported-keyword 1:43"],
    ["a block that stands once", "defaults: {global_defs: {router_id: lb1}}\n", "misplaced-keyword 1:12"],
    ["a misspelt word in another block", "defaults: {vrrp_instance: {priorty: 3}}\n", "unknown-keyword 1:28"],
    ["a misspelt defaults", "default: {virtual_server: {weight: 3}}\n", "unknown-keyword 1:1"],
    ["a value", "defaults: 3\n", "wrong-shape 1:11"],
    ["two blocks", "defaults: {virtual_server: [{weight: 1}, {weight: 2}]}\n", "duplicate-keyword 1:43"],
  ])("refuse %s", (_what, text, remark) => {
    expect(said(text)).toContain(remark);
    expect(said(text).filter((each) => each.includes(" used at "))).toEqual([]);
  });

  test("mean what the settings mean where they are written out", () => {
    const timing: Settings = { delay_loop: "1m", connect_timeout: 2, retry: 4, quorum: 2 };
    fc.assert(
      fc.property(settings, fc.subarray(Object.keys(timing)), (written, names) => {
        const shared = Object.fromEntries(names.map((name) => [name, timing[name]]));
        const spelled = { ...written, virtual_server: written.virtual_server.map((each) => ({ ...shared, ...each })) };
        const text = stringify({ ...written, defaults: { virtual_server: shared } });
        expect(modelOf(text)).toEqual(modelOf(stringify(spelled)));
      }),
    );
  });
});

import { describe, expect, test } from "vitest";
import type { Model } from "../model.ts";
import { parseConfig } from "../parse-config.ts";

function load(yaml: string): Model {
  const result = parseConfig(yaml, "test.yaml");
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics, null, 1));
  return result.model;
}

function codesOf(yaml: string): string[] {
  const result = parseConfig(yaml, "test.yaml");
  return (result.ok ? result.warnings : result.diagnostics).map(({ code, line }) => `${line} ${code}`);
}

const web = "port: 80, protocol: TCP";

describe("anchors and aliases", () => {
  test("a block written once serves twice", () => {
    const { virtualServers } = load(`virtual_server:
  - {address: 192.0.2.1, ${web}, real_server: &pool [{address: 10.0.0.1, TCP_CHECK: &check {delay_loop: 7}}]}
  - {address: 192.0.2.2, ${web}, real_server: *pool}
  - {address: 192.0.2.3, ${web}, real_server: {address: 10.0.0.2, TCP_CHECK: *check}}
`);
    const [first, second, third] = virtualServers.map(({ realServers }) => realServers);
    expect(second).toEqual(first);
    expect(third?.[0]?.checks[0]?.timing).toEqual(first?.[0]?.checks[0]?.timing);
  });

  test("a value, too; of two anchors of one name the last before the alias counts", () => {
    const { virtualServers } = load(`virtual_server:
  - {address: &vip 192.0.2.1, port: &port 80, protocol: TCP}
  - {address: *vip, port: &port 81, protocol: TCP}
  - {address: *vip, port: *port, protocol: UDP}
`);
    expect(virtualServers.map(({ name }) => name)).toEqual([
      "TCP 192.0.2.1:80",
      "TCP 192.0.2.1:81",
      "UDP 192.0.2.1:81",
    ]);
  });

  test("a mistake in the block is said once, where it stands", () => {
    expect(
      codesOf(`virtual_server:
  - {address: 192.0.2.1, ${web}, real_server: &pool [{address: 10.0.0.1, wieght: 1}]}
  - {address: 192.0.2.2, ${web}, real_server: *pool}
`),
    ).toEqual(["2 unknown-keyword"]);
  });

  test("an alias before its anchor is an error", () => {
    expect(codesOf("virtual_server: {address: *vip}\n")).toEqual(["1 yaml-syntax"]);
  });
});

describe("merge keys", () => {
  test("fill in what is not there; the first of a list wins", () => {
    const { virtualServers } = load(`virtual_server:
  - &slow {address: 192.0.2.1, port: 80, protocol: TCP, lvs_sched: rr, quorum: 1}
  - &fast {address: 192.0.2.2, port: 81, protocol: UDP, lvs_sched: wrr}
  - {<<: *slow, address: 192.0.2.3}
  - {address: 192.0.2.4, <<: [*fast, *slow]}
`);
    expect(virtualServers.slice(2).map(({ name, services }) => [name, services[0]?.scheduler])).toEqual([
      ["TCP 192.0.2.3:80", "rr"],
      ["UDP 192.0.2.4:81", "wrr"],
    ]);
  });

  test("a map or a list that merges itself comes to an end", () => {
    expect(codesOf(`virtual_server: &a {<<: *a, address: 192.0.2.1, ${web}}\n`)).toEqual(["1 no-real-server"]);
    expect(codesOf(`virtual_server: {<<: &a [*a, {address: 192.0.2.1}], ${web}}\n`)).toEqual(["1 no-real-server"]);
  });

  test("merge nothing but maps", () => expect(codesOf("virtual_server: {<<: 1}\n")).toContain("1 wrong-shape"));
});

describe("keywords that change nothing", () => {
  test("are said once in a file", () => {
    const servers = [1, 2, 3].map(
      (host) => `{address: 192.0.2.${host}, ${web}, nat_mask: 255.0.0.0, real_server: {address: 10.0.0.1}}`,
    );
    expect(codesOf(`virtual_server: [${servers.join(", ")}]\n`)).toEqual(["1 no-effect"]);
  });
});

test("an empty list is no value", () => {
  const server = (setting: string) => `virtual_server: {address: 192.0.2.1, ${web}, real_server: [], ${setting}}`;
  expect(codesOf(server("alpha: []"))).toContain("1 wrong-shape");
  expect(codesOf(server("delay_loop: []"))).toContain("1 wrong-shape");
});

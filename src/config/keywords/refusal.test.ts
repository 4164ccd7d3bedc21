import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { parseConfig } from "../parse-config.ts";
import { everyKeyword, type KeywordFacts } from "./every-keyword.ts";
import { infoOf } from "./keyword.ts";
import { allBlocks } from "./lookup.ts";

type Settings = Record<string, unknown>;

/** A valid configuration with one more setting in the block. */
function configWith(block: string, setting: Settings): Settings {
  const at = (path: string) => (path === block ? setting : {});
  const root = "virtual_server/real_server";
  const url = (checker: string) => ({ path: "/", ...at(`${root}/${checker}/url`) });
  const server = {
    address: "10.0.0.11",
    TCP_CHECK: at(`${root}/TCP_CHECK`),
    HTTP_GET: { url: url("HTTP_GET"), ...at(`${root}/HTTP_GET`) },
    SSL_GET: { url: url("SSL_GET"), ...at(`${root}/SSL_GET`) },
    SMTP_CHECK: { host: at(`${root}/SMTP_CHECK/host`), ...at(`${root}/SMTP_CHECK`) },
    DNS_CHECK: at(`${root}/DNS_CHECK`),
    MISC_CHECK: { misc_path: "/bin/true", ...at(`${root}/MISC_CHECK`) },
    PING_CHECK: at(`${root}/PING_CHECK`),
    UDP_CHECK: at(`${root}/UDP_CHECK`),
    ...at(root),
  };
  const service = { address: "192.0.2.10", port: 80, protocol: "TCP", real_server: server, ...at("virtual_server") };
  const addresses = { priority: 100, virtual_router_id: 51, interface: "eth0", virtual_ipaddress: "192.0.2.10/24" };
  return {
    global_defs: at("global_defs"),
    vrrp_instance: [
      { name: "a", ...addresses, ...at("vrrp_instance") },
      { name: "b", ...addresses, virtual_router_id: 52, virtual_ipaddress: "192.0.2.11/24" },
    ],
    vrrp_sync_group: { name: "g", group: "a b", ...at("vrrp_sync_group") },
    virtual_server: service,
    ...at(""),
  };
}

function diagnosticsOf({ block, keyword }: KeywordFacts, value: unknown) {
  const result = parseConfig(stringify(configWith(block, { [keyword]: value })), "x");
  return { ok: result.ok, diagnostics: result.ok ? result.warnings : result.diagnostics };
}

const blocks = new Set(allBlocks().map(({ path }) => path));
const reachable = everyKeyword().filter(({ block }) => blocks.has(block));

/** Of keywords that change nothing and yet take a value. */
const valuesOfIdle: Record<string, string> = {
  nat_mask: "255.255.255.0",
  sni_name: "www",
  tmp_config_directory: "/tmp",
  debug: "0",
  regex_stack: "1024 4096",
  lvs_netlink_monitor_rcv_bufs: "300000",
};

describe("what does not work", () => {
  const refused = reachable.filter(({ support }) => support === "not_yet" || support === "refused");

  test("is at least what makes no sense any more", () => {
    expect(refused.filter(({ support }) => support === "refused").length).toBeGreaterThan(4);
  });

  test.each(refused)("$block $keyword is never accepted, and the error says why", (facts) => {
    for (const value of [null, "1", ["a", "b"], { a: 1 }]) {
      const { ok, diagnostics } = diagnosticsOf(facts, value);
      expect(ok).toBe(false);
      const said = diagnostics.filter(({ code }) => code === "unsupported-keyword");
      expect(said).toHaveLength(1);
      expect(said[0]?.message).toContain(`"${facts.keyword}"`);
      expect(said[0]?.message).toContain(facts.reason);
      if (facts.support === "not_yet") expect(said[0]?.hint).toContain(infoOf(facts.entry).summary);
    }
  });

  test("is checked all the same, and said once for all blocks of a kind", () => {
    const text = `bfd_instance:
  - {name: a, min_rx: 0, neighbour_ip: 192.0.2.9}
  - {name: b, min_rxx: 3, neighbor_ip: here}
virtual_server: {address: 192.0.2.1, port: 80, protocol: TCP, snmp_name: [a, b], real_server: []}
`;
    const result = parseConfig(text, "x.yaml");
    const found = (result.ok ? result.warnings : result.diagnostics).map(({ code, line }) => `${line} ${code}`);
    expect(found).toEqual([
      "2 out-of-range",
      "3 unknown-keyword",
      "3 invalid-value",
      "4 unsupported-keyword",
      "4 too-many-values",
    ]);
  });

  test.each(["include_check", "random_seed"])("%s is for keepalived.conf, and refused in YAML", (keyword) => {
    const facts = reachable.find((each) => each.keyword === keyword) as KeywordFacts;
    expect(facts.support).toBe("works");
    expect(diagnosticsOf(facts, null).diagnostics).toMatchObject([
      { code: "unsupported-keyword", message: expect.stringContaining("it is for keepalived.conf") },
    ]);
  });

  const idle = reachable.filter(({ support }) => support === "no_effect");

  test.each(idle)("$block $keyword changes nothing, which is said once", (facts) => {
    const given = valuesOfIdle[facts.keyword] ?? null;
    const { ok, diagnostics } = diagnosticsOf(facts, given);
    expect(diagnostics).toMatchObject([
      { code: "no-effect", message: expect.stringContaining(facts.reason as string) },
    ]);
    expect(ok).toBe(true);
  });
});

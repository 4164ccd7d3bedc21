import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { parseConfig } from "../parse-config.ts";
import { settings } from "../testing/arbitrary-config.ts";
import { jsonSchema, yamlSchema } from "./schema.ts";

const schema = yamlSchema();
const accepted = (text: string) => schema.safeParse(parse(text, { merge: true })).success;

/** Another value for a keyword; null is one that stands there already. */
const replacement = fc.tuple(
  fc.constantFrom(null, null, "port", "weight", "lvs_shed", "TCP_CHECK", "delay_loop"),
  fc.oneof(fc.constantFrom<unknown>(-1, 0, 1.5, 65_536, "5s", "on", "TCP", "", null, {}, [], ["a", "b"]), fc.string()),
);

/** Every map of a document, the document first. */
function mapsIn(value: unknown): object[] {
  if (typeof value !== "object" || value === null) return [];
  const inner = Object.values(value).flatMap(mapsIn);
  return Array.isArray(value) ? inner : [value, ...inner];
}

describe("the schema for editors", () => {
  test("accepts what lbctl accepts", () => {
    fc.assert(
      fc.property(settings, (written) => {
        const text = stringify(written);
        expect(parseConfig(text, "x").ok).toBe(true);
        expect(accepted(text)).toBe(true);
      }),
    );
  });

  test("refuses nothing that lbctl accepts, whatever is put in place of one setting", () => {
    let refused = 0;
    fc.assert(
      fc.property(settings, fc.nat(), replacement, (written, where, [keyword, value]) => {
        const document = structuredClone(written);
        const maps = mapsIn(document);
        const map = maps[where % maps.length] as Record<string, unknown>;
        map[keyword ?? (Object.keys(map)[where % Object.keys(map).length] as string)] = value;
        const changed = stringify(document, { aliasDuplicateObjects: false });
        if (accepted(changed)) return;
        refused++;
        expect(parseConfig(changed, "x").ok).toBe(false);
      }),
    );
    expect(refused).toBeGreaterThan(10);
  });

  test.each([
    "virtual_server: [{adress: 192.0.2.1}]",
    "virtual_server: [{address: 192.0.2.1, port: 80000}]",
    "virtual_server: [{address: 192.0.2.1, lvs_sched: round}]",
    "virtual_server: [{address: 192.0.2.1, real_server: [{port: 80}]}]",
    "virtual_server: web",
    "global_defs: {reconcile_interval: 0}",
    "vrrp_instance: {}",
  ])("refuses %s, as lbctl does", (text) => {
    expect(accepted(text)).toBe(false);
    expect(parseConfig(text, "x").ok).toBe(false);
  });

  test("is a JSON Schema with a sentence for every keyword", () => {
    const forEditors = jsonSchema() as { $schema: string; properties: Record<string, unknown> };
    expect(forEditors.$schema).toBe("https://json-schema.org/draft/2020-12/schema");
    expect(Object.keys(forEditors.properties)).toEqual([
      "global_defs",
      "virtual_server_group",
      "virtual_server",
      "SSL",
      "use_pid_dir",
      "namespace_with_ipsets",
      "net_namespace",
      "net_namespace_ipvs",
      "instance",
      "child_wait_time",
      "vrrp_instance",
      "vrrp_sync_group",
      "vrrp_script",
      "track_file",
      "vrrp_track_process",
      "track_group",
      "garp_group",
      "static_ipaddress",
      "static_routes",
      "static_rules",
      "linkbeat_use_polling",
      "linkbeat_interfaces",
      "interface_up_down_delays",
      "bfd_instance",
      "defaults",
      "include",
    ]);
    const text = JSON.stringify(forEditors);
    expect(JSON.parse(text)).toEqual(forEditors);
    expect(text).toContain('"description":"deadline of each exchange with the server');
    expect(text).toContain('"default":"wlc"');
  });
});

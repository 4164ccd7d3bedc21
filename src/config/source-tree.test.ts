import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { conclude, noContext, parseConfig, readCondensed, readConfig, understand } from "./parse-config.ts";
import { sourceOf } from "./source.ts";
import { type SourceNode, withoutPositions } from "./source-tree.ts";
import { readYaml } from "./yaml/read-yaml.ts";

describe("a condensed tree means what the whole one does", () => {
  const fixtures = ["fixtures", "lints/fixtures", "keepalived/fixtures", "keepalived/pairs"].flatMap((folder) =>
    readdirSync(join(import.meta.dirname, folder))
      .filter((name) => /\.(?:conf|yaml)$/.test(name))
      .map((name) => join(folder, name)),
  );

  test.each(fixtures)("%s", (name) => {
    const text = readFileSync(join(import.meta.dirname, name), "utf8");
    const [whole, condensed] = [readConfig(text, name, noContext), readCondensed(text, name, noContext)];
    expect(conclude(understand(condensed, name), null)).toEqual(conclude(understand(whole, name), null));
    expect(withoutPositions(condensed.wholeNodes())).toEqual(withoutPositions(whole.nodes));
  });

  test.each(["defaults: {virtual_server: {lvs_sched: rr}}", "<<: {defaults: {virtual_server: {lvs_sched: rr}}}"])(
    "YAML with %s",
    (defaults) => {
      const text = `virtual_server: {address: 192.0.2.1, port: 80, protocol: TCP}\n${defaults}\n`;
      const result = conclude(understand(readCondensed(text, "lb.yaml", noContext), "lb.yaml"), null);
      expect(result.ok ? result.model.virtualServers[0]?.services[0]?.scheduler : result.diagnostics).toBe("rr");
    },
  );

  test("and keeps nothing of what is in a virtual server", () => {
    const { nodes } = readCondensed("virtual_server 192.0.2.1 80 {\n protocol TCP\n}\n", "lb.conf", noContext);
    expect(nodes.map(({ keyword, children }) => [keyword, children])).toEqual([["virtual_server", []]]);
  });
});

describe("the source tree", () => {
  const source = sourceOf("lb.conf", "virtual_server 192.0.2.10 80 {");
  const span = { source, start: 0, end: 14 };
  const node = (keyword: string, words: string[], children: SourceNode[] | null = null): SourceNode => ({
    keyword,
    values: words.map((text) => ({ text, span: { source, start: 15, end: 25 } })),
    children,
    span,
  });
  // What a front end for keepalived.conf yields, synonyms and all.
  const tree = [
    node(
      "virtual_server",
      [],
      [
        node("address", ["192.0.2.10"]),
        node("port", ["80"]),
        node("protocol", ["TCP"]),
        node("lb_algo", ["wrr"]),
        node("alpha", []),
        node(
          "real_server",
          [],
          [
            node("address", ["10.0.0.11"]),
            node("port", ["80"]),
            node(
              "HTTP_GET",
              [],
              [node("url", [], [node("path", ["/"]), node("status_code", ["200"]), node("status_code", ["300-302"])])],
            ),
          ],
        ),
      ],
    ),
  ];
  const modelOf = (nodes: readonly SourceNode[]) =>
    conclude(
      understand({ nodes, wholeNodes: () => nodes, diagnostics: [], sources: [], missing: [] }, "lb.conf"),
      null,
    );
  const yaml = `virtual_server:
  - {address: 192.0.2.10, port: 80, protocol: TCP, lb_algo: wrr, alpha: , real_server: {address: 10.0.0.11, port: 80, HTTP_GET: {url: {path: /, status_code: [200, 300-302]}}}}`;

  test("gives the same model whoever made it, wherever things stood", () => {
    expect(modelOf(tree)).toEqual(parseConfig(yaml, "lb.yaml"));
  });

  test("is equal for equal settings: positions do not count", () => {
    const moved = readYaml(sourceOf("b", `# moved\n\n${yaml.replace("- {", "-   {")}`), noContext).nodes;
    expect(withoutPositions(moved)).toEqual(withoutPositions(readYaml(sourceOf("a", yaml), noContext).nodes));
    expect(withoutPositions(moved)).not.toEqual(
      withoutPositions(readYaml(sourceOf("a", yaml.replace("wrr", "rr")), noContext).nodes),
    );
  });

  test("is where remarks point to", () => {
    const broken = [node("virtual_server", [], [node("address", ["192.0.2.300"]), node("snmp_name", ["g"])])];
    const result = modelOf(broken);
    expect(result.ok ? [] : result.diagnostics.map(({ code, column }) => [code, column])).toEqual([
      ["unsupported-keyword", 1],
      ["invalid-value", 16],
    ]);
  });
});

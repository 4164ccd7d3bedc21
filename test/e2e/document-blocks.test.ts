import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { formatDiagnostic } from "../../src/config/format-diagnostic.ts";
import { loadConfig } from "../../src/config/load.ts";
import { noContext, parseConfig } from "../../src/config/parse-config.ts";
import { blocksOf, type TextBlock } from "./page.ts";

// Every YAML and every keepalived.conf that README.md and docs/ show, as lbctl reads it.

const docs = join(import.meta.dirname, "../../docs");
const pagesIn = (folder: string) =>
  readdirSync(join(docs, folder)).flatMap((name) => (name.endsWith(".md") ? [join("docs", folder, name)] : []));
const blocks = ["README.md", ...pagesIn("."), ...pagesIn("guides")].flatMap(blocksOf);
const directory = mkdtempSync(join(tmpdir(), "lbctl-blocks-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** YAML of other programs: Kubernetes, and Prometheus, which documents.test.ts asks. */
const foreign = /^(?:apiVersion|scrape_configs|\s+metric_relabel_configs):/;

const indented = (text: string, blanks: number) => text.replace(/^(?=.)/gm, " ".repeat(blanks));
const service = "virtual_server:\n  - address: 192.0.2.10\n    protocol: TCP\n";

/** What is around a part of a file that a page shows alone. */
function whole({ page, text }: TextBlock): string {
  if (text.startsWith("MISC_CHECK:"))
    return `${service}    port: 80\n    real_server:\n      - address: 10.0.0.11\n${indented(text, 8)}`;
  if (text.startsWith("- address:")) return `${service}    port: 80\n    real_server:\n${indented(text, 6)}`;
  if (page === "docs/lints.md") return `${service}${indented(text, 4)}    real_server:\n      - address: 10.0.0.11\n`;
  if (text.startsWith("global_defs:") && !text.includes("virtual_server"))
    return `${text}${service}    port: 80\n    real_server:\n      - { address: 10.0.0.11, TCP_CHECK: {} }\n`;
  return text;
}

/** Files that the blocks include. */
const server = (last: number) => `real_server:\n  - { address: 10.0.0.${last}, TCP_CHECK: {} }\n`;
const included = {
  "conf.d/timing.yaml": "global_defs:\n  router_id: lb1\n",
  "pools/web.yaml": server(11),
  "pools/canary.yaml": server(12),
  "pools/spare.yaml": server(13),
};

const yaml = blocks.filter(({ language, text }) => /^ya?ml$/.test(language) && !foreign.test(text));
const conf = blocks.filter(
  ({ language, text }) => language === "conf" || (language === "" && /^\w[^:]*\{$/m.test(text) && /^\}$/m.test(text)),
);

describe("what documents show of configurations", () => {
  test("is found", () => {
    expect(yaml.length).toBeGreaterThan(20);
    expect(conf.length).toBeGreaterThan(4);
    expect(blocks.filter(({ text }) => foreign.test(text))).toHaveLength(3);
  });

  test.each([...yaml, ...conf].map((block) => [`${block.page}:${block.line}`, block] as const))(
    "%s",
    async (_, block) => {
      for (const [name, text] of Object.entries(included)) {
        mkdirSync(dirname(join(directory, name)), { recursive: true });
        writeFileSync(join(directory, name), text);
      }
      const file = join(directory, yaml.includes(block) ? "block.yaml" : "block.conf");
      writeFileSync(file, whole(block));
      const result = await loadConfig(file, { offline: true });
      const said = (result.ok ? result.warnings : result.diagnostics).map((each) => formatDiagnostic(each));
      expect(said.filter((each) => !/warning\[(?:script|user)-/.test(each)).join("\n")).toBe("");
    },
  );
});

/** What the errors that documents show are about: the line numbers are theirs. */
const wrong: Readonly<Record<string, string>> = {
  "/etc/lbctl/lbctl.yaml:7:5: error[unknown-keyword]":
    "virtual_server:\n  - address: 192.0.2.10\n    port: 80\n    protocol: TCP\n    delay_loop: 6\n    lvs_sched: wrr\n    quorom: 2\n    real_server:\n      - { address: 10.0.0.11, TCP_CHECK: {} }\n",
  "/etc/keepalived/keepalived.conf:4:9: error[unknown-keyword]":
    "# the web servers\n$SERVER= \\\n    real_server 10.0.0.11 80 { \\\n        wieght 1 \\\n        TCP_CHECK { \\\n        } \\\n    }\n\nvirtual_server 192.0.2.10 80 {\n    protocol TCP\n    lb_algo rr\n    lb_kind NAT\n    @here              $SERVER\n}\n",
  "/etc/keepalived/keepalived.conf:5:9: error[unclosed-block]":
    "virtual_server 192.0.2.10 80 {\n    protocol TCP\n    real_server 10.0.0.11 80 {\n        weight 1\n        TCP_CHECK {\n    }\n    real_server 10.0.0.12 80 {\n        weight 1\n    }\n}\n",
};

describe("the errors that documents show", () => {
  const shown = blocks.filter(({ text }) => /^\/\S+:\d+:\d+: error\[/.test(text));

  test("are three", () => expect(shown).toHaveLength(3));

  test.each(shown.map((block) => [`${block.page}:${block.line}`, block.text] as const))("%s", (_, text) => {
    const head = Object.keys(wrong).find((each) => text.startsWith(each)) ?? "";
    const file = head.split(":")[0] ?? "";
    const result = parseConfig(wrong[head] ?? "", file, { ...noContext, configId: "here" });
    expect(result.ok ? "" : result.diagnostics.map((each) => `${formatDiagnostic(each)}\n`).join("")).toBe(text);
  });
});

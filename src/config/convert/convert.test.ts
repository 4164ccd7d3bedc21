import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { hasErrors } from "../diagnostics.ts";
import { type IncludeMatch, includeKey } from "../include/include.ts";
import { loadIncluded } from "../include/load-included.ts";
import type { Block } from "../keywords/keyword.ts";
import { lookUp } from "../keywords/lookup.ts";
import { keywordTable } from "../keywords/table.ts";
import { convertFile, loadConfig } from "../load.ts";
import { noContext, type ReadConfig, readConfig, understand } from "../parse-config.ts";
import { type SourceNode, withoutPositions } from "../source-tree.ts";
import { settings } from "../testing/arbitrary-config.ts";
import { convert } from "./convert.ts";

const configId = "high";
const context = { ...noContext, configId };
const scratch = mkdtempSync(join(tmpdir(), "lbctl-convert-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const readConf = (text: string) => readConfig(text, "lb.conf", context, "keepalived");
const readYaml = (text: string) => readConfig(text, "lb.yaml", context, "yaml");

/** Blocks of one kind together, and settings that add up as one: the order of YAML. */
function grouped(nodes: readonly SourceNode[], block: Block): readonly SourceNode[] {
  const groups = Map.groupBy(nodes, ({ keyword }) => lookUp(block, keyword)?.name ?? keyword);
  return [...groups].flatMap(([name, members]): readonly SourceNode[] => {
    const [first] = members as [SourceNode, ...SourceNode[]];
    const entry = lookUp(block, first.keyword)?.entry;
    const keyword = members.every((each) => each.keyword === first.keyword) ? first.keyword : name;
    if (entry?.kind === "value") return [{ ...first, keyword, values: members.flatMap(({ values }) => values) }];
    return members.map((node) => ({ ...node, keyword, children: grouped(node.children ?? [], entry?.block ?? block) }));
  });
}

/** Fails unless the conversion means the same; false when there is none because of errors. */
function expectSameMeaning(read: ReadConfig): boolean {
  const conversion = convert(read, "lb.conf", configId);
  if (!conversion.ok) {
    expect(hasErrors(conversion.diagnostics)).toBe(true);
    return false;
  }
  const yaml = readYaml(conversion.text);
  expect(yaml.diagnostics).toEqual([]);
  // Of a file without any setting there is one that says so.
  if (read.nodes.length > 0)
    expect(withoutPositions(yaml.nodes)).toEqual(withoutPositions(grouped(read.nodes, keywordTable)));
  const before = understand(read, "lb.conf");
  const after = understand(yaml, "lb.yaml");
  expect(after.config).toEqual(before.config);
  expect(after.model).toEqual(before.model);
  expect(hasErrors(after.diagnostics)).toBe(hasErrors(before.diagnostics));
  const again = convert(read, "lb.conf", configId);
  expect(again).toEqual(conversion);
  return true;
}

function confsIn(folder: string): string[] {
  return existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => /\.conf(\.|$)/.test(name) && !name.endsWith(".txt"))
        .map((name) => join(folder, name))
    : [];
}

const samples = confsIn("/usr/share/doc/keepalived/samples/");
const here = (path: string) => new URL(path, import.meta.url).pathname;
const ours = ["../../../examples/", "../keepalived/pairs/", "../keepalived/fixtures/", "../lints/fixtures/"].flatMap(
  (folder) => confsIn(here(folder)),
);

/** What keepalived drops and goes on: addresses that are none, names outside of the braces of their group. */
const wrong = ["vrrp.rules", "vrrp.lvs_syncd"];

async function readWithIncludes(file: string): Promise<ReadConfig> {
  const included = new Map<string, readonly IncludeMatch[]>();
  const text = readFileSync(file, "utf8");
  const read = () => readConfig(text, file, { ...context, included }, "keepalived");
  while (read().missing.length > 0)
    for (const request of read().missing) included.set(includeKey(request), await loadIncluded(request));
  return read();
}

describe("a conversion means what its keepalived.conf means", () => {
  test("there is something to convert", () => {
    expect(samples.length).toBeGreaterThan(20);
    expect(ours.length).toBeGreaterThan(15);
  });

  test.each([...samples, ...ours])("%s", async (file) => {
    const before = await loadConfig(file, { configId, offline: true });
    const conversion = await convertFile(file, { configId });
    if (conversion.ok) {
      const path = join(scratch, "converted.yaml");
      writeFileSync(path, conversion.text);
      const after = await loadConfig(path, { configId, offline: true });
      expect(after.ok).toBe(before.ok);
      const pending = (before.ok ? [] : before.diagnostics).filter(({ code }) => code === "unsupported-keyword");
      expect(conversion.notYet).toBe(pending.length);
      if (before.ok && after.ok) expect(after.model).toEqual(before.model);
      expect(await convertFile(file, { configId })).toEqual(conversion);
    } else if (!before.ok) expect(conversion.diagnostics).toEqual(before.diagnostics);
    else expect.fail("refused although it is valid");
    if (samples.includes(file)) expect(conversion.ok).toBe(!wrong.some((name) => file.endsWith(name)));
    expectSameMeaning(await readWithIncludes(file));
  });

  test("whatever was written, with whatever comments", () => {
    const comment = fc.constantFrom("", "", "", " # note", " ! note", "\n# above\n", "\n\n", `\n  ! x \${env:A} # y\n`);
    fc.assert(
      fc.property(settings, fc.array(comment, { minLength: 1, maxLength: 40 }), (written, comments) => {
        const servers = written.virtual_server.map(({ name: _ours, ...rest }) => rest);
        const { nodes } = readYaml(stringify({ ...written, virtual_server: servers }));
        let count = 0;
        const text = confOf(nodes)
          .map((line) => line + (comments[count++ % comments.length] ?? ""))
          .join("\n");
        const read = readConf(text);
        expect(withoutPositions(read.nodes)).toEqual(withoutPositions(nodes));
        expect(expectSameMeaning(read)).toBe(true);
      }),
    );
  });

  test("mutated samples are refused or mean the same", () => {
    const texts = samples.map((file) => readFileSync(file, "utf8"));
    const edit = fc.record({
      at: fc.nat(),
      removed: fc.nat(2),
      inserted: fc.constantFrom(
        "",
        "# c",
        "! c",
        '"',
        "{",
        "}",
        "\n",
        "\\",
        "$A=1",
        "~SEQ(A,1,3) ",
        "@high ",
        `\${env:A}`,
        " a b",
        "\t",
        "é",
        "\u0001",
      ),
    });
    let converted = 0;
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.array(edit, { maxLength: 3 }), (base, edits) => {
        let text = base;
        for (const { at, removed, inserted } of edits) {
          const from = at % (text.length + 1);
          text = text.slice(0, from) + inserted + text.slice(from + removed);
        }
        if (expectSameMeaning(readConf(text))) converted++;
      }),
      { numRuns: 300 },
    );
    expect(converted).toBeGreaterThan(30);
  });
});

/** A source tree as keepalived.conf, line by line. */
function confOf(nodes: readonly SourceNode[]): string[] {
  return nodes.flatMap(({ keyword, values, children }) => {
    if (children === null) return [[keyword, ...values.map(({ text }) => text)].join(" ")];
    const behind = children.filter((child) => child.keyword === "address" || child.keyword === "port");
    const inside = children.filter((child) => !behind.includes(child));
    return [`${[keyword, ...behind.map((child) => child.values[0]?.text)].join(" ")} {`, ...confOf(inside), "}"];
  });
}

const commented = `# first
! second

global_defs { # of all
  router_id lb1 ! who
  # last of global_defs
} # closed

# above web
virtual_server 192.0.2.1 80 { # web
  protocol TCP
  # before the checks
  delay_loop 3 # often

  # above the server
  real_server 10.0.0.1 80 {
    TCP_CHECK { } # one line
    ! end of the server
  }
  real_server 10.0.0.2 80 {
    # nothing but this
  }
}
virtual_server_group g {
  # addresses
  192.0.2.3 80 # main
  192.0.2.4 80
  # that is all
}
# the second
virtual_server fwmark 5 { # marked
  # before address
  status_codes # unknown
}
# the end
`.replace("  status_codes # unknown\n", "  quorum 1 # one\n");

describe("comments", () => {
  test("stay with what they are about", () => {
    const conversion = convert(readConf(commented), "lb.conf", configId);
    expect(conversion.ok ? conversion.text : conversion.diagnostics).toBe(`# first
# second
global_defs:  # of all
  router_id: lb1  # who
  # last of global_defs
  # closed

virtual_server:
  # above web
  - address: 192.0.2.1  # web
    port: 80
    protocol: TCP
    # before the checks
    delay_loop: 3  # often

    real_server:
      # above the server
      - address: 10.0.0.1
        port: 80
        TCP_CHECK:  # one line
        # end of the server
      - address: 10.0.0.2
        port: 80
        # nothing but this
  # the second
  - fwmark: 5  # marked
    # before address
    quorum: 1  # one

virtual_server_group:
  - name: g
    members:
      # addresses
      - 192.0.2.3 80  # main
      - 192.0.2.4 80
    # that is all

# the end
`);
  });

  test("are kept, each once, wherever they stand", () => {
    const places = fc.uniqueArray(fc.nat(commented.split("\n").length - 2), { maxLength: 12 });
    fc.assert(
      fc.property(places, fc.boolean(), (lines, alone) => {
        const text = commented
          .split("\n")
          .map((line, at) => (lines.includes(at) ? (alone ? `# mark${at}.\n${line}` : `${line} # mark${at}.`) : line))
          .join("\n");
        const conversion = convert(readConf(text), "lb.conf", configId);
        const found = conversion.ok ? [...conversion.text.matchAll(/mark(\d+)\./g)].map(([, at]) => Number(at)) : null;
        expect(found?.toSorted((a, b) => a - b)).toEqual(lines.toSorted((a, b) => a - b));
      }),
    );
  });

  test("of included files and of templates are there as well, and what is expanded is said", async () => {
    writeFileSync(join(scratch, "pool.inc"), "# the pool\nreal_server 10.0.0.2 80 { # two\n}\n# end of the pool\n");
    const file = join(scratch, "lb.conf");
    writeFileSync(
      file,
      `# top
$SERVER= \\
  real_server 10.0.0.\${N} 80 { \\
  }
virtual_server 192.0.2.1 80 {
  protocol TCP
  @high weight 3 # of high
  @low weight 2 # of low
  ~SEQ(N, 8, 9) $SERVER # from a sequence
  include pool.inc # elsewhere
}
`,
    );
    const conversion = await convertFile(file, { configId });
    expect(conversion.ok ? conversion.text : conversion.diagnostics).toMatchInlineSnapshot(`
      "# Converted from a keepalived.conf:
      # - included files are part of it
      # - parameters are replaced by their values
      # - sequences are written out
      # - lines with @ are those for the configuration id "high"

      virtual_server:
        # top
        - address: 192.0.2.1
          port: 80
          protocol: TCP
          weight: 3  # of high
          real_server:
            # of low
            - address: 10.0.0.8
              port: 80
            - address: 10.0.0.9  # from a sequence
              port: 80
            # the pool
            - address: 10.0.0.2  # two
              port: 80
            # end of the pool
          # elsewhere
      "
    `);
  });

  test("of strange characters are comments of YAML", () => {
    const text = `# tab\there \u0001\u2028\n! ü \${env:A}\nglobal_defs {\n router_id a #\n}\n`;
    expect(expectSameMeaning(readConf(text))).toBe(true);
  });
});

test("docs/convert.md shows what comes out", () => {
  const manual = readFileSync(here("../../../docs/convert.md"), "utf8");
  const [source = "", result = ""] = [...manual.matchAll(/^```(?:conf|yaml)\n(.*?)^```/gms)].map(([, text]) => text);
  const conversion = convert(readConf(source), "lb.conf", configId);
  expect(conversion.ok ? conversion.text : conversion.diagnostics).toBe(result);
});

describe("what cannot be said in the same way", () => {
  test.each([
    ["a block twice", "global_defs { router_id a\n }\nglobal_defs {\n checker_log_all_failures\n }\n"],
    ["a setting twice", "virtual_server 192.0.2.1 80 {\n protocol TCP\n weight 1\n weight 2\n}\n"],
    [
      "settings that add up",
      "virtual_server 192.0.2.1 80 {\n protocol TCP\n real_server 10.0.0.1 80 {\n HTTP_GET {\n url {\n path /\n status_code 200\n status_code 204 404\n }\n }\n }\n}\n",
    ],
    [
      "two names of one block",
      "track_file a {\n file /a\n}\nvrrp_track_file b {\n file /b\n}\ntrack_file c {\n file /c\n}\n",
    ],
    ["no protocol", "virtual_server 192.0.2.1 80 {\n real_server 10.0.0.1 80 {\n }\n}\n"],
    ["words with blanks", 'global_defs {\n notify_fifo "/run/my events" nobody\n}\n'],
    ["a script with arguments", `vrrp_script s {\n script "/bin/x 'a b' \\"c\\"" nobody\n}\n`],
    ["a dollar", `global_defs {\n router_id "a\${env:B}"\n}\n`],
    [
      "checkers of one kind",
      "virtual_server 192.0.2.1 80 {\n protocol TCP\n real_server 10.0.0.1 80 {\n TCP_CHECK {\n }\n TCP_CHECK {\n retry 3\n }\n }\n}\n",
    ],
  ])("%s means the same all the same", (_what, text) => {
    expect(expectSameMeaning(readConf(text))).toBe(true);
  });

  test("what will never be supported is refused, as by validate", () => {
    const text = "virtual_server 192.0.2.1 80 {\n protocol TCP\n real_server 10.0.0.1 80 {\n bindto 10.0.0.9\n }\n}\n";
    const conversion = convert(readConf(text), "lb.conf", configId);
    expect(conversion.ok ? [] : conversion.diagnostics.map(({ code }) => code)).toEqual(["unsupported-keyword"]);
  });
});

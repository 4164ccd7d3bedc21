import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { diagnosticCodes } from "../diagnostic-codes.ts";
import { hasErrors } from "../diagnostics.ts";
import { noContext, parseConfig } from "../parse-config.ts";
import type { ReadContext } from "../read-context.ts";
import { type Span, sourceOf } from "../source.ts";
import { type SourceNode, withoutPositions } from "../source-tree.ts";
import { readKeepalived } from "./read-keepalived.ts";

function read(text: string, context: Partial<ReadContext> = {}) {
  return readKeepalived(sourceOf("lb.conf", text), { ...noContext, ...context });
}

/** What is left of a text in a virtual server, as words. */
function settings(text: string, context: Partial<ReadContext> = {}): string[] {
  const { nodes, diagnostics } = read(`virtual_server fwmark 1 {\n${text}\n}`, context);
  expect(hasErrors(diagnostics)).toBe(false);
  return (nodes[0]?.children ?? [])
    .slice(1)
    .map(({ keyword, values }) => [keyword, ...values.map((v) => v.text)].join(" "));
}

function textOf({ source, start, end }: Span): string {
  return source.text.slice(start, end);
}

describe("the tree", () => {
  test("what stands behind the keyword of a block is in it; braces may stand anywhere", () => {
    const text = `virtual_server 192.0.2.10 80
{
  protocol TCP
  real_server 10.0.0.11 80 { HTTP_GET { url { path / } url { path /b
      status_code 200-299 404 } } }
  sorry_server 10.0.0.9 8080
}
virtual_server fwmark 3 { }
virtual_server 192.0.2.11 0 { protocol TCP }`;
    const url = (path: string, ...more: unknown[]) => ["url", [], [["path", [path], null], ...more]];
    expect(withoutPositions(read(text).nodes)).toEqual([
      [
        "virtual_server",
        [],
        [
          ["address", ["192.0.2.10"], null],
          ["port", ["80"], null],
          ["protocol", ["TCP"], null],
          [
            "real_server",
            [],
            [
              ["address", ["10.0.0.11"], null],
              ["port", ["80"], null],
              ["HTTP_GET", [], [url("/"), url("/b", ["status_code", ["200-299", "404"], null])]],
            ],
          ],
          ["sorry_server", ["10.0.0.9", "8080"], null],
        ],
      ],
      ["virtual_server", [], [["fwmark", ["3"], null]]],
      [
        "virtual_server",
        [],
        [
          ["address", ["192.0.2.11"], null],
          ["protocol", ["TCP"], null],
        ],
      ],
    ]);
  });

  test("blocks that may stand once add up", () => {
    const { nodes } = read("global_defs { router_id a }\nglobal_defs { checker_log_all_failures }");
    expect(nodes.map(({ children }) => children?.length)).toEqual([2]);
  });
});

describe("lines", () => {
  test("conditions", () => {
    const text = "@main quorum 1\n@backup quorum 2\n@^main weight 1\n@^backup weight 2";
    expect(settings(text, { configId: "main" })).toEqual(["quorum 1", "weight 2"]);
    expect(settings(text, { configId: "backup" })).toEqual(["quorum 2", "weight 1"]);
  });

  test("a parameter is replaced with the value that it has there, and inside other values", () => {
    const text = `$NET=10.\${MIDDLE}.0\n$MIDDLE=1\nsorry_server \${NET}.9 80\n$MIDDLE=2\nvirtualhost \${NET}.9`;
    expect(settings(text)).toEqual(["sorry_server 10.1.0.9 80", "virtualhost 10.2.0.9"]);
  });

  test("a parameter may hold a condition, a name of a parameter, a sequence", () => {
    expect(settings(`$MAIN=@main\n$MAIN quorum 2\n$N=A\n$A=3\nweight \${\${N}}`, { configId: "main" })).toEqual([
      "quorum 2",
      "weight 3",
    ]);
    expect(settings("$ALL=~SEQ(D, 1, 2) weight\n$ALL")).toEqual(["weight"]);
  });

  test("definitions of several lines, nested, with comments", () => {
    const text = `$CHECK= \\
  TCP_CHECK { \\
    connect_port \${PORT} # remark \\
  # another remark
  }
$SERVER= \\
  $PORT=8\${N} \\
  real_server 10.0.0.\${N} 80 { \\
    $CHECK \\
  }
virtual_server fwmark 1 {
  ~SEQ(N, 1, 2) $SERVER
}`;
    const server = (n: number) => [
      "real_server",
      [],
      [
        ["address", [`10.0.0.${n}`], null],
        ["port", ["80"], null],
        ["TCP_CHECK", [], [["connect_port", [`8${n}`], null]]],
      ],
    ];
    expect(withoutPositions(read(text).nodes)).toEqual([
      ["virtual_server", [], [["fwmark", ["1"], null], server(1), server(2)]],
    ]);
  });

  test("an empty line ends a definition that would go on", () => {
    expect(settings("$W=weight 1 \\\n\nquorum 2\n$W")).toEqual(["quorum 2", "weight 1"]);
  });

  test("predefined names", () => {
    const context = { configId: "lb1", environment: { WEIGHT: "7" }, seed: 1 };
    expect(settings(`virtualhost \${_INSTANCE}\${_HASH}\${_BANG}`, context)).toEqual(["virtualhost lb1#!"]);
    expect(settings(`weight \${_ENV WEIGHT}`, context)).toEqual(["weight 7"]);
    expect(settings(`weight \${_RANDOM 5 5}`, context)).toEqual(["weight 5"]);
    const [drawn = ""] = settings(`weight \${_RANDOM 1 9}`, context);
    expect(drawn).toMatch(/^weight [1-9]$/);
    expect(settings(`weight \${_RANDOM 1 9}`, context)).toEqual([drawn]);
  });

  test("random_seed makes a configuration repeatable, whatever the seed of this run", () => {
    const text = `global_defs {\n random_seed 42\n}\nvirtual_server fwmark 1 {\n weight \${_RANDOM}\n}`;
    const drawn = (seed: number) => withoutPositions(read(text, { seed }).nodes);
    expect(drawn(1)).toEqual(drawn(2));
  });

  test("what is not defined stays in quotes and words, and is an error where its braces would count", () => {
    expect(settings(`virtualhost "\${X}"\nweight $Y`)).toEqual([`virtualhost \${X}`, "weight $Y"]);
    expect(read(`virtual_server fwmark 1 {\nweight \${X}\n}`).diagnostics).toMatchObject([
      { code: "invalid-expansion", line: 2, column: 8 },
    ]);
  });

  test("a lone backslash is no line of its own, a comment may end with one", () => {
    expect(read("virtual_server fwmark 1 {\n \\\n}").diagnostics).toMatchObject([
      { code: "invalid-expansion", line: 2, column: 2 },
    ]);
    expect(settings("# comment \\\n weight 2")).toEqual(["weight 2"]);
  });

  test("an include is asked for with the directory of the file that has it", () => {
    const source = sourceOf("/etc/lb/lb.conf", `$F=a.inc\ninclude sub/*.inc\nincludea \${F}`);
    expect(readKeepalived(source, noContext).missing).toEqual([
      { directory: "/etc/lb", pattern: "sub/*.inc" },
      { directory: "/etc/lb", pattern: "a.inc" },
    ]);
  });
});

describe("positions", () => {
  test("a word is where it was written, and says where it is used", () => {
    const text = `$P=80\n$S= \\\n  real_server 10.0.0.\${N} \${P} { \\\n  }\nvirtual_server fwmark 1 {\n~SEQ(N,1,2) $S\n}`;
    const [server] = read(text).nodes;
    const real = server?.children?.[2] as SourceNode;
    const [address, port] = (real.children ?? []).map(({ values }) => values[0]);
    expect(textOf(real.span)).toBe("real_server");
    expect(real.span.usedAt === undefined ? null : textOf(real.span.usedAt)).toBe("$S");
    expect([address?.text, textOf(address?.span as Span)]).toEqual(["10.0.0.2", `10.0.0.\${N}`]);
    expect([port?.text, textOf(port?.span as Span), textOf(port?.span.usedAt as Span)]).toEqual(["80", "80", "$S"]);
  });

  test("every span is inside its source", () => {
    fc.assert(
      fc.property(damaged(), (text) => {
        const check = (nodes: readonly SourceNode[]) => {
          for (const { span, values, children } of nodes) {
            for (const each of [span, ...values.map((word) => word.span)]) {
              expect(each.start).toBeGreaterThanOrEqual(0);
              expect(each.end).toBeLessThanOrEqual(each.source.text.length);
              expect(each.start).toBeLessThanOrEqual(each.end);
            }
            check(children ?? []);
          }
        };
        check(read(text).nodes);
      }),
      { numRuns: 200 },
    );
  });
});

const folder = new URL("./fixtures/", import.meta.url);
const samples = readdirSync(folder)
  .filter((name) => name.endsWith(".conf"))
  .map((name) => readFileSync(new URL(name, folder), "utf8"));

/** The fixtures with pieces taken out and put in. */
function damaged(): fc.Arbitrary<string> {
  const pieces = [
    "{",
    "}",
    "$",
    `\${A}`,
    "$A=",
    "\\\n",
    '"',
    "~SEQ(A,1,9) ",
    "~LST({A,B},{1},{2}) ",
    "@x ",
    "include x\n",
    "#",
    "\n",
  ];
  const edit = fc.tuple(fc.nat(2000), fc.nat(12), fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 3 })));
  return fc.tuple(fc.constantFrom(...samples), fc.array(edit, { minLength: 1, maxLength: 5 })).map(([sample, edits]) =>
    edits.reduce((text, [at, gone, added]) => {
      const from = at % (text.length + 1);
      return text.slice(0, from) + added + text.slice(from + gone);
    }, sample),
  );
}

/** The result says something, and every remark is well-formed. */
function expectVerdict(text: string): void {
  const result = parseConfig(text, "broken.conf");
  const diagnostics = result.ok ? result.warnings : result.diagnostics;
  if (!result.ok) expect(diagnostics.some(({ severity }) => severity === "error")).toBe(true);
  for (const { code, line, column, endColumn, excerpt, message } of diagnostics) {
    expect(diagnosticCodes).toHaveProperty(code);
    expect(message).not.toBe("");
    if (line === 0) continue;
    expect(column).toBeGreaterThan(0);
    expect(endColumn).toBeGreaterThan(column);
    expect(column).toBeLessThanOrEqual([...(excerpt ?? "")].length + 1);
  }
}

describe("texts that are anything", () => {
  test("garbage and damaged files get a verdict, never an exception", () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.string({ unit: "binary" })), expectVerdict), { numRuns: 200 });
    fc.assert(fc.property(damaged(), expectVerdict), { numRuns: 300 });
  });

  test.each([
    ["one sequence", "virtual_server fwmark 1 {\n~SEQ(N,1,1,1000000000) weight $N\n}", "expansion-too-large"],
    ["sequences of sequences", `${"~SEQ(A,1,1000) ".repeat(6)} x`, "expansion-too-large"],
    ["a parameter of itself", "$A=$A$A $A\n$A", "invalid-expansion"],
    ["two parameters of each other", `$A=x \${B}\n$B=\${A} \${A}\n$A`, "invalid-expansion"],
    ["a definition that ends with itself", "$A= \\\n a \\\n $A\n$A", "invalid-expansion"],
    [
      "values that double",
      `${Array.from({ length: 40 }, (_, n) => `$P${n}=\${P${n + 1}}\${P${n + 1}}`).join("\n")}\n$P40=x\n$P0`,
      "invalid-expansion",
    ],
  ])(
    "%s is refused before it fills the memory",
    (_, text, code) => {
      const result = parseConfig(text, "bomb.conf");
      expect(result.ok ? [] : result.diagnostics.map((each) => each.code)).toContain(code);
    },
    60_000,
  );

  test("braces without end", () => {
    expectVerdict("virtual_server fwmark 1 {\n".repeat(5000));
    expectVerdict("x {\n".repeat(20_000));
    expectVerdict("}".repeat(20_000));
  });
});

test("a word before the brace of a list is one too many, and no part of it", () => {
  const { nodes, diagnostics } = read("global_defs {\n notification_email on {\n a@example.org\n }\n}");
  expect(diagnostics.map(({ code, line, column }) => [code, line, column])).toEqual([["too-many-values", 2, 21]]);
  expect(nodes[0]?.children?.[0]?.values.map(({ text }) => text)).toContain("a@example.org");
});

// As keepalived 2.2.7 shows them in its dump.
test.each([
  ['"/a\\"b"', '/a"b'],
  ["/a\\\\b", "/a\\b"],
  ['"\\\\d+"', "\\d+"],
  ['"\\d+"', "d+"],
  ["'a b'", "a b"],
  ['/a"b c"d', "/ab cd"],
  ['"/a\\tb"', "/a\tb"],
  ['"/\\x41\\101"', "/AA"],
])("regex %s is the expression %j", (text, expected) => {
  const block = `virtual_server fwmark 1 {\nprotocol TCP\nreal_server 10.0.0.1 80 {\nHTTP_GET {\nurl {\nregex ${text}\n}\n}\n}\n}`;
  const url = read(block).nodes[0]?.children?.at(-1)?.children?.at(-1)?.children?.[0];
  expect(url?.children?.[0]?.values.map((word) => word.text)).toEqual([expected]);
});

describe("a setting that stands twice", () => {
  const told = (text: string) =>
    read(`virtual_server fwmark 1 {\n${text}\n}`).diagnostics.map(({ message }) => message);

  test("the last one counts, and that is said", () => {
    const text = "protocol TCP\nweight 1\nweight 2";
    expect(settings(text)).toEqual(["protocol TCP", "weight 2"]);
    expect(told(text)).toEqual(['"weight" is set again below, to "weight 2", and the last one counts']);
  });

  test("of scripts the first one counts: keepalived ignores what is specified already", () => {
    const text = 'protocol TCP\nquorum_up "/bin/a 1"\nquorum_up "/bin/b 2"';
    expect(settings(text)).toEqual(["protocol TCP", "quorum_up /bin/a 1"]);
    expect(told(text)).toEqual(['"quorum_up" is set again below, to "quorum_up /bin/b 2", and the first one counts']);
    const { nodes } = read("global_defs {\n notify_fifo /run/a\n notify_fifo /run/b\n}");
    expect(nodes[0]?.children?.map(({ values }) => values[0]?.text)).toEqual(["/run/a"]);
  });

  test.each([
    ["track_file f {\nfile /run/a\nfile /run/b\nweight 2\nweight 3\n}", ["f", "/run/a", "2"]],
    ["vrrp_track_process p {\nprocess a x\nprocess b\nweight 2\nweight 3\n}", ["p", "a x", "2"]],
    ["vrrp_sync_group g {\ngroup {\nA B\n}\ngroup {\nC\n}\n}", ["g", "A B"]],
    ["global_defs {\nnftables a\nnftables b\n}", ["a"]],
    ["net_namespace a\nnet_namespace b", ["a"]],
    ["vrrp_instance V {\nstate MASTER\nstate BACKUP\nversion 2\nversion 3\n}", ["V", "MASTER", "2"]],
    ["vrrp_instance V {\nstate BACKUP\nstate MASTER\nversion 3\nversion 2\n}", ["V", "MASTER", "3"]],
    ["global_defs {\nvrrp_rx_bufs_policy MTU\nvrrp_rx_bufs_policy ADVERT\n}", ["MTU"]],
    ["global_defs {\nvrrp_rx_bufs_policy ADVERT\nvrrp_rx_bufs_policy MTU\n}", ["MTU"]],
    ["global_defs {\nvrrp_rx_bufs_policy 4096\nvrrp_rx_bufs_policy MTU\n}", ["4096"]],
    ["global_defs {\nvrrp_rx_bufs_policy MTU\nvrrp_rx_bufs_policy 4096\n}", ["4096"]],
    ["global_defs {\nvrrp_rx_bufs_policy 4096\nvrrp_rx_bufs_policy 8192\n}", ["8192"]],
  ])("%j: as keepalived 2.2.7 dumps it", (text, values) => {
    const [node] = read(text).nodes;
    const all = node?.children ?? [node];
    expect(all.map((each) => each?.values.map((word) => word.text).join(" "))).toEqual(values);
  });

  test("but not of what a check runs", () => {
    const text = 'protocol TCP\nreal_server 10.0.0.1 80 {\nMISC_CHECK {\nmisc_path "/bin/a"\nmisc_path "/bin/b"\n}\n}';
    expect(told(text)).toEqual(['"misc_path" is set again below, to "misc_path /bin/b", and the last one counts']);
  });
});

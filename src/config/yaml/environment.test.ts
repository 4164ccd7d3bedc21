import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { noContext, parseConfig, readConfig } from "../parse-config.ts";
import { sourceOf } from "../source.ts";
import { escapeReferences } from "./environment.ts";

const environment = { HOST: "11", PORTS: "200 404-410", EMPTY: "", NAME: "a b" };
const context = { ...noContext, environment };

const ref = (inside: string) => `\${env:${inside}}`;

function router(value: string, variables: Readonly<Record<string, string>> = environment) {
  const text = `global_defs:\n  router_id: ${value}\n`;
  const { nodes, diagnostics } = readConfig(text, "lb.yaml", { ...noContext, environment: variables });
  return diagnostics.length > 0
    ? diagnostics.map(({ code, line, column, endColumn }) => `${code} ${line}:${column}-${endColumn}`)
    : nodes[0]?.children?.[0]?.values.map(({ text }) => text);
}

describe("references to the environment", () => {
  test.each([
    [ref("HOST"), ["11"]],
    [`lb-${ref("HOST")}.${ref("HOST")}`, ["lb-11.11"]],
    [`"${ref("NAME")}"`, ["a b"]],
    [`'${ref("NAME")}'`, ["a b"]],
    [ref("NONE:-x y"), ["x y"]],
    [ref("NONE:-"), [""]],
    [ref("EMPTY"), [""]],
    [ref("EMPTY:-x"), [""]],
    [`$${ref("HOST")}`, [ref("HOST")]],
    [`a$${ref("HOST")}-${ref("HOST")}`, [`a${ref("HOST")}-11`]],
    // All other dollars are text: passwords have them.
    ["pa$$word", ["pa$$word"]],
    [`a$HOST\${HOST}$`, [`a$HOST\${HOST}$`]],
    ["$x", ["$x"]],
  ])("%s", (written, words) => {
    expect(router(written)).toEqual(words);
  });

  test.each([
    [ref("NONE"), "2:14-25"],
    [`lb-${ref("NONE")}`, "2:17-28"],
    [`\${env:}`, "2:14-20"],
    [`\${env:A-B}`, "2:14-20"],
    [`\${env:HOST`, "2:14-20"],
  ])("%s is an error in its place", (written, place) => {
    expect(router(written)).toEqual([`invalid-expansion ${place}`]);
  });

  test("are words of values with several, and parts of names and of lists", () => {
    const url = `{path: "/${ref("HOST")}", status_code: "${ref("PORTS")} 500"}`;
    const text = `virtual_server:
  - address: 192.0.2.${ref("HOST")}
    port: ${ref("HTTP_PORT:-80")}
    protocol: TCP
    real_server: [{address: "10.0.0.${ref("HOST")}", HTTP_GET: {url: ${url}}}]
`;
    const result = parseConfig(text, "lb.yaml", context);
    expect(result).toMatchObject({
      ok: true,
      model: {
        virtualServers: [
          {
            name: "TCP 192.0.2.11:80",
            realServers: [
              {
                destination: { address: "10.0.0.11" },
                checks: [
                  { spec: { urls: [{ path: "/11", statusCode: [{ from: 200 }, { from: 404 }, { from: 500 }] }] } },
                ],
              },
            ],
          },
        ],
      },
    });
  });

  test("that are not defined are said once, and nothing else of that word", () => {
    const text = `virtual_server:\n  - address: ${ref("VIP")}\n    port: ${ref("NONE")}\n    protocol: TCQ\n`;
    const result = parseConfig(text, "lb.yaml", context);
    expect(result.ok ? [] : result.diagnostics.map(({ code, line }) => `${code} ${line}`)).toEqual([
      "invalid-expansion 2",
      "invalid-expansion 3",
      "invalid-value 4",
    ]);
  });

  test("a wrong value says what it is", () => {
    const text = `global_defs: {reconcile_interval: "${ref("NAME")}"}\n`;
    const result = parseConfig(text, "lb.yaml", context);
    expect(result.ok ? "" : result.diagnostics[0]?.message).toContain('"a b"');
  });

  test("are not looked for in keywords", () => {
    const result = parseConfig(`global_defs: {"${ref("HOST")}": 1}\n`, "lb.yaml", context);
    expect(result.ok ? "" : result.diagnostics[0]?.code).toBe("unknown-keyword");
  });

  test("an escaped text is read as it was", () => {
    const dollars = fc.array(fc.constantFrom("$", "{", "}", "env:", "A", ":-", "x"), { minLength: 1 });
    fc.assert(
      fc.property(dollars, (pieces) => {
        const text = pieces.join("");
        const words = router(JSON.stringify(escapeReferences(text)), { A: "replaced", Ax: "replaced" });
        expect(words).toEqual([text]);
      }),
    );
  });

  test("positions of sources without references stay exact", () => {
    const source = sourceOf("lb.yaml", `global_defs: {router_id: "x"}\n`);
    expect(readConfig(source.text, source.file, context).nodes[0]?.children?.[0]?.values[0]?.span.start).toBe(25);
  });
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { loadConfig } from "../load.ts";
import { parseConfig } from "../parse-config.ts";

let folder = "";
const folders: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lbctl-yaml-include-"));
  folders.push(folder);
});
afterAll(() => {
  for (const each of folders) rmSync(each, { recursive: true });
});

function fileWith(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

async function loaded(text: string) {
  const result = await loadConfig(fileWith("lb.yaml", text));
  const diagnostics = result.ok ? result.warnings : result.diagnostics;
  return {
    servers: result.ok
      ? result.model.virtualServers.map(({ name, realServers }) =>
          [name, ...realServers.map(({ destination }) => destination.address)].join(" "),
        )
      : null,
    said: diagnostics.map(({ code, file, line }) => `${code} ${file.replace(`${folder}/`, "")}:${line}`),
  };
}

const service = (name: string, rest = "") =>
  `virtual_server:\n  - {name: ${name}, address: 192.0.2.1, port: ${name.length}, protocol: TCP${rest}}\n`;

const server = (host: number) => `real_server:\n  - address: 10.0.0.${host}\n`;

describe("include in YAML", () => {
  test("files add their blocks where they are included, wildcards in the order of names", async () => {
    fileWith("conf.d/20-b.yaml", service("bbb", ", real_server: {address: 10.0.0.1}"));
    fileWith("conf.d/10-a.yaml", service("aa", ", real_server: {address: 10.0.0.2}"));
    fileWith("conf.d/.hidden.yaml", service("hidden"));
    expect(await loaded(`include: conf.d/*.yaml\n${service("c", ", real_server: {address: 10.0.0.3}")}`)).toEqual({
      servers: ["aa 10.0.0.2", "bbb 10.0.0.1", "c 10.0.0.3"],
      said: [],
    });
  });

  test("in any block, relative to the file that includes; lists and braces", async () => {
    fileWith("pool/all.yaml", `include: [a.yaml, "{b,c}.yaml"]\n`);
    for (const [at, name] of ["a", "b", "c"].entries()) fileWith(`pool/${name}.yaml`, server(at + 1));
    fileWith("check.yaml", "TCP_CHECK: {connect_timeout: 2}\nport: 8080\n");
    const text = `${service("web").replace("- {", "-\n    ").replaceAll(", ", "\n    ").replace("}", "")}    include: pool/all.yaml
    real_server:
      - address: 10.0.0.9
        include: check.yaml
`;
    expect(await loaded(text)).toEqual({ servers: ["web 10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.9"], said: [] });
  });

  test("defaults from a file are for everything", async () => {
    fileWith("defaults.yaml", "defaults: {virtual_server: {real_server: {weight: 5}}}\n");
    const { servers } = await loaded(`${service("web", ", real_server: {address: 10.0.0.1}")}include: defaults.yaml\n`);
    expect(servers).toEqual(["web 10.0.0.1"]);
    const result = await loadConfig(join(folder, "lb.yaml"));
    expect(result).toMatchObject({ model: { virtualServers: [{ realServers: [{ destination: { weight: 5 } }] }] } });
  });

  test("an empty file has no settings; nor has a wildcard without a match, which is said", async () => {
    fileWith("empty.yaml", "# nothing yet\n");
    const { said } = await loaded(
      `include: [empty.yaml, "none-*.yaml"]\n${service("web", ", real_server: {address: 10.0.0.1}")}`,
    );
    expect(said).toEqual(["include-matched-nothing lb.yaml:1"]);
  });

  test("what is missing, unreadable or no text is an error where it is included", async () => {
    fileWith("binary.yaml", Uint8Array.of(0, 1, 2));
    mkdirSync(join(folder, "directory.yaml"));
    const files = ["absent.yaml", "binary.yaml", "directory.yaml", '"{absent,also}.yaml"'];
    expect(await loaded(`${service("web")}include:\n  - ${files.join("\n  - ")}\n`)).toEqual({
      servers: null,
      said: [4, 5, 6, 7, 7].map((line) => `include-not-found lb.yaml:${line}`),
    });
  });

  test("errors are shown in the file that has them", async () => {
    fileWith("pool.yaml", "\nreal_server:\n  - address: 10.0.0.300\n    wieght: 2\n");
    fileWith("syntax.yaml", "real_server: [\n");
    fileWith("list.yaml", "- address: 10.0.0.1\n");
    const open = service("web").replace("}", ", include: pool.yaml}");
    expect((await loaded(open)).said).toEqual(["invalid-value pool.yaml:3", "unknown-keyword pool.yaml:4"]);
    expect((await loaded(open.replace("pool", "syntax"))).said).toEqual(["yaml-syntax syntax.yaml:2"]);
    expect((await loaded(open.replace("pool", "list"))).said).toContain("wrong-shape list.yaml:1");
  });

  test("a keepalived.conf is not included", async () => {
    fileWith("pool.yaml", "real_server 10.0.0.1 80 {\n  weight 1\n}\n");
    const result = await loadConfig(fileWith("lb.yaml", service("web").replace("}", ", include: pool.yaml}")));
    expect(result.ok ? [] : result.diagnostics.map(({ hint }) => hint)).toContain(
      'make YAML of it with "lbctl convert"',
    );
  });

  test("a setting stands once, also when a file has it", async () => {
    fileWith("pool.yaml", "port: 8080\n");
    const { said } = await loaded(service("web").replace("}", ", include: pool.yaml}"));
    expect(said).toEqual(["duplicate-keyword pool.yaml:1"]);
    fileWith("defaults.yaml", "defaults: {virtual_server: {weight: 1}}\n");
    expect((await loaded(`defaults:\ninclude: defaults.yaml\n${service("web")}`)).said).toContain(
      "duplicate-keyword defaults.yaml:1",
    );
  });

  test("loops are said with the way round; a file may be included twice", async () => {
    fileWith("a.yaml", "include: b.yaml\n");
    fileWith("b.yaml", "include: a.yaml\n");
    expect((await loaded(`include: [a.yaml, a.yaml]\n`)).said).toContain("include-loop b.yaml:1");
    const result = await loadConfig(join(folder, "lb.yaml"));
    const loop = result.ok ? undefined : result.diagnostics.find(({ code }) => code === "include-loop");
    expect(loop?.hint?.split(" -> ").map((path) => path.slice(folder.length + 1))).toEqual([
      "lb.yaml",
      "a.yaml",
      "b.yaml",
      "a.yaml",
    ]);
    expect((await loaded("include: lb.yaml\n")).said).toContain("include-loop lb.yaml:1");
  });

  test("files that double with every level end in an error", async () => {
    for (let level = 0; level < 30; level++)
      fileWith(`${level}.yaml`, `include: [${level + 1}.yaml, ${level + 1}.yaml]\n`);
    fileWith("30.yaml", service("web"));
    expect((await loaded("include: 0.yaml\n")).said).toEqual(["yaml-syntax lb.yaml:1"]);
  });

  test("variables of the environment are replaced in names", async () => {
    fileWith("site.yaml", service("web", ", real_server: {address: 10.0.0.1}"));
    process.env.LBCTL_TEST_SITE = "site";
    expect((await loaded(`include: \${env:LBCTL_TEST_SITE}.yaml\n`)).servers).toEqual(["web 10.0.0.1"]);
    delete process.env.LBCTL_TEST_SITE;
    expect((await loaded(`include: \${env:LBCTL_TEST_SITE}.yaml\n`)).said).toContain("invalid-expansion lb.yaml:1");
  });

  test.each(["include:\n", "include: {file: a.yaml}\n", "include: ''\n", "include: [[a]]\n"])(
    "%j is no include",
    (text) => {
      const result = parseConfig(text, "lb.yaml");
      expect(result.ok ? [] : result.diagnostics.map(({ code }) => code)).toContain("wrong-shape");
    },
  );
});

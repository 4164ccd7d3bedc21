import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../src/demo/free-port.ts";
import { DirectorNode, program, start, until } from "./lbctl.ts";

const node = new DirectorNode();
const path = `${dirname(program)}:${process.env.PATH}`;
const script = (shell: string) => join(node.directory, "scripts", shell === "zsh" ? "_lbctl" : `lbctl.${shell}`);

beforeAll(async () => {
  const port = await freePort();
  const server = { address: "127.0.0.1", port, protocol: "TCP", lvs_sched: "rr" };
  const real = { MISC_CHECK: { misc_path: "/bin/true" } };
  node.configure({
    virtual_server: [
      { ...server, name: "web", real_server: [{ address: "127.0.0.11", port: 8011, ...real }] },
      {
        ...server,
        port: await freePort(),
        name: "mail",
        real_server: [{ address: "127.0.0.12", port: 8012, ...real }],
      },
    ],
  });
  await node.start();
  mkdirSync(dirname(script("bash")));
  for (const shell of ["bash", "zsh", "fish"]) {
    const { stdout } = await start(program, ["completion", shell]).ended;
    writeFileSync(script(shell), stdout);
  }
  await until("both servers are known", async () => (await node.status()).virtual_servers.length === 2);
});
afterAll(() => node.close());

const interactive = {
  bash: { setup: () => `source ${script("bash")}`, words: ["bash", "--norc", "--noprofile", "-i"] },
  zsh: {
    setup: () => `fpath=(${dirname(script("zsh"))} $fpath); autoload -Uz compinit; compinit -D -u`,
    words: ["zsh", "-f", "-i"],
  },
} as const;

describe.each(["bash", "zsh"] as const)("a tab in %s", (shell) => {
  test.each([
    ["a command", "lbctl relo", "reload"],
    ["an option", "lbctl status --wat", "--watch"],
    ["a choice", "lbctl log-level noti", "notice"],
    ["a choice of an option", "lbctl run --dataplane user", "userspace"],
    ["a file", "lbctl validate -f RUN/../lbctl.ya", "lbctl.yaml"],
    ["a real server", "lbctl drain --run-dir RUN 127.0.0.11", "127.0.0.11:8011"],
    ["the port of a real server", "lbctl drain --run-dir RUN 127.0.0.12:80", "127.0.0.12:8012"],
    ["a virtual server", "lbctl drain --run-dir RUN --virtual-server ma", "mail"],
  ])("completes %s", async (_what, line, wanted) => {
    const { setup, words } = interactive[shell];
    const typed = line.replace("RUN", node.runDir);
    const { status, stdout, stderr } = await start(
      "/usr/bin/python3",
      [join(import.meta.dirname, "complete.py"), setup(), typed, wanted, ...words],
      { PATH: path },
    ).ended;
    expect({ status, stderr }, stdout).toEqual({ status: 0, stderr: "" });
  });
});

describe("fish", () => {
  test("completes commands, options, choices and names", async () => {
    const lines = [
      "lbctl relo",
      "lbctl status --wat",
      "lbctl log-level noti",
      "lbctl run --dataplane user",
      `lbctl drain --run-dir ${node.runDir} 127.0.0.11`,
      `lbctl drain --run-dir ${node.runDir} --virtual-server ma`,
    ];
    const commands = [`source ${script("fish")}`, ...lines.map((line) => `complete -C '${line}'`)];
    const { stdout, stderr } = await start("fish", ["--no-config", "-c", commands.join("; ")], { PATH: path }).ended;
    expect(stderr).toBe("");
    expect(stdout.split("\n").map((line) => line.split("\t")[0])).toEqual([
      "reload",
      "--watch",
      "notice",
      "userspace",
      "127.0.0.11:8011",
      "mail",
      "",
    ]);
  });
});

test("without a director there are no names, and no complaint on the terminal", async () => {
  const commands = `source ${script("bash")}; __lbctl_candidates real-servers "" ${node.directory}/nobody`;
  const { stdout, stderr } = await start("bash", ["-c", commands], { PATH: path }).ended;
  expect({ stdout, stderr }).toEqual({ stdout: "", stderr: "" });
});

test("a shell that has no script is a wrong call", async () => {
  const { status, stderr } = await start(program, ["completion", "tcsh"]).ended;
  expect(status).toBe(2);
  expect(stderr).toContain("Allowed choices are bash, zsh, fish.");
});

import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Daemon, DirectorNode, until } from "./lbctl.ts";

let node: DirectorNode;

beforeEach(() => {
  node = new DirectorNode();
});
afterEach(() => node.close());

const path = (name: string) => join(node.directory, name);
const read = (name: string) => readFileSync(path(name), "utf8");

function configure(global_defs: object, top: object = {}): void {
  const real_server = [{ address: "127.0.0.1", port: 9 }];
  node.configure({
    global_defs,
    virtual_server: [{ address: "127.0.0.1", port: 8, protocol: "UDP", real_server }],
    ...top,
  });
}

function script(name: string, text: string): string {
  writeFileSync(path(name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return path(name);
}

const generation = async () => (await node.status()).generation;

test("startup_script ends before anything starts, shutdown_script comes when all has ended; both may fail", async () => {
  const running = `ps -o args= --ppid $(cat ${node.runDir}/lbctl.pid) | grep -c 'checker'`;
  const user = { user: "root", group: "root" };
  configure({
    startup_script: {
      script: script("up", `${running} >${path("up.txt")}; sleep 0.3; umask >>${path("up.txt")}; exit 3`),
      ...user,
    },
    shutdown_script: { script: script("down", `${running} >${path("down.txt")}; echo sorry; exit 4`), ...user },
    umask: "027",
  });
  const daemon = await node.start();
  expect(read("up.txt")).toBe("0\n0027\n");
  expect(daemon.log()).toMatch(/startup_script exited with 3[\s\S]*ready: /);
  expect(existsSync(path("down.txt"))).toBe(false);
  const { status, stderr } = await daemon.stop();
  expect(status).toBe(0);
  expect(read("down.txt")).toBe("0\n");
  expect(stderr).toMatch(/shutdown_script exited with 4: sorry[\s\S]*stopped\n$/);
});

test("a startup_script that hangs is ended after its timeout", async () => {
  const user = { user: "root", group: "root" };
  configure({ startup_script: { script: script("up", "sleep 600"), ...user }, startup_script_timeout: 1 });
  const daemon = await node.start();
  expect(daemon.log()).toContain("startup_script did not end within 1 s and was killed");
});

test("reload_file is there while a reload reads, and a refused one writes reload_check_config's file", async () => {
  configure({ reload_file: path("mark"), reload_check_config: path("wrong.txt") });
  const daemon = await node.start();
  writeFileSync(path("mark"), "who changes files waits for this to go");
  expect((await node.lbctl("reload")).status).toBe(0);
  expect(existsSync(path("mark"))).toBe(false);
  writeFileSync(path("mark"), "again");
  configure({ umaks: 1 });
  expect((await node.lbctl("reload")).status).toBe(3);
  expect(existsSync(path("mark"))).toBe(false);
  expect(read("wrong.txt")).toMatch(
    /lbctl\.yaml:\d+:\d+: error\[unknown-keyword\]: "umaks"[\s\S]*did you mean "umask"/,
  );
  expect(daemon.log()).toContain("reload refused");
});

const utc = (epochMs: number) => `${new Date(epochMs).toISOString().slice(0, 19).replace("T", " ")}Z`;

/** Has the file say a time that is soon, again where a busy machine has missed it, until a reload has come. */
async function reloadedAtTime(text: (epochMs: number) => string, daemon: Daemon): Promise<void> {
  let dueMs = 0;
  await until(
    "it has reloaded",
    async () => {
      if ((await generation()) >= 2) return true;
      if (Date.now() > dueMs + 1000) {
        dueMs = Date.now() + 2000;
        writeFileSync(path("when"), `${text(dueMs)}\n`);
      }
      return false;
    },
    () => daemon.log(),
  );
}

test("reload_time_file: at its time, once; a file that changes counts at once", async () => {
  configure({ reload_time_file: path("when") });
  const daemon = await node.start();
  writeFileSync(path("when"), "tomorrow\n");
  await daemon.logged(/reload_time_file: "tomorrow" is no time/);
  writeFileSync(path("when"), `${utc(Date.now() + 3_600_000)}\n`);
  await daemon.logged(/a reload is scheduled for/);
  await reloadedAtTime(utc, daemon);
  await until("the file is gone", () => !existsSync(path("when")));
  await daemon.logged(/reloading at the time that reload_time_file says/);
});

test("reload_repeat leaves the file", async () => {
  configure({ reload_time_file: path("when"), reload_repeat: true });
  const daemon = await node.start();
  await reloadedAtTime((epochMs) => utc(epochMs).slice(11), daemon);
  expect(existsSync(path("when"))).toBe(true);
});

test("config_save_dir keeps file and state around each reload", async () => {
  configure({ config_save_dir: path("saved") });
  const daemon = await node.start();
  const first = read("lbctl.yaml");
  configure({ config_save_dir: path("saved"), router_id: "second" });
  expect((await node.lbctl("reload")).status).toBe(0);
  const names = [
    `lbctl.${daemon.pid}.1.post`,
    `lbctl.${daemon.pid}.1.pre`,
    `lbctl.yaml.${daemon.pid}.0`,
    `lbctl.yaml.${daemon.pid}.1`,
  ];
  await until("all is saved", () => readdirSync(path("saved")).sort().join() === names.join());
  expect(read(`saved/lbctl.yaml.${daemon.pid}.0`)).toBe(first);
  expect(read(`saved/lbctl.yaml.${daemon.pid}.1`)).toBe(read("lbctl.yaml"));
  expect(JSON.parse(read(`saved/lbctl.${daemon.pid}.1.pre`))).toMatchObject({
    status: { daemon: { router_id: null } },
  });
  expect(JSON.parse(read(`saved/lbctl.${daemon.pid}.1.post`))).toMatchObject({
    status: { daemon: { router_id: "second" } },
  });
  expect(statSync(path("saved")).mode & 0o777).toBe(0o700);
});

test("child_wait_time: a checker process that hangs is given no more than that", async () => {
  configure({}, { child_wait_time: 1 });
  const daemon: Daemon = await node.start();
  const checker = daemon.child("checker");
  process.kill(checker, "SIGSTOP");
  const { status, stderr } = await daemon.stop();
  expect(status).toBe(0);
  // Another one removes what is ours, as a minute later without the keyword.
  expect(stderr).toMatch(/ended before it had removed our services: another one does it[\s\S]*stopped\n$/);
});

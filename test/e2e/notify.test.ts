import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { freePort } from "../../src/demo/free-port.ts";
import { DirectorNode, type Running, start, until } from "./lbctl.ts";
import { fifoLines } from "./page.ts";
import { realServer, virtualServer } from "./virtual-server.ts";
import { WebServer } from "./web-servers.ts";

let web1: WebServer;
let web2: WebServer;
let node: DirectorNode;
const running: Running[] = [];

beforeAll(async () => {
  [web1, web2] = await Promise.all([WebServer.start("web1"), WebServer.start("web2")]);
});
afterAll(() => Promise.all([web1?.stop(), web2?.stop()]));
beforeEach(() => {
  node = new DirectorNode();
});
afterEach(async () => {
  await node.close();
  for (const program of running.splice(0)) program.signal("SIGKILL");
});

const path = (name: string): string => join(node.directory, name);
const text = (name: string): string =>
  existsSync(path(name)) ? readFileSync(path(name), "utf8").replaceAll("\r", "") : "";
const lines = (name: string): string[] => text(name).split("\n").filter(Boolean);

/** The command line of a script that appends its arguments to `calls`. */
function note(...words: readonly string[]): string {
  if (!existsSync(path("note"))) {
    writeFileSync(path("note"), `#!/bin/sh\necho "$*" >> ${path("calls")}\n`, { mode: 0o755 });
  }
  return [path("note"), ...words].join(" ");
}

function noted(server: WebServer, name: string) {
  return realServer(server, { notify_up: note(name, "up"), notify_down: note(name, "down") });
}

const has = (name: string, ...wanted: readonly string[]) =>
  until(
    `${name} has ${wanted.join(", ")}`,
    () => wanted.every((each) => lines(name).includes(each)),
    () => text(name),
  );

async function smtpServer(): Promise<number> {
  const port = await freePort();
  const server = start("/usr/bin/python3", [join(import.meta.dirname, "mail-server.py"), String(port), path("mails")]);
  running.push(server);
  await until("the mail server listens", () => server.stdout().includes("ready"), server.stderr);
  return port;
}

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}/exe`) && !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, "latin1"));
}

describe("what is told of virtual and real servers", () => {
  test("scripts, FIFOs and mail, from the start over a reload to the end", async () => {
    const port = await freePort();
    const vs = `[127.0.0.1]:tcp:${port}`;
    const rs = (server: WebServer) => `RS [127.0.0.1]:tcp:${server.port} ${vs}`;
    const reader = path("reader");
    writeFileSync(reader, `#!/bin/sh\nexec cat "$2" >> "$1"\n`, { mode: 0o755 });
    const global_defs = {
      router_id: "lb1",
      script_user: process.getuid?.() === 0 ? "root" : undefined,
      notify_fifo: path("fifo"),
      notify_fifo_script: `${reader} ${path("all")}`,
      lvs_notify_fifo: path("lvs-fifo"),
      lvs_notify_fifo_script: `${reader} ${path("lvs")}`,
      vrrp_notify_fifo: path("vrrp-fifo"),
      notification_email: ["ops@example.org", "night@example.org"],
      notification_email_from: "lb1@example.org",
      smtp_server: `127.0.0.1 ${await smtpServer()}`,
      smtp_helo_name: "lb1.example.org",
      smtp_alert: true,
    };
    const notify = { quorum: 2, quorum_up: note("quorum", "up"), quorum_down: note("quorum", "down"), omega: true };
    const configure = (...servers: readonly object[]) =>
      node.configure({
        global_defs,
        virtual_server: [virtualServer("web", port, [], { ...notify, real_server: servers })],
      });
    configure(noted(web1, "web1"), noted(web2, "web2"));
    const daemon = await node.start();
    await has("calls", "quorum up");
    await has("all", `VS ${vs} UP`);
    expect(statSync(path("vrrp-fifo")).isFIFO()).toBe(true);

    await web2.stop();
    await has("calls", "web2 down", "quorum down");
    expect(lines("calls")).toEqual(["quorum up", "web2 down", "quorum down"]);
    await has("all", `VS ${vs} DOWN`);
    await web2.resume();
    await has("calls", "web2 up");
    await until("the quorum is back", () => lines("calls").length === 5);
    await has("mails", `Subject: [lb1] Virtualserver ${vs} - DOWN`);

    configure(noted(web1, "web1"));
    expect((await node.lbctl("reload")).stderr).toMatch(/quorum 2 is above/);
    await until("the reload was told", () => lines("calls").length >= 6);

    daemon.signal("SIGTERM");
    expect((await daemon.ended).status).toBe(0);
    // Lines and their order as keepalived writes them.
    const expected = [
      `VS ${vs} UP`,
      `${rs(web2)} DOWN`,
      `VS ${vs} DOWN`,
      `${rs(web2)} UP`,
      `VS ${vs} UP`,
      `${rs(web2)} DOWN`,
      `${rs(web1)} DOWN`,
      `VS ${vs} DOWN`,
    ];
    await until("the readers have all", () => lines("lvs").length >= 8, daemon.log);
    expect(lines("lvs")).toEqual(expected);
    expect(lines("all")).toEqual(expected);
    // With the addresses of the page.
    const asOnThePage = (line: string) =>
      line.replace(`[127.0.0.1]:tcp:${web2.port}`, "[10.0.0.11]:tcp:80").replace(vs, "[192.0.2.1]:tcp:80");
    const ofLvs = fifoLines().filter((line) => /^[RV]S /.test(line));
    expect(ofLvs).toHaveLength(2);
    expect(lines("lvs").map(asOnThePage)).toEqual(expect.arrayContaining(ofLvs));
    await has("calls", "web1 down");
    expect(lines("calls").slice(3)).toEqual(["web2 up", "quorum up", "web2 down", "web1 down", "quorum down"]);
    for (const name of ["fifo", "lvs-fifo", "vrrp-fifo"]) expect(existsSync(path(name))).toBe(false);
    const mails = text("mails");
    expect(mails).toContain("HELO lb1.example.org\nFROM lb1@example.org\nTO ops@example.org,night@example.org\n");
    expect(mails).toContain("X-Mailer: lbctl");
    expect(mails).toMatch(/the quorum is 2, the hysteresis 0\./);
    expect(daemon.log()).not.toMatch(/Error:|the scripts process|lines were lost/);
  });

  test("a script that hangs is killed when its time is up and holds up nobody else", async () => {
    const [port, other] = [await freePort(), await freePort()];
    writeFileSync(path("hang"), `#!/bin/sh\necho $$ > ${path("pid")}\ntrap '' TERM\nsleep 1000 &\nwait; wait\n`, {
      mode: 0o755,
    });
    const hanging = realServer(web2, { notify_down: path("hang"), notify_up: note("hanging", "up") });
    node.configure({
      global_defs: { notify_script_timeout: 4 },
      virtual_server: [
        virtualServer("hanging", port, [], { real_server: hanging }),
        virtualServer("other", other, [], { real_server: noted(web2, "other") }),
      ],
    });
    const daemon = await node.start();
    await web2.stop();
    await has("calls", "other down");
    await until("it runs", () => text("pid").trim() !== "");
    const runningMs = performance.now();
    await web2.resume();
    await has("calls", "other up");
    const called = lines("calls");
    // A machine that took so long may have seen its end.
    if (performance.now() - runningMs < 3_000) expect(called, daemon.log()).not.toContain("hanging up");
    await daemon.logged(/script .*\/hang did not end within 4 s and was killed/);
    await has("calls", "hanging up");
    expect(isAlive(Number(text("pid")))).toBe(false);
  });
});

describe("scripts that stop lbctl", () => {
  // As people write it: the script waits for the end of what waits for it.
  const stopping = (signal: string) =>
    `#!/bin/sh\npid=$(cat ${join(node.runDir, "lbctl.pid")})\nkill -${signal} $pid\n` +
    `while kill -0 $pid 2>/dev/null; do sleep 0.1; done\necho gone >> ${path("calls")}\n`;

  test.each([
    ["TERM", 0],
    ["KILL", null],
  ])("by SIG%s: it ends, without waiting for the script, which does what it has to", async (signal, status) => {
    const port = await freePort();
    mkdirSync(node.runDir, { recursive: true });
    writeFileSync(path("stop"), stopping(signal), { mode: 0o755 });
    const keywords = { notify_down: path("stop") };
    const more = { omega: true, quorum_down: note("quorum", "down") };
    node.configure({
      virtual_server: [virtualServer("web", port, [], { ...more, real_server: realServer(web1, keywords) })],
    });
    const daemon = await node.start();
    await web1.stop();
    expect((await daemon.ended).status).toBe(status);
    await has("calls", "gone");
    if (status === 0) {
      // It waited behind the script that waited for the end.
      await has("calls", "quorum down");
      expect(daemon.log()).toContain("of each target the last one is started");
    }
    await web1.resume();
    const left = () =>
      readdirSync("/proc").filter((pid) => {
        try {
          return pid !== String(process.pid) && readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(node.runDir);
        } catch {
          return false;
        }
      });
    await until(
      "no process of it is left",
      () => left().length === 0,
      () => left().join(),
    );
  });
});

describe("others that do not do their part", () => {
  test("a file where a FIFO should be, a mail server that stalls: told, and no reason to stop", async () => {
    const port = await freePort();
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    await new Promise((resolve) => silent.once("listening", resolve));
    const { port: smtpPort } = silent.address() as { port: number };
    writeFileSync(path("file"), "precious\n");
    const global_defs = {
      notify_fifo: path("file"),
      lvs_notify_fifo: path("unread"),
      notification_email: "ops@example.org",
      smtp_server: `127.0.0.1 ${smtpPort}`,
      smtp_connect_timeout: 1,
      smtp_alert: true,
    };
    node.configure({
      global_defs,
      virtual_server: [virtualServer("web", port, [], { real_server: noted(web1, "web1") })],
    });
    const daemon = await node.start();
    await daemon.logged(/nothing is written to the FIFO of .*file is not a FIFO: remove it/);
    await web1.stop();
    await daemon.logged(/is not mailed yet: 127\.0\.0\.1 port \d+: .*; next attempt in 5 s/);
    await has("calls", "web1 down");
    await web1.resume();
    daemon.signal("SIGTERM");
    expect((await daemon.ended).status).toBe(0);
    expect(daemon.log()).toMatch(/\d+ alerts could not be mailed before the end/);
    expect(text("file")).toBe("precious\n");
    expect(existsSync(path("unread"))).toBe(false);
    silent.close();
  });
});

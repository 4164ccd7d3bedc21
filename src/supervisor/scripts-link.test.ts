import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { defaultNotifySettings, type NotifySettings } from "../config/notify-model.ts";
import { model } from "../director/testing/samples.ts";
import { createLogger } from "../log/logger.ts";
import type { ScriptRequest } from "../notify/script-request.ts";
import { ScriptsLink } from "./scripts-link.ts";

let directory = "";
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "lbctl-scripts-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const lines: string[] = [];
let link: ScriptsLink;
beforeEach(() => {
  lines.length = 0;
  link = linkWith({});
});
afterEach(() => link.end());

function linkWith(settings: Partial<NotifySettings>): ScriptsLink {
  const sink = ({ severity, message }: { severity: string; message: string }) => lines.push(`${severity}: ${message}`);
  const log = createLogger({ sink, role: "supervisor", level: { severity: "info" }, nowEpochMs: () => 0 });
  return new ScriptsLink({ ...defaultNotifySettings, ...settings }, log);
}

function configure(settings: Partial<NotifySettings>): void {
  const { globalDefs } = model([]);
  link.configure(
    {
      globalDefs: { ...globalDefs, notify: { ...defaultNotifySettings, ...settings } },
      virtualServers: [],
    },
    false,
  );
}

function request(command: string, rest: Partial<ScriptRequest> = {}): ScriptRequest {
  const script = { command, user: null, group: null };
  return { id: 7, script, moreArguments: [], timeoutMs: 20_000, target: null, ...rest };
}

describe("the scripts process", () => {
  test("is there when somebody asks for a script, and not before", async () => {
    expect(link.pid).toBeNull();
    const result = await link.run(request("/bin/echo", { id: 42, moreArguments: ["a b", "c"] }));
    expect(result).toMatchObject({ id: 42, end: { kind: "exited", status: 0 }, output: "a b c\n" });
    expect(link.pid).not.toBeNull();
  });

  test("runs with an environment of its own, found on a PATH of its own; shell lines by the shell", async () => {
    const [program, shell] = await Promise.all([
      link.run(request("env")),
      link.run(request('echo "$1" | tr a-z A-Z', { moreArguments: ["master"] })),
    ]);
    expect(program.output.trim().split("\n").sort()).toEqual([
      expect.stringMatching(/^HOME=/),
      "LANG=C.UTF-8",
      expect.stringMatching(/^LOGNAME=/),
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      "SHELL=/bin/sh",
      expect.stringMatching(/^USER=/),
    ]);
    expect(shell.output).toBe("MASTER\n");
  });

  test("of one target one after the other, in order; others do not wait", async () => {
    const file = join(directory, "order");
    const say = (word: string) => `echo ${word} >> ${file}`;
    await Promise.all([
      link.run(request(`until grep -q other ${file}; do sleep 0.05; done; ${say("first")}`, { target: "VI_1" })),
      link.run(request(say("second"), { target: "VI_1" })),
      link.run(request(say("other"), { target: "VI_2" })),
      link.run(request(say("none"), { target: null })),
    ]);
    const order = readFileSync(file, "utf8").trim().split("\n");
    expect(order.indexOf("first")).toBeLessThan(order.indexOf("second"));
    expect(order.indexOf("other")).toBeLessThan(order.indexOf("first"));
    expect(order).toContain("none");
  });

  test.each([
    ["/no/such/program", "/no/such/program: /no does not exist"],
    ["no-such-program-at-all", /no directory of .* has the program no-such-program-at-all/],
    ["bin/true", "bin/true is neither a whole path nor the name of a program"],
    ["/etc/passwd", /is not executable/],
    ["/bin", /is not a file/],
    ['/bin/true "a', "its command line is unclosed-quote"],
  ])("%s is not run, and it is said why", async (command, message) => {
    const { end } = await link.run(request(command));
    expect(end).toMatchObject({ kind: "not_run", message: expect.stringMatching(message) });
  });

  test("one that is killed answers what was asked of it, and the next one works", async () => {
    const pending = link.run(request("sleep 30; true"));
    await expect.poll(() => link.pid).not.toBeNull();
    await link.run(request("true"));
    process.kill(link.pid as number, "SIGKILL");
    expect((await pending).end).toEqual({
      kind: "not_run",
      message: "the scripts process ended before the script did",
    });
    await expect.poll(async () => (await link.run(request("true"))).end).toEqual({ kind: "exited", status: 0 });
    expect(lines.join("\n")).toMatch(
      /the scripts process \d+ ended \(signal SIGKILL\), and what waited in it is not told; a new one starts/,
    );
  });
});

describe.runIf(process.getuid?.() === 0)("whose rights scripts have", () => {
  test("those of the user that the script names, of script_user, or of root with a warning", async () => {
    const ids = async (user: string | null, group: string | null = null) =>
      (
        await link.run(
          request("echo $(id -u) $(id -g) $HOME", { script: { command: "echo $(id -u) $(id -g)", user, group } }),
        )
      ).output.trim();
    expect(await ids(null)).toBe("0 0");
    expect(lines).toEqual([
      "warning: there is no script_user and no user keepalived_script: scripts that name no user run as root",
    ]);
    expect(await ids("nobody")).toBe("65534 65534");
    expect(await ids("nobody", "daemon")).toBe("65534 1");
    configure({ scriptUser: { user: "daemon", group: null } });
    expect(await ids(null)).toBe("1 1");
    expect(
      (await link.run(request("true", { script: { command: "true", user: "nobody-here", group: null } }))).end,
    ).toEqual({
      kind: "not_run",
      message: "there is no user nobody-here on this machine",
    });
  });

  test("with script security nothing runs as root that others could replace", async () => {
    const path = join(directory, "writable");
    const done = join(directory, "done");
    writeFileSync(path, `#!/bin/sh\ntouch ${done}\n`);
    const mode = (octal: string) => link.run(request(`/bin/chmod ${octal} ${path}`));
    await mode("777");
    await link.end();
    link = linkWith({ scriptSecurity: true });
    expect((await link.run(request(path))).end).toMatchObject({
      kind: "not_run",
      message: `${path} can be written by everybody (owner 0, group 0, mode 0777), who could replace the program: chmod o-w ${path}`,
    });
    expect(existsSync(done)).toBe(false);
    await mode("755");
    expect((await link.run(request(path))).end).toEqual({ kind: "exited", status: 0 });
    // Somebody else's rights are nothing that others could win.
    await mode("777");
    configure({ scriptSecurity: true });
    const script = { command: path, user: "nobody", group: null };
    expect((await link.run(request(path, { script }))).end.kind).not.toBe("timed_out");
  });
});

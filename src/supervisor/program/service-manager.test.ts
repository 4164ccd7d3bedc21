import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { NotifySocket } from "../testing/notify-socket.ts";
import { ServiceManager, takeNotifyEnvironment } from "./service-manager.ts";

let directory: string;
let systemd: NotifySocket;
let service: ServiceManager;
let isWell: boolean;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lbctl-notify-"));
  isWell = true;
});
afterEach(() => {
  service.close();
  systemd.close();
  rmSync(directory, { recursive: true });
});

function begin(path: string, watchdogMs: number | null = null): void {
  systemd = new NotifySocket(path);
  service = new ServiceManager({ socket: path, watchdogMs, isWell: () => isWell });
}

const said = (messages: readonly unknown[]) =>
  vi.waitFor(() => expect(systemd.messages).toEqual(messages), { timeout: 30_000 });

describe("what systemd is told", () => {
  test.each([
    ["a path", () => join(directory, "notify")],
    ["an abstract name", () => `@lbctl-test-${process.pid}`],
  ])("start, reload and end, at %s", async (_what, path) => {
    begin(path());
    service.reloading();
    service.status("one");
    service.status("one");
    service.ready();
    service.reloading();
    service.status("two");
    service.reloaded();
    service.stopping();
    await said([
      "STATUS=one",
      "READY=1",
      expect.stringMatching(/^RELOADING=1\nMONOTONIC_USEC=[1-9][0-9]*$/),
      "STATUS=two",
      "READY=1",
      "STOPPING=1",
    ]);
  });

  test("the watchdog is fed from the start on, as long as all is well", async () => {
    begin(join(directory, "notify"), 40);
    service.status("starting");
    service.ready();
    await vi.waitFor(() => expect(systemd.count("WATCHDOG=1")).toBeGreaterThan(2), { timeout: 30_000 });
    isWell = false;
    // What was on its way has come when this has.
    service.status("hangs");
    await vi.waitFor(() => expect(systemd.messages).toContain("STATUS=hangs"), { timeout: 30_000 });
    const fed = systemd.count("WATCHDOG=1");
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(systemd.count("WATCHDOG=1")).toBe(fed);
    isWell = true;
    await vi.waitFor(() => expect(systemd.count("WATCHDOG=1")).toBeGreaterThan(fed), { timeout: 30_000 });
  });

  test("nobody there is no error", () => {
    begin(join(directory, "notify"));
    systemd.close();
    for (const socket of [undefined, "", join(directory, "missing")]) {
      const deaf = new ServiceManager({ socket, watchdogMs: null, isWell: () => true });
      expect(() => deaf.ready()).not.toThrow();
      deaf.close();
    }
    systemd = new NotifySocket(join(directory, "another"));
  });
});

describe("takeNotifyEnvironment", () => {
  beforeEach(() => begin(join(directory, "notify")));

  test.each([
    [
      { NOTIFY_SOCKET: "/run/n", WATCHDOG_USEC: "3000000", WATCHDOG_PID: "7" },
      { socket: "/run/n", watchdogMs: 3000 },
    ],
    [
      { NOTIFY_SOCKET: "@n", WATCHDOG_USEC: "500" },
      { socket: "@n", watchdogMs: 0.5 },
    ],
    [
      { NOTIFY_SOCKET: "/run/n", WATCHDOG_USEC: "3000000", WATCHDOG_PID: "8" },
      { socket: "/run/n", watchdogMs: null },
    ],
    [{ WATCHDOG_USEC: "soon" }, { socket: undefined, watchdogMs: null }],
    [{}, { socket: undefined, watchdogMs: null }],
  ])("of %j", (environment, taken) => {
    const given: NodeJS.ProcessEnv = { ...environment, PATH: "/bin" };
    expect(takeNotifyEnvironment(given, 7)).toEqual(taken);
    expect(given).toEqual({ PATH: "/bin" });
  });
});

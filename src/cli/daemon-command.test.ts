import { afterEach, describe, expect, test, vi } from "vitest";
import type { Diagnostic } from "../config/diagnostics.ts";
import { ControlError, type ControlErrorCode } from "../control/api.ts";
import { DaemonUnreachable } from "../control/client.ts";
import { controlSocket, describeFailure, reportFailure } from "./daemon-command.ts";
import { exitCodes } from "./exit-codes.ts";

afterEach(() => {
  process.exitCode = undefined;
  vi.restoreAllMocks();
});

const diagnostic = (code: Diagnostic["code"]): Diagnostic => ({
  code,
  severity: "error",
  file: "/x.yaml",
  line: 0,
  column: 0,
  endColumn: 0,
  message: "wrong",
  excerpt: null,
  hint: null,
  expected: null,
});

/** Every code. The compiler asks for each that is added. */
const exits: Readonly<Record<ControlErrorCode, number>> = {
  "config-invalid": exitCodes.configInvalid,
  "checker-not-running": exitCodes.failed,
  "vrrp-not-running": exitCodes.failed,
  "not-found": exitCodes.failed,
  "bad-request": exitCodes.usage,
  conflict: exitCodes.failed,
  forbidden: exitCodes.noPermission,
  "upgrade-failed": exitCodes.failed,
  "state-not-saved": exitCodes.failed,
  stopping: exitCodes.failed,
  internal: exitCodes.failed,
};

describe("describeFailure", () => {
  test.each(Object.entries(exits))("%s ends with %i", (code, exit) => {
    const error = new ControlError(code as ControlErrorCode, "what", "what to do");
    expect(describeFailure(error)).toEqual({ exit, message: "what", hint: "what to do" });
  });

  test.each([
    ["unknown-keyword", exitCodes.configInvalid],
    ["file-not-found", exitCodes.configUnreadable],
    ["file-unreadable", exitCodes.configUnreadable],
    ["not-a-file", exitCodes.configUnreadable],
  ] as const)("a configuration refused for %s ends with %i", (code, exit) => {
    const error = new ControlError("config-invalid", "wrong", "correct it", [diagnostic(code)]);
    expect(describeFailure(error).exit).toBe(exit);
  });

  test.each([
    ["ENOENT", exitCodes.daemonUnreachable],
    ["ECONNREFUSED", exitCodes.daemonUnreachable],
    ["EACCES", exitCodes.noPermission],
    ["EPERM", exitCodes.noPermission],
  ])("a daemon that cannot be reached for %s ends with %i", (errno, exit) => {
    const error = new DaemonUnreachable("/x/control.sock", errno);
    expect(describeFailure(error, () => [])).toEqual({ exit, message: error.message, hint: error.hint });
  });

  test("where none runs here, those with a name are told", () => {
    const named = ["blue", "green"].map((instance) => ({
      ...{ instance, runDir: `/run/${instance}`, controlSocket: `/run/${instance}/control.sock`, isHere: false },
    }));
    const failure = describeFailure(new DaemonUnreachable("/run/blue/control.sock", "ENOENT"), () => named);
    expect(failure.hint).toMatch(/--run-dir\. Instance green runs: --run-dir \/run\/green\.$/);
    const refused = describeFailure(new DaemonUnreachable("/run/blue/control.sock", "EACCES"), () => named);
    expect(refused.hint).not.toContain("green");
  });

  test("a fault of ours is thrown on", () => {
    const fault = new TypeError("x is not a function");
    expect(() => describeFailure(fault)).toThrow(fault);
  });
});

describe("reportFailure", () => {
  function reported(error: unknown, json: boolean) {
    const written = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      vi.spyOn(process[name], "write").mockImplementation((text) => {
        written[name] += String(text);
        return true;
      });
    }
    reportFailure("reload", error, json);
    return { ...written, status: process.exitCode };
  }

  test("for people: what, and below it what to do, on standard error", () => {
    expect(reported(new ControlError("stopping", "lbctl is stopping", "Start it again."), false)).toEqual({
      stdout: "",
      stderr: "lbctl reload: lbctl is stopping\n  Start it again.\n",
      status: exitCodes.failed,
    });
  });

  test("as JSON: the same as an object on standard output, with code and diagnostics", () => {
    const refused = reported(
      new ControlError("config-invalid", "wrong", "correct it", [diagnostic("out-of-range")]),
      true,
    );
    expect(refused).toMatchObject({ stderr: "", status: exitCodes.configInvalid });
    expect(JSON.parse(refused.stdout)).toEqual({
      error: {
        code: "config-invalid",
        message: "wrong",
        hint: "correct it",
        diagnostics: [diagnostic("out-of-range")],
      },
    });
    vi.restoreAllMocks();
    const gone = new DaemonUnreachable("/x/control.sock", "ECONNREFUSED");
    expect(JSON.parse(reported(gone, true).stdout)).toEqual({
      error: { code: "daemon-unreachable", message: gone.message, hint: gone.hint },
    });
  });
});

test("--run-dir names the socket", () => {
  expect(controlSocket({ runDir: "/x" })).toBe("/x/control.sock");
});

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { requestControl } from "../control/client.ts";
import { EventLog } from "../control/event-log.ts";
import type { ControlServer } from "../control/server.ts";
import { View } from "../control/view.ts";
import { createLogger } from "../log/logger.ts";
import { Operator } from "../operator/operator.ts";
import { OverrideFile } from "../operator/override-file.ts";
import { modelOf } from "../operator/testing/model-of.ts";
import { CheckerLink } from "./checkers/checker-link.ts";
import { serveRequests } from "./control-handlers.ts";

const at = { real_server: "10.0.0.1:80" };
let directory: string;
let socket: string;
let server: ControlServer | null = null;
let messages: string[];
let asked: (readonly string[])[];
let isHandingOver: boolean;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lbctl-handlers-"));
  socket = join(directory, "run", "control.sock");
  messages = [];
  asked = [];
  isHandingOver = false;
});
afterEach(async () => {
  await server?.close();
  rmSync(directory, { recursive: true });
});

const checksNow: Pick<CheckerLink, "checkNow"> = { checkNow: (keys) => void asked.push(keys) };

async function serve(checker: Pick<CheckerLink, "checkNow"> | null): Promise<void> {
  const view = new View(modelOf({ web: ["10.0.0.1:80"] }), 1);
  const level = { severity: "info" as const };
  const log = createLogger({
    sink: ({ message }) => messages.push(message),
    role: "supervisor",
    level,
    nowEpochMs: Date.now,
  });
  const file = new OverrideFile(join(directory, "overrides.json"));
  const operator = new Operator({ file, model: () => view.model, onChange: async () => {}, nowEpochMs: Date.now, log });
  const never = () => Promise.reject(new Error("not asked for here"));
  server = await serveRequests({
    ...{ socket, replaces: false, group: null, events: new EventLog(), view, operator, level, log },
    ...{ status: never, reload: never, upgrade: never, plan: never, failover: never },
    checker: () => checker as CheckerLink | null,
    isHandingOver: () => isHandingOver,
  });
}

const who = `${process.getuid?.() === 0 ? "root" : ".*"} \\(uid ${process.getuid?.()}, process ${process.pid}\\)`;

test("the log has who asked, as the kernel knows it", async () => {
  await serve(checksNow);
  await requestControl(socket, "POST /v1/check", at);
  await requestControl(socket, "POST /v1/drain", at);
  await requestControl(socket, "POST /v1/undrain", at);
  await requestControl(socket, "POST /v1/log-level", { level: "info" });
  await requestControl(socket, "POST /v1/reload", null).catch(() => {});
  await requestControl(socket, "POST /v1/upgrade", null).catch(() => {});
  for (const what of [
    "check of 10\\.0\\.0\\.1:80 now \\(by who\\)",
    "10\\.0\\.0\\.1:80 \\(everywhere\\) is drained \\(by who\\)",
    "10\\.0\\.0\\.1:80 \\(everywhere\\) is enabled again \\(by who\\)",
    "log level info -> info \\(by who\\)",
    "reload asked for by who",
    "upgrade asked for by who",
  ]) {
    expect(messages).toContainEqual(expect.stringMatching(`^${what.replace("who", who)}$`));
  }
});

describe("check now", () => {
  test("goes to the checker process", async () => {
    await serve(checksNow);
    expect(await requestControl(socket, "POST /v1/check", at)).toEqual({
      real_servers: ["10.0.0.1:80"],
      checks: asked[0]?.length,
    });
  });

  test("is refused where nobody checks", async () => {
    await serve(null);
    const refused = requestControl(socket, "POST /v1/check", at);
    await expect(refused).rejects.toMatchObject({
      code: "checker-not-running",
      hint: expect.stringMatching("--check"),
    });
    expect(messages).toEqual([]);
  });

  test("is refused while the checker process is away", async () => {
    await serve(awayChecker());
    const refused = requestControl(socket, "POST /v1/check", at);
    await expect(refused).rejects.toMatchObject({
      code: "checker-not-running",
      message: "the checker process is starting",
      hint: expect.stringMatching("try again"),
    });
  });

  test("is refused, as every change is, while another process takes over", async () => {
    await serve(checksNow);
    isHandingOver = true;
    for (const route of ["POST /v1/check", "POST /v1/drain"] as const)
      await expect(requestControl(socket, route, at)).rejects.toMatchObject({ code: "conflict" });
    expect(asked).toEqual([]);
  });
});

/** One that was not started. */
function awayChecker(): CheckerLink {
  const never = () => {};
  return new CheckerLink({
    settings: { dataPlane: "userspace", runDir: directory, ipvsNetns: null },
    initial: { generation: 1, model: modelOf({}) },
    overrides: () => new Map(),
    ...{ onView: never, onStarted: never, onCounted: never, notify: never, tracked: () => [] },
    runScript: () => Promise.reject(new Error("no script here")),
    log: createLogger({ sink: never, role: "supervisor", level: { severity: "error" }, nowEpochMs: Date.now }),
  });
}

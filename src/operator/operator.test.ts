import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Override } from "../director/facts.ts";
import { createLogger } from "../log/logger.ts";
import { Operator } from "./operator.ts";
import { OverrideFile, parseOverrides } from "./override-file.ts";
import type { OperatorOverride } from "./overrides.ts";
import { modelOf } from "./testing/model-of.ts";

const model = modelOf({ web: ["10.0.0.1:80", "10.0.0.2:80"], api: ["10.0.0.1:80"] });
const caller = { name: "alice", description: "alice (uid 1000, process 7)", uid: 0 };

let directory: string;
let path: string;
let nowMs = 0;
let messages: string[] = [];
let told: Record<string, Override>[] = [];
let fails = false;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lbctl-operator-"));
  path = join(directory, "state", "overrides.json");
  nowMs = 1_000_000;
  messages = [];
  told = [];
  fails = false;
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(directory, { recursive: true });
});

async function operator(): Promise<Operator> {
  const begun = new Operator({
    file: new OverrideFile(path),
    model: () => model,
    onChange: async (overrides) => {
      if (fails) throw new Error("the checker process is confused");
      told.push(Object.fromEntries(overrides));
    },
    nowEpochMs: () => nowMs,
    log: createLogger({
      sink: ({ message }) => messages.push(message),
      role: "supervisor",
      level: { severity: "info" },
      nowEpochMs: () => nowMs,
    }),
  });
  await begun.begin();
  return begun;
}

describe("what an operator says", () => {
  test("is all on disk and told when it is settled", async () => {
    const first = await operator();
    await first.settled();
    const asked = ["1", "2"].map((last) => first.setWeight({ real_server: `10.0.0.${last}` }, 7, null, caller));
    await first.settled();
    expect(told).toHaveLength(2);
    expect(readFileSync(path, "utf8").match(/10\.0\.0\.\d/g)).toEqual(["10.0.0.1", "10.0.0.2"]);
    await Promise.all(asked);
  });

  test("is on disk, signed, before the table follows; a successor goes on with it", async () => {
    const first = await operator();
    expect(await first.setAdminState({ real_server: "10.0.0.1" }, "drained", null, caller)).toEqual({
      real_servers: ["10.0.0.1:80"],
      changed: 1,
    });
    expect(told).toEqual([
      {
        "web 10.0.0.1:80": { adminState: "drained", weight: null },
        "api 10.0.0.1:80": { adminState: "drained", weight: null },
      },
    ]);
    expect(messages).toEqual(["10.0.0.1:80 (everywhere) is drained (by alice (uid 1000, process 7))"]);
    const second = await operator();
    expect(second.effective()).toEqual(first.effective());
    expect(second.overrides).toMatchObject([{ setBy: "alice", setAtEpochMs: 1_000_000 }]);
    await second.clearAdminState({ real_server: "10.0.0.1:80" }, "drained", caller);
    expect((await operator()).overrides).toEqual([]);
  });

  test("ends by itself, also while nobody ran", async () => {
    vi.useFakeTimers();
    const first = await operator();
    await first.setWeight({ real_server: "10.0.0.2:80", virtual_server: "web" }, 7, 60, caller);
    await first.setAdminState({ real_server: "10.0.0.1:80" }, "disabled", 3600, caller);
    nowMs += 60_000;
    await vi.advanceTimersByTimeAsync(60_000);
    await vi.waitFor(() => expect(told.at(-1)).not.toHaveProperty("web 10.0.0.2:80"));
    expect(messages.at(-1)).toBe("ended, as was asked for: 10.0.0.2:80 in web has weight 7 for 1m");
    first.end();
    nowMs += 3_600_000;
    vi.useRealTimers();
    const second = await operator();
    expect(second.overrides).toEqual([]);
    expect(messages.at(-1)).toContain("ended, as was asked for: 10.0.0.1:80 (everywhere) is disabled for 1h");
    second.end();
  });

  test("for a while, and then what was said before it counts again, also after a restart meanwhile", async () => {
    vi.useFakeTimers();
    const at = { real_server: "10.0.0.1:80" };
    const first = await operator();
    await first.setAdminState(at, "drained", null, caller);
    await first.setAdminState({ ...at, virtual_server: "web" }, "disabled", 600, { ...caller, name: "bob" });
    await first.setWeight(at, 5, null, caller);
    await first.setWeight(at, 1, 600, caller);
    const covered = first.effective();
    expect(covered.get("web 10.0.0.1:80")).toEqual({ adminState: "disabled", weight: 1 });
    // Of one place the last one stands first: what a program takes that knows one of a place.
    const onDisk: OperatorOverride[] = JSON.parse(readFileSync(path, "utf8")).overrides;
    expect(onDisk.flatMap(({ setting }) => (setting.kind === "weight" ? setting.weight : []))).toEqual([1, 5]);
    first.end();
    const second = await operator();
    expect(second.effective()).toEqual(covered);
    expect(second.overrides).toEqual(first.overrides);
    nowMs += 600_000;
    await vi.advanceTimersByTimeAsync(600_000);
    vi.useRealTimers();
    await second.settled();
    expect(Object.fromEntries(second.effective())).toEqual({
      "web 10.0.0.1:80": { adminState: "drained", weight: 5 },
      "api 10.0.0.1:80": { adminState: "drained", weight: 5 },
    });
    expect(messages.slice(-3)).toEqual([
      "ended, as was asked for: 10.0.0.1:80 in web is disabled for 10m",
      "ended, as was asked for: 10.0.0.1:80 (everywhere) has weight 1 for 10m",
      "counts again: 10.0.0.1:80 (everywhere) has weight 5",
    ]);
    expect((await operator()).overrides).toHaveLength(2);
    second.end();
  });

  test("who is done earlier leaves what was said before him, and it is said", async () => {
    const at = { real_server: "10.0.0.1:80" };
    const only = await operator();
    await only.setAdminState(at, "drained", null, caller);
    await only.setAdminState(at, "disabled", 600, caller);
    await only.clearAdminState(at, "disabled", caller);
    expect(messages.at(-1)).toBe("10.0.0.1:80 (everywhere) is drained again (by alice (uid 1000, process 7))");
    await only.clearAdminState(at, "drained", caller);
    expect(messages.at(-1)).toBe("10.0.0.1:80 (everywhere) is enabled again (by alice (uid 1000, process 7))");
    expect(only.overrides).toEqual([]);
  });

  test("the file of an older version, with one of a place and kind, is read as it was meant", () => {
    const word = (virtualServer: string | null, adminState: string) => ({
      ...{ virtualServer, realServer: "10.0.0.1:80", setting: { kind: "admin_state", adminState } },
      ...{ setBy: "root", setAtEpochMs: 0, expiresAtEpochMs: null },
    });
    const overrides = [word(null, "drained"), word("web", "enabled"), word("api", "disabled")];
    expect(parseOverrides(JSON.stringify({ version: 1, overrides }))).toEqual(overrides);
  });

  test.each([
    ["back", -3_600_000],
    ["forward", 3_600_000],
  ])("ends when it was said to, also if the clock is set %s meanwhile", async (_, byMs) => {
    vi.useFakeTimers();
    const only = await operator();
    await only.setAdminState({ real_server: "10.0.0.1:80" }, "drained", 1800, caller);
    await vi.advanceTimersByTimeAsync(600_000);
    nowMs += 600_000 + byMs;
    // Whoever is said something of meanwhile begins the wait anew.
    await only.setWeight({ real_server: "10.0.0.2:80" }, 7, null, caller);
    await vi.advanceTimersByTimeAsync(1_199_000);
    expect(only.overrides).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(2_000);
    vi.useRealTimers();
    await only.settled();
    expect(only.overrides).toMatchObject([{ setting: { kind: "weight" } }]);
    only.end();
  });

  test("an upgrade that fails: the file is the successor's meanwhile, and what he was told counts afterwards", async () => {
    vi.useFakeTimers();
    const first = await operator();
    const forAWhile = first.setAdminState({ real_server: "10.0.0.1:80" }, "drained", 60, caller);
    await first.lend();
    await forAWhile;
    const second = await operator();
    await second.setAdminState({ real_server: "10.0.0.2:80" }, "disabled", null, caller);
    second.end();
    nowMs += 61_000;
    await vi.advanceTimersByTimeAsync(61_000);
    vi.useRealTimers();
    await first.settled();
    // He has not written over it.
    expect(parseOverrides(readFileSync(path, "utf8"))).toHaveLength(2);
    await first.takeBack();
    expect(first.overrides).toMatchObject([{ realServer: "10.0.0.2:80", setting: { adminState: "disabled" } }]);
    expect(messages.at(-1)).toContain("ended, as was asked for: 10.0.0.1:80");
    writeFileSync(path, "{");
    await first.takeBack();
    expect(first.overrides).toHaveLength(1);
    first.end();
  });

  test("what ends soon after an upgrade that failed ends then", async () => {
    vi.useFakeTimers();
    const only = await operator();
    await only.setAdminState({ real_server: "10.0.0.1:80" }, "drained", 60, caller);
    await only.lend();
    await only.takeBack();
    await vi.advanceTimersByTimeAsync(61_000);
    vi.useRealTimers();
    await only.settled();
    expect(only.overrides).toEqual([]);
  });

  test("ends no later than was asked for after a start with a clock that is years behind", async () => {
    const first = await operator();
    await first.setAdminState({ real_server: "10.0.0.1:80" }, "drained", 60, caller);
    first.end();
    nowMs = 0;
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    const second = await operator();
    expect(second.overrides).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(61_000);
    vi.useRealTimers();
    await second.settled();
    expect(second.overrides).toEqual([]);
    second.end();
  });

  test("ends also where the table cannot follow at once, and whoever comes then is heard", async () => {
    vi.useFakeTimers();
    fails = true;
    const only = await operator();
    await only.setAdminState({ real_server: "10.0.0.1:80" }, "drained", 60, caller).catch(() => {});
    await vi.advanceTimersByTimeAsync(61_000);
    vi.useRealTimers();
    await only.settled();
    expect(only.overrides).toEqual([]);
    expect(messages.at(-1)).toBe("the checker process is confused");
    fails = false;
    expect(await only.setWeight({ real_server: "10.0.0.2:80" }, 7, null, caller)).toMatchObject({ changed: 1 });
    only.end();
  });

  test("changes nothing where it is so already, or never was", async () => {
    const only = await operator();
    await only.setAdminState({ real_server: "10.0.0.1:80" }, "disabled", null, caller);
    told = [];
    const undrain = only.clearAdminState({ real_server: "10.0.0.1:80" }, "drained", caller);
    await expect(undrain).rejects.toMatchObject({ code: "conflict", message: "10.0.0.1:80 is disabled, not drained" });
    expect(await only.clearAdminState({ real_server: "10.0.0.2:80" }, "drained", caller)).toMatchObject({ changed: 0 });
    expect(await only.clearWeight({ real_server: "10.0.0.2:80" }, caller)).toMatchObject({ changed: 0 });
    const wrong = only.setWeight({ real_server: "10.0.0.7" }, 1, null, caller);
    await expect(wrong).rejects.toMatchObject({ code: "not-found" });
    expect(told).toEqual([]);
  });

  test("is refused where it cannot be kept", async () => {
    const only = await operator();
    writeFileSync(join(directory, "state"), "a file where the directory should be");
    const drain = only.setAdminState({ real_server: "10.0.0.1:80" }, "drained", null, caller);
    await expect(drain).rejects.toMatchObject({ code: "state-not-saved" });
    expect(only.overrides).toEqual([]);
    expect(told).toEqual([]);
  });

  test("a damaged file is kept aside, said loudly, and counts as none", async () => {
    const first = await operator();
    await first.setAdminState({ real_server: "10.0.0.1:80" }, "drained", null, caller);
    writeFileSync(path, readFileSync(path, "utf8").slice(0, -9));
    const second = await operator();
    expect(second.overrides).toEqual([]);
    expect(messages.at(-1)).toContain(`the file is kept as ${path}.corrupt`);
    expect(readdirSync(join(directory, "state"))).toEqual(["overrides.json.corrupt"]);
  });

  test("one that cannot be read is kept aside as well, and what is said next does not replace it", async () => {
    mkdirSync(join(directory, "state"));
    // The kernel answers EIO, as a bad disk does.
    symlinkSync("/proc/self/mem", path);
    const only = await operator();
    expect(messages.at(-1)).toContain("EIO");
    expect(messages.at(-1)).toContain(`the file is kept as ${path}.corrupt`);
    await only.setAdminState({ real_server: "10.0.0.1:80" }, "drained", null, caller);
    expect(lstatSync(`${path}.corrupt`).isSymbolicLink()).toBe(true);
    expect(parseOverrides(readFileSync(path, "utf8"))).toHaveLength(1);
  });

  test("one that can neither be read nor put aside is left, and nothing is changed until it is gone", async () => {
    mkdirSync(join(directory, "state"));
    writeFileSync(path, "not ours");
    mkdirSync(`${path}.corrupt/full`, { recursive: true });
    const only = await operator();
    expect(messages.at(-1)).toContain("until it is moved away nothing can be changed");
    const drain = () => only.setAdminState({ real_server: "10.0.0.1:80" }, "drained", null, caller);
    await expect(drain()).rejects.toMatchObject({ code: "state-not-saved" });
    expect(readFileSync(path, "utf8")).toBe("not ours");
    rmSync(path);
    expect(await drain()).toMatchObject({ changed: 1 });
    expect((await operator()).overrides).toHaveLength(1);
  });
});

test("no text is taken for overrides that is not what we write", () => {
  const good = JSON.stringify({ version: 1, overrides: [] });
  expect(parseOverrides(good)).toEqual([]);
  const setting = { kind: "weight", weight: 1 };
  const override = { virtualServer: null, realServer: "10.0.0.1:80", setting, setBy: "root", setAtEpochMs: 0 };
  const ending = (expiresAtEpochMs: number) =>
    JSON.stringify({ version: 1, overrides: [{ ...override, expiresAtEpochMs }] });
  expect(parseOverrides(ending(1e12))).toHaveLength(1);
  // No time that could be shown.
  expect(() => parseOverrides(ending(1e17))).toThrow();
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void expect(() => parseOverrides(text)).toThrow()));
});

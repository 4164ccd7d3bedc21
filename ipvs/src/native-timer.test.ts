import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Native, native } from "./native.ts";

describe("timers on the clock since boot", () => {
  let calls: Native;
  let fd = -1;

  beforeAll(() => {
    calls = native();
    fd = calls.openTimer();
  });
  afterAll(() => {
    calls.close(fd);
  });

  const expires = () =>
    new Promise<number>((resolve) => {
      calls.watch(fd, 1, () => {
        calls.unwatch(fd);
        resolve(calls.bootTime());
      });
    });

  test("the clock is that of the machine", () => {
    const uptimeMs = Number(readFileSync("/proc/uptime", "latin1").split(" ")[0]) * 1000;
    expect(Math.abs(calls.bootTime() - uptimeMs)).toBeLessThan(5_000);
  });

  test("never early", async () => {
    for (const delayMs of [0.05, 1.5, 60]) {
      const deadlineMs = calls.bootTime() + delayMs;
      expect(calls.setTimer(fd, deadlineMs)).toBe(0);
      expect(await expires()).toBeGreaterThanOrEqual(deadlineMs - 0.002);
    }
  });

  test("a deadline in the past, even at boot, is now", async () => {
    for (const deadlineMs of [0, 1, calls.bootTime() - 1_000]) {
      calls.setTimer(fd, deadlineMs);
      await expires();
    }
  });

  test("set anew it has not expired; switched off it never does", async () => {
    calls.setTimer(fd, 1);
    await expires();
    calls.setTimer(fd, calls.bootTime() + 3_600_000);
    let woken = false;
    calls.watch(fd, 1, () => {
      woken = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    calls.setTimer(fd, 1);
    calls.setTimer(fd, -1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    calls.unwatch(fd);
    expect(woken).toBe(false);
  });

  test("what is no timer or no time is an error", () => {
    expect(calls.setTimer(-1, 5)).toBeLessThan(0);
    expect(() => calls.setTimer(fd, "soon" as unknown as number)).toThrow(TypeError);
  });
});

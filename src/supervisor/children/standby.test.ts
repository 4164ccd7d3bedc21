import { describe, expect, test } from "vitest";
import { Standby, StandbyFailed } from "./standby.ts";

describe("a child that stands by", () => {
  test("begins so until it was told to act, and acts", async () => {
    const standby = new Standby();
    await standby.begin(() => standby.stands());
    expect(standby.begun).toBe(true);
    await standby.take(() => {
      standby.taken();
      return true;
    });
    expect(standby.begun).toBe(false);
  });

  test("does not act because another one, started in its place, stands by", async () => {
    const standby = new Standby();
    await standby.begin(() => standby.stands());
    let acts = false;
    const taken = standby
      .take(() => true)
      .then(() => {
        acts = true;
      });
    standby.stands();
    await new Promise((resolve) => setImmediate(resolve));
    expect(acts).toBe(false);
    standby.taken();
    await taken;
  });

  test("that has ended cannot be told", async () => {
    const standby = new Standby();
    await expect(standby.take(() => false)).rejects.toThrow(StandbyFailed);
  });
});

describe("going on where the other supervisor has failed", () => {
  test("one that dies before it stands by is followed by one that acts at once", async () => {
    const standby = new Standby();
    const resumed = standby.resume(
      () => {},
      () => Promise.resolve(),
    );
    expect(standby.begun).toBe(true);
    expect(standby.failed("signal SIGKILL")).toBe(true);
    await expect(resumed).rejects.toThrow("signal SIGKILL");
    expect(standby.begun).toBe(false);
  });

  test("so is one that dies before it acts", async () => {
    const standby = new Standby();
    const resumed = standby.resume(
      () => standby.stands(),
      () => standby.take(() => true),
    );
    await new Promise((resolve) => setImmediate(resolve));
    expect(standby.failed("signal SIGKILL")).toBe(true);
    await expect(resumed).rejects.toThrow("signal SIGKILL");
    expect(standby.begun).toBe(false);
  });
});

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createLogger } from "../../log/logger.ts";
import { ChildWatch, type WatchedChild } from "./child-watch.ts";

const said: string[] = [];
const log = createLogger({
  sink: ({ message }) => void said.push(message),
  role: "x",
  level: { severity: "info" },
  nowEpochMs: () => 0,
});

class Child implements WatchedChild {
  readonly role = "VRRP";
  readonly hungAfterS = 10;
  pid: number | null = 7;
  unanswered = 0;
  hasSpoken = true;
  answers = true;
  restarts = 0;
  kills = 0;
  /** Of each second without an answer, how much it waited for a processor. */
  waitingShare = 0;

  waitedS(): number {
    return this.unanswered * this.waitingShare;
  }

  ask(): void {
    this.unanswered += 1;
    if (this.answers) this.unanswered = 0;
  }
  kill(): void {
    this.kills += 1;
  }
  writePidFile(): void {}
}

let watch: ChildWatch;
let child: Child;

beforeEach(() => {
  vi.useFakeTimers();
  said.length = 0;
  child = new Child();
  watch = new ChildWatch({ onDeath: null, log });
  watch.add(child);
  watch.start();
});
afterEach(() => {
  watch.stop();
  vi.useRealTimers();
});

describe("ChildWatch", () => {
  test("a child that answers lives", () => {
    vi.advanceTimersByTime(100_000);
    expect([child.kills, watch.allAnswer, said]).toEqual([0, true, []]);
  });

  test("one that does not is killed after its time, and not before", () => {
    child.answers = false;
    vi.advanceTimersByTime(10_000);
    expect(child.kills).toBe(0);
    vi.advanceTimersByTime(1_000);
    expect([child.kills, watch.allAnswer]).toEqual([1, false]);
    expect(said).toEqual(["the VRRP process 7 has not answered for 10 s: it is killed"]);
    child.pid = null;
    expect(watch.allAnswer).toBe(true);
  });

  test("one that gets no processor is not guilty of it; one that gets a little has its time in that", () => {
    Object.assign(child, { answers: false, waitingShare: 1 });
    vi.advanceTimersByTime(100_000);
    expect([child.kills, watch.allAnswer]).toEqual([0, true]);
    expect(said).toEqual([
      "the VRRP process 7 has not answered for 10 s: it waits for a processor, this machine has too little CPU",
    ]);
    Object.assign(child, { unanswered: 0, waitingShare: 0.75 });
    vi.advanceTimersByTime(40_000);
    expect(child.kills).toBe(0);
    vi.advanceTimersByTime(1_000);
    expect(child.kills).toBe(1);
  });

  test("one that comes back in time lives", () => {
    child.answers = false;
    vi.advanceTimersByTime(9_000);
    child.answers = true;
    vi.advanceTimersByTime(60_000);
    expect(child.kills).toBe(0);
  });

  test("one that has said nothing yet has a minute", () => {
    Object.assign(child, { answers: false, hasSpoken: false });
    vi.advanceTimersByTime(60_000);
    expect(child.kills).toBe(0);
    vi.advanceTimersByTime(1_000);
    expect(child.kills).toBe(1);
  });

  test("while this process stands still nobody is asked, and nobody is guilty", () => {
    child.answers = false;
    vi.advanceTimersByTime(3_000);
    vi.setSystemTime(Date.now() + 3_600_000);
    vi.advanceTimersByTime(1_000);
    expect(child.kills).toBe(0);
  });
});

test("with -R a death is told instead of a new start", () => {
  const deaths: string[] = [];
  const strict = new ChildWatch({ onDeath: (message) => deaths.push(message), log });
  expect([watch.respawns, strict.respawns]).toEqual([true, false]);
  strict.died("checker", "signal SIGKILL");
  expect(deaths).toEqual(["the checker process ended (signal SIGKILL)"]);
});

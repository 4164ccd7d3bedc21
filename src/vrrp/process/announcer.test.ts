import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { AnnouncePlan } from "../machine/action.ts";
import type { AnnouncedAddress } from "./announcement.ts";
import { Announcer } from "./announcer.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const plan: AnnouncePlan = {
  ...{ why: "became_master", repeat: 2, second: { afterMs: 5_000, repeat: 2 } },
  refresh: { everyMs: 20_000, repeat: 1 },
};

const at = (...addresses: readonly string[]): AnnouncedAddress[] =>
  addresses.map((address) => ({
    ...{ address, family: "inet", router: false },
    link: { name: "eth0", index: 2, mac: "02:00:00:00:00:01" },
  }));

/** An announcer of the addresses `a` and `b`; what it sends since it was last asked. */
function announcer(intervalUs = 0) {
  const sent: string[] = [];
  const one = new Announcer({
    pace: (link) => ({ group: link, intervalUs }),
    socket: { send: ({ address }) => void sent.push(address), close: () => {} },
  });
  let addresses = at("a", "b");
  return {
    one,
    becomes: (some: AnnouncePlan = plan) => one.announce("A", () => addresses, some),
    hearsRival: (afterMs: number | null) =>
      one.announceOverRival("A", () => addresses, {
        repeat: 1,
        second: afterMs === null ? null : { afterMs, repeat: 1 },
      }),
    has: (...others: readonly string[]) => {
      addresses = at(...others);
    },
    after: (ms: number) => {
      vi.advanceTimersByTime(ms);
      return sent.splice(0).join("");
    },
  };
}

test("a plan: now, once more, and again and again; each round has the addresses of its time", () => {
  const { one, becomes, has, after } = announcer();
  becomes();
  expect(after(0)).toBe("abab");
  expect(after(4_999)).toBe("");
  has("b", "c");
  expect(after(1)).toBe("bcbc");
  has("d");
  expect(after(35_000)).toBe("dd");
  one.stop("A");
  expect(after(60_000)).toBe("");
});

test("what is said over a rival takes nothing of the plan away, and is said once more by itself", () => {
  const { one, becomes, hearsRival, after } = announcer();
  becomes();
  expect(after(100)).toBe("abab");
  hearsRival(null);
  expect(after(0)).toBe("ab");
  expect(after(4_900)).toBe("abab");
  hearsRival(2_000);
  expect(after(1_000)).toBe("ab");
  // Of two rivals within that time the last one counts.
  hearsRival(2_000);
  expect(after(1_999)).toBe("ab");
  expect(after(1)).toBe("ab");
  expect(after(12_000)).toBe("ab");
  one.end();
});

test("at a pace: rivals that come faster than it lets frames out do not pile up, and take none away", () => {
  const { one, becomes, hearsRival, after } = announcer(1_000_000);
  becomes({ ...plan, second: null, refresh: null });
  for (let time = 0; time < 5; time++) hearsRival(null);
  expect(after(0)).toBe("a");
  expect(after(60_000)).toBe("babab");
  hearsRival(null);
  expect(after(10_000)).toBe("ab");
  one.end();
});

test("another plan takes the place of what still waits", () => {
  const { one, becomes, has, hearsRival, after } = announcer(1_000_000);
  becomes();
  hearsRival(1_000);
  has("c");
  becomes({ ...plan, repeat: 1, second: null, refresh: null });
  expect(after(60_000)).toBe("ac");
  one.close();
});

test("a plan without a first round sends nothing and looks nothing up until its time", () => {
  const { one, becomes, after } = announcer();
  becomes({ ...plan, repeat: 0, second: null });
  expect(after(19_999)).toBe("");
  expect(after(1)).toBe("ab");
  const looksUp = () => {
    throw new Error("looked up");
  };
  one.announce("A", looksUp, { ...plan, repeat: 0 });
  one.end();
});

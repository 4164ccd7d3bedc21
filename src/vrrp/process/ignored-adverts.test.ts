import { expect, test } from "vitest";
import { afterIgnored, describeIgnoredAdverts, stillIgnored } from "./ignored-adverts.ts";

const at = (nowMs: number) => ({ advertMs: 1_000, nowMs });
const wrong = { kind: "password" } as const;

test("what is ignored is told until nothing more of it comes", () => {
  const ignored = afterIgnored(null, "192.0.2.2", wrong, at(0));
  expect(describeIgnoredAdverts(ignored, null, 9_000)).toBe("adverts of 192.0.2.2 are ignored: wrong password");
  expect(describeIgnoredAdverts(ignored, null, 11_000)).toBeNull();
  expect(stillIgnored(ignored, 11_000)).toBeNull();
  const again = afterIgnored(ignored, "192.0.2.2", wrong, at(9_000));
  expect(describeIgnoredAdverts(again, null, 11_000)).not.toBeNull();
  // An interval of a minute.
  const slow = afterIgnored(null, "192.0.2.2", wrong, { advertMs: 60_000, nowMs: 0 });
  expect(stillIgnored(slow, 200_000)).not.toBeNull();
});

test("the first one is told, as long as it goes on", () => {
  const ignored = afterIgnored(null, "192.0.2.2", wrong, at(0));
  expect(afterIgnored(ignored, "192.0.2.3", wrong, at(1_000))).toBe(ignored);
  expect(afterIgnored(ignored, null, wrong, at(1_000))).toBe(ignored);
  expect(afterIgnored(ignored, "192.0.2.3", wrong, at(11_000))?.source).toBe("192.0.2.3");
});

test("some of the master's own are not worth a word, since others of it count", () => {
  const ignored = afterIgnored(null, "192.0.2.2", wrong, at(0));
  expect(describeIgnoredAdverts(ignored, "192.0.2.2", 1_000)).toBeNull();
});

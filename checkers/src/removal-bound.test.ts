import { expect, test } from "vitest";
import { exchangeCount, removalBoundMs } from "./removal-bound.ts";
import { check, connectTo, httpGet, timing, url } from "./testing/examples.ts";

test("delay_loop + (retry + 1) x connect_timeout + retry x delay_before_retry", () => {
  expect(removalBoundMs(check({ timing: timing() }))).toBe(6000 + 2 * 5000 + 1000);
  expect(removalBoundMs(check({ timing: timing({ retry: 0 }) }))).toBe(6000 + 5000);
});

test("every url is an exchange with its own deadline", () => {
  const spec = httpGet(connectTo(80), [url(), url({ path: "/a" }), url({ path: "/b" })]);
  expect(exchangeCount(spec)).toBe(3);
  expect(removalBoundMs(check({ spec, timing: timing({ retry: 2 }) }))).toBe(6000 + 3 * 3 * 5000 + 2 * 1000);
});

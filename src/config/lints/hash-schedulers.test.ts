import { expect, test } from "vitest";
import { lintsOf } from "./testing/lints-of.ts";

test.each([
  ["lvs_sched: sh", ["hash-without-fallback 1"]],
  ["lvs_sched: sh, sh-fallback: true", []],
  ["lvs_sched: sh, sh-fallback: false", ["hash-without-fallback 1"]],
  ["lvs_sched: mh, flag-1: true", []],
  ["lvs_sched: mh, mh-fallback: true, persistence_timeout: 50", ["persistence-with-hash 1"]],
  ["lvs_sched: wrr, persistence_timeout: 50", []],
  ["", []],
])("%s: %j", (settings, expected) => {
  const text = `virtual_server: [{address: 192.0.2.1, port: 80, protocol: TCP, real_server: {address: 10.0.0.1, port: 80}, ${settings}}]`;
  expect(lintsOf(text)).toEqual(expected);
});

import { expect, test } from "vitest";
import { dumpPath } from "./dump-path.ts";

test.each([
  [null, [], "/run/x/lbctl.data"],
  ["/tmp/keepalived.data", [], "/tmp/keepalived.data"],
  ["mine", [], "/run/x/mine"],
  [null, ["blue"], "/run/x/lbctl.blue.data"],
  ["/tmp/keepalived.data", ["blue", "ns1"], "/tmp/keepalived.blue.ns1.data"],
  ["/tmp/plain", ["blue", null], "/tmp/plain.blue"],
])("%s for %j is %s", (configured, distinctions, path) => {
  expect(dumpPath({ configured, fallback: "lbctl.data" }, "/run/x", distinctions)).toBe(path);
});

import { expect, test } from "vitest";
import type { InstanceView } from "../vrrp/process/instance-view.ts";
import { failoverResult } from "./failover-result.ts";
import { responseSchemas } from "./response-schemas.ts";

const master = { address: "192.0.2.2", priority: 90, sinceEpochMs: 0 };
const view = (state: InstanceView["state"], seen: InstanceView["master"] = null) =>
  ({ name: "VI_1", state, reason: "because", master: seen }) as InstanceView;

test.each([
  { after: null, outcome: "begun", to: null },
  { after: view("backup", master), outcome: "handed_over", to: { address: "192.0.2.2", priority: 90 } },
  { after: view("master", { ...master, address: "192.0.2.1" }), outcome: "nobody_took_over", to: null },
  // A sync group listens again.
  { after: view("backup"), outcome: "nobody_took_over", to: null },
  { after: view("fault"), outcome: "ended", to: null },
  { after: view("stopped"), outcome: "ended", to: null },
] as const)("$after.state: $outcome", ({ after, outcome, to }) => {
  const result = failoverResult("VI_1", after, 12.4);
  expect(result).toMatchObject({ instance: "VI_1", outcome, master: to, took_ms: 12 });
  expect(responseSchemas["POST /v1/failover"].parse(result)).toEqual(result);
});

import { expect, test } from "vitest";
import type { PlannedOperation } from "../../director/planned-operation.ts";
import { destination, service } from "../../director/testing/samples.ts";
import { summarize } from "./operation-summary.ts";

const key = service().key;

test.each<[PlannedOperation, { kind: string; object: string; detail: string }]>([
  [
    { operation: { kind: "new-service", service: service() }, found: null },
    { kind: "new-service", object: "TCP 192.0.2.1:80", detail: "scheduler wrr" },
  ],
  [
    { operation: { kind: "new-destination", key, destination: destination(1, { weight: 3 }) }, found: null },
    { kind: "new-destination", object: "TCP 192.0.2.1:80 -> 10.0.0.1:80", detail: "weight 3, method NAT" },
  ],
  [
    { operation: { kind: "set-service", service: service() }, found: service({ scheduler: "rr", onePacket: true }) },
    { kind: "set-service", object: "TCP 192.0.2.1:80", detail: "scheduler rr -> wrr, ops yes -> none" },
  ],
  [
    {
      operation: { kind: "set-destination", key, destination: destination(1, { weight: 3 }) },
      found: destination(1, { weight: 1 }),
    },
    { kind: "set-destination", object: "TCP 192.0.2.1:80 -> 10.0.0.1:80", detail: "weight 1 -> 3" },
  ],
  [
    { operation: { kind: "del-destination", key, destination: destination(1) }, found: destination(1, { weight: 0 }) },
    { kind: "del-destination", object: "TCP 192.0.2.1:80 -> 10.0.0.1:80", detail: "weight 0, method NAT" },
  ],
  [
    { operation: { kind: "del-service", key }, found: service() },
    { kind: "del-service", object: "TCP 192.0.2.1:80", detail: "scheduler wrr" },
  ],
  [
    { operation: { kind: "del-service", key: { kind: "fwmark", family: "inet6", fwmark: 4 } }, found: null },
    { kind: "del-service", object: "fwmark 4 inet6", detail: "" },
  ],
])("%#", (planned, summary) => expect(summarize([planned])).toEqual([summary]));

import fc from "fast-check";
import type { TableOperation } from "ipvs-netlink";
import { expect, test } from "vitest";
import { parseRequest } from "./protocol.ts";
import { destinationOf, serviceOf, tcpKey } from "./testing/entries.ts";

const key = tcpKey(80);

test("every operation survives the wire", () => {
  const tunnel = { type: "gue", port: 6080, checksum: "csum" } as const;
  const persistence = { timeoutS: 50, prefixLength: 24, engine: "sip" };
  const operations: TableOperation[] = [
    {
      kind: "new-service",
      service: serviceOf({ kind: "fwmark", family: "inet6", fwmark: 7 }, { schedulerFlags: ["flag-1"] }),
    },
    { kind: "set-service", service: serviceOf(key, { persistence, onePacket: true }) },
    { kind: "new-destination", key, destination: destinationOf(80, { method: "TUN", tunnel, upperThreshold: 9 }) },
    { kind: "set-destination", key, destination: destinationOf(80, { weight: -1 }) },
    { kind: "del-destination", key, destination: { address: "10.0.0.1", port: 80 } },
    { kind: "del-service", key },
  ];
  const request = { id: 1, call: "apply", operations };
  expect(parseRequest(JSON.stringify(request))).toEqual({ request });
});

test("addresses become canonical, so that equal addresses are equal text", () => {
  const line = JSON.stringify({ id: 1, call: "read", keys: [tcpKey(80, "2001:DB8:0:0::1")] });
  expect(parseRequest(line)).toMatchObject({ request: { keys: [{ address: "2001:db8::1" }] } });
});

test.each([
  ["no JSON", "{", null],
  ["nothing", "", null],
  ["no object", "null", null],
  ["no call", '{"id":1}', 1],
  ["an unknown call", '{"id":1,"call":"stop"}', 1],
  ["an address that is none", JSON.stringify({ id: 2, call: "read", keys: [tcpKey(80, "web1")] }), 2],
  ["a port that is none", JSON.stringify({ id: 3, call: "read", keys: [tcpKey(65536)] }), 3],
  ["an unknown operation", '{"id":4,"call":"apply","operations":[{"kind":"flush"}]}', 4],
])("%s is refused, with its id where it has one", (_what, line, id) => {
  const parsed = parseRequest(line);
  expect(parsed).toMatchObject({ refused: { id } });
  expect("refused" in parsed && "error" in parsed.refused && parsed.refused.error.length > 10).toBe(true);
});

test("garbage never throws", () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (line) => void parseRequest(line)));
});

import type { ServiceKey } from "ipvs-netlink";
import { describe, expect, test } from "vitest";
import type { DirectorEvent } from "./events.ts";
import { Ownership, parseOwnership } from "./ownership.ts";
import { MemoryRecord } from "./testing/memory-records.ts";

const a: ServiceKey = { kind: "address", protocol: "TCP", address: "192.0.2.1", port: 80 };
const b: ServiceKey = { kind: "fwmark", family: "inet6", fwmark: 4_294_967_295 };

describe("Ownership", () => {
  const ready = () => {
    const store = new MemoryRecord<readonly ServiceKey[]>("ownership.json");
    const events: DirectorEvent[] = [];
    return { store, events, ownership: new Ownership(store, (event) => events.push(event)) };
  };

  test("is on disk when the claim resolves, and only what is new is written", async () => {
    const { store, ownership } = ready();
    await ownership.claim([a]);
    expect(store.content).toEqual([a]);
    store.content = null;
    await ownership.claim([a]);
    expect(store.content).toBeNull();
    await ownership.claim([a, b]);
    expect(store.content).toEqual([a, b]);
  });

  test("released services are nobody's of ours", async () => {
    const { store, ownership } = ready();
    ownership.inherit([a, b]);
    await ownership.release(["TCP 192.0.2.1:80", "TCP 192.0.2.9:80"]);
    expect(store.content).toEqual([b]);
    expect(ownership.has("TCP 192.0.2.1:80")).toBe(false);
  });

  test("a failed write is told and made up for with the next", async () => {
    const { store, ownership, events } = ready();
    store.failure = "ENOSPC";
    await ownership.claim([a]);
    expect(events).toEqual([{ type: "record_failed", call: "write", file: "ownership.json", message: "ENOSPC" }]);
    store.failure = null;
    await ownership.claim([a]);
    expect(store.content).toEqual([a]);
  });
});

describe("parseOwnership", () => {
  test("takes what we write", () => expect(parseOwnership(JSON.parse(JSON.stringify([a, b])))).toEqual([a, b]));

  test.each([
    null,
    {},
    [null],
    [{ ...a, port: 65_536 }],
    [{ ...a, port: "80" }],
    [{ ...a, protocol: "ICMP" }],
    [{ ...a, address: 1 }],
    [{ ...b, fwmark: -1 }],
    [{ ...b, family: "inet9" }],
    [{ kind: "other" }],
  ])("refuses %j", (content) => expect(() => parseOwnership(content)).toThrow());
});

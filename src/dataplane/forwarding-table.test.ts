import type { TableOperation } from "ipvs-netlink";
import { describe, expect, test } from "vitest";
import { ForwardingTable } from "./forwarding-table.ts";
import { ServiceState } from "./service-state.ts";
import { destinationOf, serviceOf, tcpKey } from "./testing/entries.ts";

const key = tcpKey(80);
const client = { address: "192.0.2.1", port: 40000 };

/** A table with the service `key` and these destination ports. */
function tableWith(...ports: number[]): ForwardingTable {
  const table = new ForwardingTable();
  table.add(new ServiceState(serviceOf(key)));
  for (const port of ports) table.commit({ kind: "new-destination", key, destination: destinationOf(port) });
  return table;
}

function newDestination(changes: Parameters<typeof destinationOf>[1] = {}): TableOperation {
  return { kind: "new-destination", key, destination: destinationOf(8080, changes) };
}

describe("refuses with the kernel's errno", () => {
  const absent = tcpKey(81);
  test.each<[string, TableOperation, string]>([
    ["a second service", { kind: "new-service", service: serviceOf(key) }, "EEXIST"],
    [
      "a second service of an unknown scheduler",
      { kind: "new-service", service: serviceOf(key, { scheduler: "x" }) },
      "EEXIST",
    ],
    ["an unknown scheduler", { kind: "new-service", service: serviceOf(absent, { scheduler: "x" }) }, "ENOENT"],
    ["changing a service that is not there", { kind: "set-service", service: serviceOf(absent) }, "ESRCH"],
    [
      "changing to an unknown scheduler",
      { kind: "set-service", service: serviceOf(key, { scheduler: "x" }) },
      "ENOENT",
    ],
    ["deleting a service that is not there", { kind: "del-service", key: absent }, "ESRCH"],
    ["a destination of no service", { kind: "new-destination", key: absent, destination: destinationOf(1) }, "ESRCH"],
    ["a second destination", { kind: "new-destination", key, destination: destinationOf(1) }, "EEXIST"],
    [
      "changing a destination that is not there",
      { kind: "set-destination", key, destination: destinationOf(2) },
      "ENOENT",
    ],
    [
      "deleting a destination that is not there",
      { kind: "del-destination", key, destination: destinationOf(2) },
      "ENOENT",
    ],
    ["a negative weight", newDestination({ weight: -1 }), "ERANGE"],
    ["a weight above an int", newDestination({ weight: 2 ** 31 }), "ERANGE"],
    [
      "a negative weight of a destination that is there",
      { kind: "new-destination", key, destination: destinationOf(1, { weight: -1 }) },
      "ERANGE",
    ],
    ["a lower threshold above the upper", newDestination({ upperThreshold: 5, lowerThreshold: 6 }), "ERANGE"],
    ["another family", newDestination({ address: "2001:db8::1" }), "EINVAL"],
    ["no address", newDestination({ address: "0.0.0.0" }), "EINVAL"],
    ["multicast", newDestination({ address: "224.0.0.18" }), "EINVAL"],
    ["broadcast", newDestination({ address: "255.255.255.255" }), "EINVAL"],
    ["another method", newDestination({ method: "DR" }), "EOPNOTSUPP"],
  ])("%s", (_what, operation, errno) => {
    expect(tableWith(1).check(operation)?.errno).toBe(errno);
  });

  test("and nothing else", () => {
    const table = tableWith(1);
    const fine: TableOperation[] = [
      { kind: "new-service", service: serviceOf(absent) },
      { kind: "set-service", service: serviceOf(key, { scheduler: "wlc" }) },
      { kind: "set-destination", key, destination: destinationOf(1, { weight: 0 }) },
      { kind: "del-destination", key, destination: destinationOf(1) },
      newDestination({ weight: 2 ** 31 - 1, upperThreshold: 6, lowerThreshold: 6 }),
      { kind: "del-service", key },
    ];
    expect(fine.map((operation) => table.check(operation))).toEqual(fine.map(() => null));
  });
});

describe("changes", () => {
  const portsOf = (table: ForwardingTable): number[] => table.entries()[0]?.destinations.map(({ port }) => port) ?? [];

  test("are seen in the entries, in the order of the list", () => {
    const table = tableWith(1, 2, 3);
    table.commit({ kind: "del-destination", key, destination: destinationOf(2) });
    table.commit({ kind: "set-destination", key, destination: destinationOf(3, { weight: 9 }) });
    expect(portsOf(table)).toEqual([1, 3]);
    expect(table.entries([key])[0]?.destinations[1]?.weight).toBe(9);
    expect(table.entries([tcpKey(81)])).toEqual([]);
    table.commit({ kind: "del-service", key });
    expect(table.entries()).toEqual([]);
  });

  test("a new scheduler keeps destinations, connections and counters", () => {
    const table = tableWith(1);
    table.get(key)?.schedule(client)?.open("active");
    table.commit({ kind: "set-service", service: serviceOf(key, { scheduler: "wrr" }) });
    const [entry] = table.entries();
    expect(entry?.service.scheduler).toBe("wrr");
    expect(entry?.destinations[0]).toMatchObject({ activeConnections: 1, statistics: { connections: 1 } });
  });

  test("weight 0 gets no new connection, the removed none either", () => {
    const table = tableWith(1, 2);
    table.commit({ kind: "set-destination", key, destination: destinationOf(1, { weight: 0 }) });
    const chosen = (): (number | undefined)[] => [1, 2, 3].map(() => table.get(key)?.schedule(client)?.settings.port);
    expect(chosen()).toEqual([2, 2, 2]);
    table.commit({ kind: "del-destination", key, destination: destinationOf(2) });
    expect(chosen()).toEqual([undefined, undefined, undefined]);
  });

  test("a destination that comes back while connections live on has them again; a forgotten one starts anew", () => {
    const table = tableWith(1);
    const destination = table.get(key)?.schedule(client);
    destination?.open("active");
    table.commit({ kind: "del-destination", key, destination: destinationOf(1) });
    table.expire(1);
    table.commit({ kind: "new-destination", key, destination: destinationOf(1) });
    expect(table.entries()[0]?.destinations[0]?.activeConnections).toBe(1);
    destination?.close("active", 0, 2);
    table.commit({ kind: "del-destination", key, destination: destinationOf(1) });
    table.expire(3);
    table.commit({ kind: "new-destination", key, destination: destinationOf(1) });
    expect(table.entries()[0]?.destinations[0]?.statistics.connections).toBe(0);
  });
});

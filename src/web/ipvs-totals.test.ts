import { expect, test } from "vitest";
import { parseIpvsStats, readIpvsTotals } from "./ipvs-totals.ts";

const text = `   Total Incoming Outgoing         Incoming         Outgoing
   Conns  Packets  Packets            Bytes            Bytes
 16AA370 E33656E5        0     51D8C8883AB3                0

 Conns/s   Pkts/s   Pkts/s          Bytes/s          Bytes/s
       4    1FB3C        0          1282A8F                0
`;

test("the totals of /proc/net/ip_vs_stats", () => {
  expect(parseIpvsStats(text)).toEqual({
    connections: 0x16aa370,
    inPackets: 0xe33656e5,
    outPackets: 0,
    inBytes: 0x51d8c8883ab3,
    outBytes: 0,
  });
});

test.each(["", "\n\n\n", "a\nb\n1 2 3", "a\nb\n1 2 3 4 x", "a\nb\n1 2 3 4 5 6"])("not %j", (other) => {
  expect(parseIpvsStats(other)).toBeNull();
});

test("no file, no totals", () => {
  expect(readIpvsTotals("/proc/net/there-is-no-such-file")).toBeNull();
});

import { readFileSync } from "node:fs";
import type { IpvsTotals } from "./metrics/scrape.ts";

/**
 * What IPVS has counted in this network namespace since it was loaded, deleted services too: /proc/net/ip_vs_stats, in which
 * the third line has five hexadecimal numbers. Null: it cannot be read, or is something else.
 */
export function parseIpvsStats(text: string): IpvsTotals | null {
  const numbers = text.split("\n")[2]?.trim().split(/\s+/) ?? [];
  const [connections, inPackets, outPackets, inBytes, outBytes] = numbers.map((each) => Number.parseInt(each, 16));
  if (numbers.length !== 5 || numbers.some((each) => !/^[0-9a-f]+$/i.test(each))) return null;
  return {
    connections: connections ?? 0,
    inPackets: inPackets ?? 0,
    outPackets: outPackets ?? 0,
    inBytes: inBytes ?? 0,
    outBytes: outBytes ?? 0,
  };
}

/** Of the own network namespace. */
export function readIpvsTotals(path = "/proc/net/ip_vs_stats"): IpvsTotals | null {
  try {
    return parseIpvsStats(readFileSync(path, "utf8"));
  } catch {
    return null;
  }
}

import { parseAddress, type SchedulerFlag } from "ipvs-netlink";
import { type Candidate, type Client, type Scheduler, takesNew } from "./scheduler.ts";

/** Index of the destination of each bucket; empty when there is no destination. */
export type SourceHashState = readonly number[];

const bucketBits = 8;
const bucketCount = 1 << bucketBits;
/** GOLDEN_RATIO_32 of linux/hash.h. */
const goldenRatio = 0x61c88647;

/**
 * sh: 256 buckets, filled from the list with as many neighbours per destination as its weight, chosen by a hash of the
 * client's address (ip_vs_sh.c). A bucket whose destination is quiesced or overloaded takes nothing, unless sh-fallback
 * (flag-1) looks further; sh-port (flag-2) hashes the client's port too.
 */
export function sourceHash(flags: readonly SchedulerFlag[]): Scheduler<SourceHashState> {
  const fallback = flags.includes("flag-1");
  const withPort = flags.includes("flag-2");
  return {
    prepare: fillBuckets,
    pick(candidates, state, client) {
      const key = clientKey(client, withPort);
      const first = bucketOf(key, 0);
      const attempts = fallback ? bucketCount : 1;
      for (let attempt = 0; attempt < attempts; attempt++) {
        // The kernel offsets by the first bucket too once it falls back, hence not simply the next bucket.
        const bucket = attempt === 0 ? first : bucketOf(key, (first + attempt - 1) % bucketCount);
        const index = state[bucket];
        const candidate = index === undefined ? undefined : candidates[index];
        if (index !== undefined && candidate !== undefined && takesNew(candidate)) return { index, state };
      }
      return { index: null, state };
    },
  };
}

function fillBuckets(candidates: readonly Candidate[]): SourceHashState {
  if (candidates.length === 0) return [];
  const buckets: number[] = [];
  let index = 0;
  let given = 0;
  while (buckets.length < bucketCount) {
    buckets.push(index);
    given++;
    if (given >= (candidates[index]?.weight ?? 0)) {
      index = (index + 1) % candidates.length;
      given = 0;
    }
  }
  return buckets;
}

/** The client as one 32-bit number; the four words of an IPv6 address are folded into one. */
function clientKey({ address, port }: Client, withPort: boolean): number {
  const octets = parseAddress(address.split("%", 1)[0] ?? "");
  if (octets === null) return 0;
  const view = new DataView(octets.buffer, octets.byteOffset);
  // The unused words of an IPv4 address are zero.
  const folded = view.getUint32(0) ^ view.getUint32(4) ^ view.getUint32(8) ^ view.getUint32(12);
  return (folded + (withPort ? port : 0)) >>> 0;
}

/** hash_32 of linux/hash.h to eight bits, plus the offset. */
function bucketOf(key: number, offset: number): number {
  return (offset + (Math.imul(key, goldenRatio) >>> (32 - bucketBits))) % bucketCount;
}

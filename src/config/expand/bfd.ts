import { addressFamily } from "ipvs-netlink";
import type { BfdInstance, BfdModel } from "../bfd-model.ts";
import { type Config, keywordTable } from "../keywords/table.ts";
import type { Path } from "../locate.ts";
import type { Problem } from "./problem.ts";
import { expandProcess } from "./process-settings.ts";
import { familyName } from "./real-server.ts";

type WrittenBfdInstance = NonNullable<Config["bfd_instance"][number]>;

const rows = keywordTable.entries.bfd_instance.block.entries;

/** RFC 5881 section 5: packets start with it, so that one that made a hop is known. */
const greatestTtl = 255;
/** What keepalived sends over IPv6 unless it is told otherwise: its packets have to count. */
const keepalivedHopLimit = 64;
/** max_hops of who does not look at them. */
const anyHops = 255;

/** Who is told of a session's changes: both, unless it says which. */
function toldBy({ vrrp, checker }: Pick<WrittenBfdInstance, "vrrp" | "checker">): BfdInstance["tells"] {
  return { vrrp: vrrp === true || checker !== true, checker: checker === true || vrrp !== true };
}

/** Who is told, by the name of the session; null when some have errors, so that not all names are known. */
export function toldOf({ bfd_instance: written }: Config): ReadonlyMap<string, BfdInstance["tells"]> | null {
  const blocks = written.filter((block) => block !== null);
  return blocks.length < written.length ? null : new Map(blocks.map((block) => [block.name, toldBy(block)]));
}

/** The sessions with their defaults, and what is wrong with them. Pure. Blocks that are null are left out. */
export function expandBfd({ bfd_instance: written, global_defs: globals }: Config, problems: Problem[]): BfdModel {
  const nameOf = new Map<string, string>();
  const instances = written.flatMap((block, index): BfdInstance[] => {
    if (block === null) return [];
    const path = ["bfd_instance", index];
    const other = nameOf.get(block.neighbor_ip);
    if (other !== undefined) {
      const message = `${block.neighbor_ip} is the neighbour of bfd_instance ${other} already`;
      const hint = "one session tells all who track it";
      problems.push({ path: [...path, "neighbor_ip"], code: "duplicate-reference", message, hint });
    }
    nameOf.set(block.neighbor_ip, block.name);
    return [expandInstance(block, path, problems)];
  });
  return { process: expandProcess(globals, "bfd"), instances };
}

function expandInstance(written: WrittenBfdInstance, path: Path, problems: Problem[]): BfdInstance {
  const { neighbor_ip: neighbor, source_ip: source = null } = written;
  const family = addressFamily(neighbor);
  if (source !== null && addressFamily(source) !== family) {
    const message = `source_ip ${source} is ${familyName(addressFamily(source))} and neighbor_ip ${neighbor} is ${familyName(family)}`;
    problems.push({ path: [...path, "source_ip"], code: "family-mismatch", message });
  }
  return {
    name: written.name,
    family,
    neighbor,
    source,
    multihop: written.multihop ?? rows.multihop.row.default,
    minTxUs: written.min_tx ?? rows.min_tx.row.default,
    minRxUs: written.min_rx ?? rows.min_rx.row.default,
    idleTxUs: written.idle_tx ?? rows.idle_tx.row.default,
    multiplier: written.multiplier ?? rows.multiplier.row.default,
    passive: written.passive ?? rows.passive.row.default,
    ...expandHops(written, path, problems),
    tells: toldBy(written),
  };
}

/** ttl and hoplimit are one setting, as with keepalived; what it says of our packets is what those of the neighbour begin with. */
function expandHops(
  written: WrittenBfdInstance,
  path: Path,
  problems: Problem[],
): Pick<BfdInstance, "ttl" | "leastTtl"> {
  const isV4 = addressFamily(written.neighbor_ip) === "inet";
  const [own, other] = isV4 ? [written.ttl, written.hoplimit] : [written.hoplimit, written.ttl];
  const ttl = own ?? other ?? null;
  const begin = ttl ?? (isV4 ? greatestTtl : keepalivedHopLimit);
  // RFC 5883 section 5: nothing is known of the hops between.
  const hops = written.max_hops ?? (written.multihop === true ? anyHops : rows.max_hops.row.default);
  if (written.max_hops !== undefined && hops > begin) {
    const message = `max_hops ${hops} is above the ${isV4 ? "ttl" : "hoplimit"} ${begin}: packets count whatever they have left`;
    const hint = `max_hops ${begin} does the same`;
    problems.push({ path: [...path, "max_hops"], code: "corrected-setting", message, hint });
  }
  const counts = hops < 0 || hops === anyHops ? 0 : Math.max(0, begin - hops);
  return { ttl: ttl ?? greatestTtl, leastTtl: counts };
}

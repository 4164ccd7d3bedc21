import { readFileSync } from "node:fs";
import { release } from "node:os";
import { NftError } from "../../nft/nft.ts";
import { nftProgram } from "../../nft/nft-program.ts";
import type { CheckId } from "../checks.ts";
import type { Facts, Known, WireFacts } from "../facts.ts";
import type { Needs, ValidConfig } from "../needs.ts";
import { wantedSysctls } from "../sysctl-paths.ts";
import { clockFacts } from "./clock.ts";
import { lookAtLinks } from "./links.ts";
import { moduleStates } from "./modules.ts";
import { controllers, processFacts, sysctls } from "./proc.ts";
import { lookAtReach } from "./reach.ts";
import { lookAtWire } from "./wire.ts";

export interface CollectOptions {
  /** Where none answers, who asks is looked at in its place. */
  readonly asked: Pick<Facts, "daemon" | "silentS">;
  /** Nothing is sent, and nothing listened to. */
  readonly skipWire: boolean;
  /** Null: as long as adverts of the configuration need. */
  readonly listenMs: number | null;
  /** Whether anybody will ask for the facts of that check: what takes time is left out otherwise. */
  readonly wants: (check: CheckId) => boolean;
  readonly onProgress: (what: string) => void;
  /** What asks the doctor the same again. */
  readonly doctorCommand: string;
}

/** Looks at everything that the judges want to know. Changes nothing; what may not be seen is said to be unknown. */
export async function collect(needs: Needs, config: ValidConfig, options: CollectOptions): Promise<Facts> {
  const { links, addresses } = lookAtLinks();
  const rules = await rulesOfFilter();
  const { asked, skipWire, wants, onProgress } = options;
  const { daemon } = asked;
  const wantsWire =
    wants("virtual-addresses") || wants("virtual-routers") || (wants("peers") && needs.listening.length > 0);
  const wire = wantsWire ? await wireFacts(needs, config, links, addresses, options) : notWanted;
  const wantsReach = wants("peers") || wants("real-servers");
  const reach = skipWire || !wantsReach ? {} : await lookAtReach(needs, onProgress);
  return {
    ...{ ...asked, links, addresses, wire, reach, ...rules },
    kernelRelease: release(),
    modules: moduleStates(Object.keys(needs.modules), release()),
    sysctls: sysctls(wantedSysctls(needs)),
    process:
      daemon === null
        ? processFacts(process.pid, "doctor", options.doctorCommand)
        : processFacts(daemon.pid, "daemon", options.doctorCommand),
    clock: await clockFacts(),
    controllers: controllers(),
  };
}

const notWanted = { known: false, why: "not asked for" } as const;

async function wireFacts(
  needs: Needs,
  { vrrp }: ValidConfig,
  links: Facts["links"],
  addresses: Facts["addresses"],
  { skipWire, listenMs, onProgress }: CollectOptions,
): Promise<Known<WireFacts>> {
  if (skipWire) return { known: false, why: "not looked at (--skip-wire)" };
  if (!links.known) return links;
  if (!addresses.known) return addresses;
  return lookAtWire(needs, links.value, addresses.value, {
    listenMs: listenMs ?? listeningTime(vrrp.instances.map(({ advertMs }) => advertMs)),
    onProgress,
  });
}

/** A master that is there is heard within three intervals, but for a lost packet. */
function listeningTime(intervalsMs: readonly number[]): number {
  return Math.min(10_000, Math.max(1_500, 3.2 * Math.max(0, ...intervalsMs)));
}

async function rulesOfFilter(): Promise<Pick<Facts, "ruleset" | "legacyTables" | "hasNft">> {
  const legacyTables = ["ip", "ip6"].some((family) => contents(`/proc/net/${family}_tables_names`) !== "");
  try {
    const text = await nftProgram()(["-j", "list", "ruleset"], "");
    return { ruleset: { known: true, value: JSON.parse(text) as unknown }, legacyTables, hasNft: true };
  } catch (error) {
    const absent = error instanceof NftError && error.code === "absent";
    const why = `the rules of the packet filter cannot be listed: ${(error as Error).message}`;
    return { ruleset: { known: false, why }, legacyTables, hasNft: !absent };
  }
}

function contents(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "";
  }
}

import type { Link } from "ipvs-netlink";
import { type DesiredNetwork, desired } from "./desired.ts";
import type { Holding } from "./holding.ts";
import type { WantedObject } from "./network-object.ts";

/** What every holder would have, with the links that exist; worked out once for both. */
export interface NetworkPlan {
  readonly signature: string;
  readonly byHolder: ReadonlyMap<string, DesiredNetwork>;
  /** Holders of each identity. */
  readonly holdersOf: ReadonlyMap<string, readonly string[]>;
}

export const noPlan: NetworkPlan = { signature: "", byHolder: new Map(), holdersOf: new Map() };

/** What of the links the plan depends on. */
export function linkSignature(links: readonly Link[]): string {
  return links
    .map(({ index, name, details }) => `${index} ${name} ${details?.kind === "vrf" ? details.table : ""}`)
    .join();
}

/** Pure. */
export function networkPlan(holdings: readonly Holding[], links: readonly Link[]): NetworkPlan {
  const byHolder = new Map(holdings.map((holding) => [holding.holder, desired([holding], links)]));
  const holdersOf = new Map<string, string[]>();
  for (const [holder, { objects }] of byHolder) {
    for (const { text } of objects) {
      const holders = holdersOf.get(text);
      if (holders) holders.push(holder);
      else holdersOf.set(text, [holder]);
    }
  }
  return { signature: linkSignature(links), byHolder, holdersOf };
}

/** What the chosen holders come to together; every identity once. */
export function together({ byHolder }: NetworkPlan, isChosen: (holder: string) => boolean): DesiredNetwork {
  const objects = new Map<string, WantedObject>();
  const missing: DesiredNetwork["missing"][number][] = [];
  for (const [holder, network] of byHolder) {
    if (!isChosen(holder)) continue;
    for (const object of network.objects) if (!objects.has(object.text)) objects.set(object.text, object);
    missing.push(...network.missing);
  }
  return { objects: [...objects.values()], missing };
}

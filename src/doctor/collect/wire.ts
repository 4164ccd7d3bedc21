import type { AddressFamily } from "ipvs-netlink";
import type { AddressFacts, AddressHolders, HeardRouter, Known, LinkFacts, WireFacts } from "../facts.ts";
import type { Needs } from "../needs.ts";
import { macOctets } from "../wire/arp.ts";
import { askNeighbours } from "./ask-neighbours.ts";
import { listen } from "./listen.ts";

export interface WireOptions {
  readonly listenMs: number;
  /** Told what is waited for. */
  readonly onProgress: (what: string) => void;
}

/** Listens for adverts, then asks who has the virtual addresses, and those that adverts came from. */
export async function lookAtWire(
  needs: Needs,
  links: readonly LinkFacts[],
  addresses: readonly AddressFacts[],
  { listenMs, onProgress }: WireOptions,
): Promise<Known<WireFacts>> {
  const own = new Set(addresses.map(({ address }) => address));
  if (needs.listening.length > 0) onProgress(`listening for adverts for ${Math.ceil(listenMs / 1000)} s`);
  const { heard, deaf, problems } = await listen(needs.listening, links, own, listenMs);
  const questions = questionsOf(needs, heard, own);
  if (questions.length > 0) onProgress("asking who has the virtual addresses");
  const holders = await Promise.all(
    questions.map(async ({ interface: name, family, addresses: asked }) => {
      const link = links.find((each) => each.name === name);
      const mac = macOctets(link?.mac ?? "");
      if (link === undefined || mac === null || !link.up || link.loopback || link.noArp) return [];
      try {
        const answers = await askNeighbours({ name, index: link.index, mac }, family, asked);
        return [...answers].map(([address, macs]) => holdersOf(name, address, macs, links));
      } catch (error) {
        problems.push(`who has ${asked.join(", ")} on ${name} cannot be asked: ${(error as Error).message}`);
        return [];
      }
    }),
  );
  return { known: true, value: { listenedMs: listenMs, heard, deaf, problems, holders: holders.flat() } };
}

/** What we are ourselves is nobody else's: a VMAC of ours may answer. */
function holdersOf(
  name: string,
  address: string,
  macs: readonly string[],
  links: readonly LinkFacts[],
): AddressHolders {
  const ours = new Set(links.map(({ mac }) => mac));
  return { interface: name, address, macs: macs.filter((mac) => !ours.has(mac)) };
}

interface Question {
  readonly interface: string;
  readonly family: AddressFamily;
  readonly addresses: readonly string[];
}

function questionsOf({ virtualAddresses }: Needs, heard: readonly HeardRouter[], own: ReadonlySet<string>): Question[] {
  const names = [...new Set(virtualAddresses.map(({ interface: on }) => on))];
  return names.flatMap((name) =>
    (["inet", "inet6"] as const).flatMap((family) => {
      const virtual = virtualAddresses.filter((each) => each.interface === name && each.family === family);
      if (virtual.length === 0) return [];
      const routers = heard.filter((each) => each.family === family && (each.interface ?? name) === name);
      const all = [
        ...virtual.map(({ address }) => address),
        ...routers.map(({ source }) => source).filter((each) => !own.has(each)),
      ];
      return [{ interface: name, family, addresses: [...new Set(all)] }];
    }),
  );
}

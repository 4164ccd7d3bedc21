import { setTimeout as sleep } from "node:timers/promises";
import type { Decoded } from "../../vrrp/packet/decode-advert.ts";
import { ReceiveSocket } from "../../vrrp/process/receive-socket.ts";
import type { HeardRouter, LinkFacts } from "../facts.ts";
import type { Listening } from "../needs.ts";

/** Listens for adverts. `own`: addresses of this host, whose adverts are not counted. What cannot be listened to is a problem. */
export async function listen(
  places: readonly Listening[],
  links: readonly LinkFacts[],
  own: ReadonlySet<string>,
  forMs: number,
): Promise<{ readonly heard: HeardRouter[]; readonly problems: string[] }> {
  const heard = new Map<string, HeardRouter>();
  const problems: string[] = [];
  const sockets: ReceiveSocket[] = [];
  for (const place of places) {
    const link = links.find(({ name }) => name === place.interface);
    if (place.interface !== null && link?.up !== true) continue;
    try {
      const socket = openOn(place, link ?? null);
      sockets.push(socket);
      socket.watch(() => socket.receive((decoded) => note(decoded, place, own, heard)));
    } catch (error) {
      problems.push(`adverts on ${place.interface ?? "any interface"} cannot be heard: ${(error as Error).message}`);
    }
  }
  try {
    if (sockets.length > 0) await sleep(forMs);
    // What came while this process stood still.
    for (const [index, socket] of sockets.entries()) {
      const place =
        places.filter(({ interface: on }) => on === (socket.endpoint.interface?.name ?? null))[0] ?? places[index];
      if (place !== undefined) socket.receive((decoded) => note(decoded, place, own, heard));
    }
  } finally {
    for (const socket of sockets) {
      socket.unwatch();
      socket.close();
    }
  }
  return { heard: [...heard.values()], problems };
}

function openOn({ family, protocol, group }: Listening, link: LinkFacts | null): ReceiveSocket {
  return ReceiveSocket.open({
    ...{ family, protocol, receiveBufferBytes: null },
    interface: link && { name: link.name, index: link.index },
    groups: group === null ? [] : [group],
  });
}

function note(decoded: Decoded, place: Listening, own: ReadonlySet<string>, heard: Map<string, HeardRouter>): void {
  if (!decoded.ok || own.has(decoded.advert.source)) return;
  const { family, version, virtualRouterId, priority, advertMs, addresses, source, destination, authentication } =
    decoded.advert;
  heard.set(`${family} ${place.interface} ${virtualRouterId} ${source}`, {
    ...{
      family,
      version,
      virtualRouterId,
      priority,
      advertMs,
      addresses: [...addresses],
      source,
      destination,
      authentication,
    },
    interface: place.interface,
  });
}

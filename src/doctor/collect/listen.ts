import { setTimeout as sleep } from "node:timers/promises";
import type { Decoded } from "../../vrrp/packet/decode-advert.ts";
import { type Ear, lookEveryMs, deaf as nothing, ReceiveSocket } from "../../vrrp/process/receive-socket.ts";
import { decodePacket } from "../../vrrp/process/received-packet.ts";
import type { HeardRouter, LinkFacts } from "../facts.ts";
import type { Listening } from "../needs.ts";

interface Heard {
  readonly heard: HeardRouter[];
  readonly deaf: (string | null)[];
  readonly problems: string[];
}

/** Listens for adverts. `own`: addresses of this host, whose adverts are not counted. What cannot be listened to is a problem. */
export async function listen(
  places: readonly Listening[],
  links: readonly LinkFacts[],
  own: ReadonlySet<string>,
  forMs: number,
): Promise<Heard> {
  const heard = new Map<string, HeardRouter>();
  const problems: string[] = [];
  const deaf: (string | null)[] = [];
  const open: { readonly socket: ReceiveSocket; readonly receive: () => void }[] = [];
  for (const place of places) {
    const link = links.find(({ name }) => name === place.interface);
    if (place.interface !== null && link?.up !== true) {
      deaf.push(place.interface);
      continue;
    }
    try {
      const ear: Ear = { ...nothing, onPacket: (packet) => note(decodePacket(packet), place, own, heard) };
      const receive = () => socket.receive(ear);
      const socket: ReceiveSocket = openOn(place, link ?? null, receive);
      open.push({ socket, receive });
      socket.listen(lookEveryMs(0));
    } catch (error) {
      deaf.push(place.interface);
      problems.push(`adverts on ${place.interface ?? "any interface"} cannot be heard: ${(error as Error).message}`);
    }
  }
  try {
    if (open.length > 0) await sleep(forMs);
    // What came while this process stood still.
    for (const { receive } of open) receive();
  } finally {
    for (const { socket } of open) socket.close();
  }
  return { heard: [...heard.values()], deaf, problems };
}

function openOn({ family, protocol, group }: Listening, link: LinkFacts | null, onReadable: () => void): ReceiveSocket {
  const endpoint = {
    ...{ family, protocol, receiveBufferBytes: null },
    interface: link && { name: link.name, index: link.index, life: 0 },
    groups: group === null ? [] : [group],
  };
  return ReceiveSocket.open(endpoint, onReadable);
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

import {
  INET6_CONTROL_BYTES,
  SOCKADDR_BYTES,
  writeInet6Control,
  writeSocketAddress,
} from "../../sockets/socket-options.ts";
import type { AdvertSettings } from "../packet/advert.ts";
import {
  type EncodedAdvert,
  encodeAdvert,
  encodedBytes,
  signAdverts,
  stampAdvert,
  writePriority,
} from "../packet/encode-advert.ts";
import type { HmacKey } from "../packet/hmac-key.ts";
import { type AntiReplay, nextSequence, type Sequence } from "../packet/sequence.ts";
import type { PreparedPacket } from "./send-queue.ts";

/** How the adverts of an instance are signed. */
export interface Signing {
  readonly key: HmacKey;
  readonly antiReplay: AntiReplay;
  readonly timeWindowMs: number;
}

/** What an instance sends, and through which socket. */
export interface Sending {
  readonly fd: number;
  /** Interface that it goes out of; 0: as routed. */
  readonly ifindex: number;
  /** One for each destination. */
  readonly adverts: readonly AdvertSettings[];
  readonly signing: Signing | null;
}

/** The adverts of one instance, ready in the memory that all share. */
export class PreparedAdverts {
  readonly packets: readonly PreparedPacket[];
  readonly #encoded: readonly EncodedAdvert[];
  readonly #signing: Signing | null;
  #priority: number;
  #sequence: Sequence | null = null;

  private constructor(packets: readonly PreparedPacket[], encoded: readonly EncodedAdvert[], signing: Signing | null) {
    this.packets = packets;
    this.#encoded = encoded;
    this.#signing = signing;
    this.#priority = 0;
  }

  /** Octets that `lay` needs. */
  static bytes({ adverts }: Sending): number {
    return adverts.reduce((sum, settings) => sum + packetBytes(settings), 0);
  }

  /** Writes all adverts of an instance from `offset` on. @throws PacketError */
  static lay(memory: Buffer, offset: number, { fd, ifindex, adverts, signing }: Sending): PreparedAdverts {
    const packets: PreparedPacket[] = [];
    const encoded: EncodedAdvert[] = [];
    let at = offset;
    for (const settings of adverts) {
      const { family, source, destination, ttl } = settings;
      const advert = encodeAdvert(memory, at, settings, 0);
      const addressOffset = aligned(advert.end);
      const addressBytes = SOCKADDR_BYTES[family];
      writeSocketAddress(memory, addressOffset, family, destination, ifindex);
      const controlOffset = aligned(addressOffset + addressBytes);
      const controlBytes = family === "inet" ? 0 : INET6_CONTROL_BYTES;
      if (controlBytes > 0) writeInet6Control(memory, controlOffset, { source, ifindex, hopLimit: ttl });
      encoded.push(advert);
      packets.push({
        fd,
        offset: at,
        bytes: advert.end - at,
        addressOffset,
        addressBytes,
        controlOffset,
        controlBytes,
      });
      at += packetBytes(settings);
    }
    return new PreparedAdverts(packets, encoded, signing);
  }

  /** The last sequence number of signed adverts, which those after a change go on from. */
  get sequence(): Sequence | null {
    return this.#sequence;
  }

  /** Goes on from the adverts before a change, or from those of a predecessor. */
  continueFrom(before: Pick<PreparedAdverts, "sequence">): void {
    this.#sequence = before.sequence;
  }

  /** Whether `ready` uses up a number for authentication headers. */
  get isAuthenticated(): boolean {
    return this.#encoded.some(({ authenticationHeader }) => authenticationHeader !== null);
  }

  /** Gets the packets ready to be sent with this priority. The number is that of authentication headers, where there are any. */
  ready(priority: number, nowEpochMs: number, authenticationSequence: number): void {
    if (priority !== this.#priority) {
      for (const advert of this.#encoded) writePriority(advert, priority);
      this.#priority = priority;
    }
    if (this.#signing !== null) {
      this.#sequence = nextSequence(this.#sequence, nowEpochMs, this.#signing);
      signAdverts(this.#encoded, this.#signing.key, this.#sequence);
    }
    // Identification is not 0, with which the kernel would put one of its own: the signature covers it.
    for (const advert of this.#encoded) {
      if (advert.authenticationHeader === null) continue;
      stampAdvert(advert, authenticationSequence, (authenticationSequence % 0xffff) + 1);
    }
  }
}

function packetBytes(settings: AdvertSettings): number {
  const control = settings.family === "inet" ? 0 : INET6_CONTROL_BYTES;
  return aligned(encodedBytes(settings)) + aligned(SOCKADDR_BYTES[settings.family]) + aligned(control);
}

/** Control messages have to be. */
function aligned(bytes: number): number {
  return (bytes + 7) & ~7;
}

import { type NativeListener, native } from "ipvs-netlink";
import { checked } from "../../sockets/system-call-error.ts";
import type { RouterState } from "../machine/state.ts";
import type { AcceptSettings, AcceptState } from "../packet/accept-advert.ts";
import type { ReceivedPacket } from "./received-packet.ts";
import type { Router } from "./router.ts";

/** An advert that a router took in, and that changed nothing: neither what it remembers of adverts, nor its machine. */
export interface KnownAdvert {
  readonly router: number;
  readonly settings: AcceptSettings;
  readonly accept: AcceptState;
  readonly state: RouterState;
}

/** A known advert has come again: how often since the last time that this was told, and when last. */
export type OnAgain = (known: KnownAdvert, times: number, arrivedMs: number) => void;

/** {key, times, arrivedMs} in a row. */
const heardFields = 3;
const heard = new Float64Array(256 * heardFields);

// Of an IPv4 header (RFC 791 section 3.1) identification and checksum are others each time; options would move the rest.
const withoutOptions = 0x45;
const virtualRouterIdOfIpv4 = 21;
const changingOctets = [4, 5, 6, 7, 10, 11];
/** Where an advert has its VRID, from the start of what a raw socket of this family gives. */
export const virtualRouterIdAt = { inet: virtualRouterIdOfIpv4, inet6: 1 } as const;
/** In a row of addresses, from the sender's address to the end. */
const addressRow = { before: 8, bytes: 128 } as const;

/**
 * The last such advert of each VRID on one socket. A master says the same again and again: with the same octets, the same settings
 * and the same states before it, reading, judging and deciding come to what they came to before, and need not be done. Who listens
 * recognizes it (native/known-packets.h); here is what it was recognized by, which has to be reviewed after whatever happens.
 */
export class KnownAdverts {
  readonly #listener: NativeListener;
  readonly #byId = new Map<number, KnownAdvert>();

  constructor(listener: NativeListener) {
    this.#listener = listener;
  }

  /** What a signature or a sequence number makes another each time is not worth it. */
  learn(
    virtualRouterId: number,
    router: number,
    { accept, acceptSettings }: Router,
    state: RouterState,
    { family, data, start, end, addresses, sourceAt, hopLimit }: ReceivedPacket,
  ): void {
    const octets = data.subarray(start, end);
    if (acceptSettings === null || (family === "inet" && octets[0] !== withoutOptions)) return;
    const mask = new Uint8Array(octets.length).fill(0xff);
    if (family === "inet") for (const at of changingOctets) mask[at] = 0;
    const row = addresses.subarray(sourceAt - addressRow.before, sourceAt - addressRow.before + addressRow.bytes);
    checked(native().knowPacket(this.#listener, virtualRouterId, octets, mask, row, hopLimit), "knowPacket", "adverts");
    this.#byId.set(virtualRouterId, { router, settings: acceptSettings, accept, state });
  }

  forget(): void {
    this.review(() => false);
  }

  /** Forgets those that could come to something else now. To be called before anything more is received. */
  review(isStill: (known: KnownAdvert) => boolean): void {
    for (const [id, known] of this.#byId) {
      if (isStill(known)) continue;
      native().forgetPacket(this.#listener, id);
      this.#byId.delete(id);
    }
  }

  /** Tells what has come again since the last call. To be called before anything else happens to a router. */
  take(onAgain: OnAgain): void {
    const rows = native().takeHeard(this.#listener, heard);
    for (let row = 0; row < rows * heardFields; row += heardFields) {
      const known = this.#byId.get(heard[row] as number);
      if (known !== undefined) onAgain(known, heard[row + 1] as number, heard[row + 2] as number);
    }
  }
}

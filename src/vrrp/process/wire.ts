import { native } from "ipvs-netlink";
import type { VrrpInstance } from "../../config/vrrp-model.ts";
import { PreparedAdverts, type Sending } from "./prepared-adverts.ts";
import {
  type BoundLink,
  endpointKey,
  type Hearer,
  lookEveryMs,
  type ReceiveEndpoint,
  ReceiveSocket,
} from "./receive-socket.ts";
import { SendQueue } from "./send-queue.ts";
import { openSendSocket, type SendEndpoint, sendKey } from "./send-socket.ts";

/** How one instance is on the wire now. */
export interface Station {
  readonly instance: VrrpInstance;
  /** Adverts go out and come in here; null: wherever routing says. */
  readonly link: BoundLink | null;
  /** Null: it cannot send. */
  readonly sending: Omit<Sending, "fd" | "ifindex"> | null;
  readonly receiveBufferBytes: number | null;
}

export interface WireOptions {
  /** Something has come in on this socket. */
  readonly onReadable: (socket: ReceiveSocket) => void;
  readonly onError: (instance: string, message: string) => void;
}

/** All sockets of adverts, and the packets to send: rebuilt when the configuration, an interface or an address changes. */
export class Wire {
  readonly #options: WireOptions;
  readonly #receivers = new Map<string, ReceiveSocket>();
  readonly #senders = new Map<string, number>();
  readonly #listeners = new Map<Hearer, Map<number, number[]>>();
  #adverts: readonly (PreparedAdverts | null)[] = [];
  #names: readonly string[] = [];
  #queue = new SendQueue<number>(Buffer.alloc(0));
  /** What could not be opened. */
  #failures = new Set<string>();
  #failuresBefore: ReadonlySet<string> = new Set();
  #listens = true;
  /** Between looks where many come. */
  #lookMs = lookEveryMs(0);

  constructor(options: WireOptions) {
    this.#options = options;
  }

  get sockets(): IterableIterator<ReceiveSocket> {
    return this.#receivers.values();
  }

  /** Something could not be opened; the next `configure` tries again (Wiring). */
  get hasFailed(): boolean {
    return this.#failures.size > 0;
  }

  /** The stations by the number of their router. What cannot be opened is told, once while it lasts, and its instance is without. */
  configure(stations: readonly Station[]): void {
    this.#failuresBefore = this.#failures;
    this.#failures = new Set();
    const before = new Map(this.#names.map((name, router) => [name, this.#adverts[router] ?? null]));
    this.#lookMs = lookEveryMs(Math.min(...stations.map(({ instance }) => instance.advertMs)));
    this.#listen(stations);
    this.listens(this.#listens);
    const sendings = stations.map((station) => this.#sendingOf(station));
    this.#closeUnusedSenders(stations);
    const bytes = sendings.reduce((sum, sending) => sum + (sending === null ? 0 : PreparedAdverts.bytes(sending)), 0);
    const memory = Buffer.alloc(bytes);
    let offset = 0;
    this.#adverts = sendings.map((sending, router) => {
      if (sending === null) return null;
      const adverts = PreparedAdverts.lay(memory, offset, sending);
      offset += PreparedAdverts.bytes(sending);
      const last = before.get(stations[router]?.instance.name ?? "");
      if (last) adverts.continueFrom(last);
      return adverts;
    });
    this.#names = stations.map(({ instance }) => instance.name);
    this.#queue = new SendQueue(memory);
  }

  advertsOf(router: number): PreparedAdverts | null {
    return this.#adverts[router] ?? null;
  }

  /** Which routers listen on a socket for a VRID. */
  listeners(socket: Hearer, virtualRouterId: number): readonly number[] {
    return this.#listeners.get(socket)?.get(virtualRouterId) ?? nobody;
  }

  /** Whether what comes in is told (`onReadable`), or only there when `receive` is called. */
  listens(listens: boolean): void {
    this.#listens = listens;
    for (const socket of this.#receivers.values()) {
      if (listens) socket.listen(this.#lookMs);
      else socket.unlisten();
    }
  }

  /** To be sent with the next flush. The packets are as `PreparedAdverts.ready` left them. */
  queue(router: number): void {
    for (const packet of this.#adverts[router]?.packets ?? []) this.#queue.add(packet, router);
  }

  flush(onResult: (router: number, errno: string | null) => void): void {
    this.#queue.flush(onResult);
  }

  close(): void {
    for (const socket of this.#receivers.values()) socket.close();
    for (const fd of this.#senders.values()) native().close(fd);
    this.#receivers.clear();
    this.#senders.clear();
    this.#listeners.clear();
  }

  #listen(stations: readonly Station[]): void {
    const wanted = new Map<string, { endpoint: ReceiveEndpoint; routers: number[] }>();
    const groups = groupsByPlace(stations);
    for (const [router, station] of stations.entries()) {
      for (const endpoint of endpointsOf(station, groups)) {
        const key = endpointKey(endpoint);
        const found = wanted.get(key);
        if (found) found.routers.push(router);
        else wanted.set(key, { endpoint, routers: [router] });
      }
    }
    for (const [key, socket] of this.#receivers) {
      if (wanted.has(key)) continue;
      socket.close();
      this.#receivers.delete(key);
    }
    this.#listeners.clear();
    for (const [key, { endpoint, routers }] of wanted) {
      const socket = this.#receivers.get(key) ?? this.#open(key, endpoint, routers, stations);
      if (socket === null) continue;
      // Their routers may have other numbers now.
      socket.known.forget();
      const byId = Map.groupBy(routers, (router) => stations[router]?.instance.virtualRouterId ?? 0);
      this.#listeners.set(socket, byId);
    }
  }

  #open(
    key: string,
    endpoint: ReceiveEndpoint,
    routers: readonly number[],
    stations: readonly Station[],
  ): ReceiveSocket | null {
    try {
      const socket: ReceiveSocket = ReceiveSocket.open(endpoint, () => this.#options.onReadable(socket));
      this.#receivers.set(key, socket);
      return socket;
    } catch (error) {
      for (const router of routers) this.#fail(stations[router]?.instance.name ?? "", error);
      return null;
    }
  }

  #sendingOf({ instance, link, sending }: Station): Sending | null {
    if (sending === null) return null;
    const endpoint: SendEndpoint = { family: instance.family, interface: link };
    try {
      const key = sendKey(endpoint);
      const fd = this.#senders.get(key) ?? openSendSocket(endpoint);
      this.#senders.set(key, fd);
      return { ...sending, fd, ifindex: link?.index ?? 0 };
    } catch (error) {
      this.#fail(instance.name, error);
      return null;
    }
  }

  #closeUnusedSenders(stations: readonly Station[]): void {
    const used = new Set(stations.map(({ instance, link }) => sendKey({ family: instance.family, interface: link })));
    for (const [key, fd] of this.#senders) {
      if (used.has(key)) continue;
      native().close(fd);
      this.#senders.delete(key);
    }
  }

  #fail(instance: string, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    const failure = `${instance}: ${message}`;
    this.#failures.add(failure);
    if (!this.#failuresBefore.has(failure)) this.#options.onError(instance, message);
  }
}

const nobody: readonly number[] = [];

/** The sockets of an instance; those that share an interface and a family share the groups that any of them wants. */
function endpointsOf(station: Station, groups: ReadonlyMap<string, ReadonlySet<string>>): ReceiveEndpoint[] {
  const { instance, link, receiveBufferBytes } = station;
  const { family, authentication } = instance;
  // A unicast instance with an interface has it bound; one that could not be resolved yet waits.
  if (link === null && instance.interface !== null) return [];
  const protocol = authentication?.type === "AH" ? 51 : 112;
  return [
    { family, protocol, interface: link, groups: [...(groups.get(placeOf(station)) ?? [])].sort(), receiveBufferBytes },
  ];
}

const placeOf = ({ instance, link }: Station) => `${instance.family} ${link?.index}`;

function groupsByPlace(stations: readonly Station[]): ReadonlyMap<string, ReadonlySet<string>> {
  const groups = new Map<string, Set<string>>();
  for (const station of stations) {
    const { transport } = station.instance;
    if (transport.kind !== "multicast") continue;
    const place = placeOf(station);
    const there = groups.get(place);
    if (there) there.add(transport.group);
    else groups.set(place, new Set([transport.group]));
  }
  return groups;
}

import { CONTROL_BYTES, type ControlPacket, type SessionState } from "../../packet/control-packet.ts";
import { decodeControlPacket } from "../../packet/decode.ts";
import { encodeControlPacket } from "../../packet/encode.ts";
import type { SessionEvent } from "../event.ts";
import { dueMs, newSession, type Session, type SessionSettings, txIntervalUs } from "../session.ts";
import { step } from "../step.ts";

/** A direction of the link. */
export interface Path {
  /** 0 to 1. */
  readonly loss: number;
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
}

export const perfect: Path = { loss: 0, minDelayMs: 0.1, maxDelayMs: 0.5 };
export const blackhole: Path = { ...perfect, loss: 1 };

interface Peer {
  session: Session;
  readonly changes: { readonly atMs: number; readonly to: SessionState }[];
  /** Periodic packets came sooner after one another than the machine's own interval allows. */
  tooSoon: number;
  lastPeriodicMs: number;
}

/** Two sessions on a link whose directions lose and delay packets; time is that of events. */
export class World {
  nowMs = 0;
  readonly peers: readonly [Peer, Peer];
  readonly #random: () => number;
  #paths: readonly [Path, Path] = [perfect, perfect];
  #flying: { readonly atMs: number; readonly to: 0 | 1; readonly octets: Buffer }[] = [];

  constructor(settings: readonly [SessionSettings, SessionSettings], random: () => number) {
    this.#random = random;
    const peer = (index: 0 | 1): Peer => ({
      session: newSession(settings[index], 100 + index, 0),
      changes: [],
      tooSoon: 0,
      lastPeriodicMs: Number.NEGATIVE_INFINITY,
    });
    this.peers = [peer(0), peer(1)];
  }

  /** From 0 to 1, and back. What flies already arrives. */
  setPaths(there: Path, back: Path = there): void {
    this.#paths = [there, back];
  }

  get states(): readonly [SessionState, SessionState] {
    return [this.peers[0].session.state, this.peers[1].session.state];
  }

  /** The process is killed and another one takes its place: it knows nothing. */
  restart(index: 0 | 1, discriminator: number): void {
    const peer = this.peers[index];
    peer.session = newSession(peer.session.settings, discriminator, this.nowMs);
  }

  happens(index: 0 | 1, event: SessionEvent): void {
    const peer = this.peers[index];
    const intervalMs = (txIntervalUs(peer.session) ?? 0) / 1000;
    const { session, actions } = step(peer.session, event, this.nowMs, this.#random);
    const changed = actions.some(({ type }) => type === "changed");
    peer.session = session;
    for (const action of actions) {
      if (action.type === "changed") peer.changes.push({ atMs: this.nowMs, to: action.change.to });
      if (action.type !== "send") continue;
      if (event.type === "tick" && !changed) {
        if (this.nowMs - peer.lastPeriodicMs < intervalMs * 0.75 - 0.001) peer.tooSoon++;
        peer.lastPeriodicMs = this.nowMs;
      }
      this.#send(index, action.packet);
    }
  }

  /** Until that moment, or until it holds; says whether it does. */
  run(untilMs: number, holds: () => boolean = () => false): boolean {
    while (!holds()) {
      const arrival = this.#flying.reduce((first, each) => Math.min(first, each.atMs), Number.POSITIVE_INFINITY);
      const due = this.peers.map(({ session }) => dueMs(session));
      const nextMs = Math.min(arrival, ...due);
      if (nextMs > untilMs) {
        this.nowMs = untilMs;
        return holds();
      }
      this.nowMs = Math.max(this.nowMs, nextMs);
      const index = this.#flying.findIndex(({ atMs }) => atMs === nextMs);
      if (index >= 0) this.#arrive(index);
      else this.happens(due[0] === nextMs ? 0 : 1, { type: "tick" });
    }
    return true;
  }

  #arrive(index: number): void {
    const [flying] = this.#flying.splice(index, 1);
    if (flying === undefined) return;
    const { to, octets } = flying;
    const decoded = decodeControlPacket(octets, 0, octets.length);
    if (!decoded.ok) throw new Error(`${decoded.rejection.kind} in flight`);
    const { packet } = decoded;
    // What the shell looks at: the discriminator of a session that is no more.
    const isKnown = packet.yourDiscriminator === 0 || packet.yourDiscriminator === this.peers[to].session.discriminator;
    if (isKnown) this.happens(to, { type: "packet", packet });
  }

  #send(from: 0 | 1, packet: ControlPacket): void {
    const { loss, minDelayMs, maxDelayMs } = this.#paths[from];
    if (this.#random() < loss) return;
    const octets = Buffer.alloc(CONTROL_BYTES);
    encodeControlPacket(packet, octets);
    const to = from === 0 ? 1 : 0;
    // Packets do not overtake one another: BFD counts on it, as paths keep the order of a flow.
    const lastMs = this.#flying.reduce((last, each) => (each.to === to ? Math.max(last, each.atMs) : last), 0);
    const atMs = this.nowMs + minDelayMs + this.#random() * (maxDelayMs - minDelayMs);
    this.#flying.push({ atMs: Math.max(lastMs, atMs), to, octets });
  }
}

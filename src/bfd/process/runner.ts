import { randomInt } from "node:crypto";
import { native } from "ipvs-netlink";
import type { BfdInstance, BfdModel } from "../../config/bfd-model.ts";
import { SaidLately } from "../../log/said-lately.ts";
import type { SessionEvent } from "../machine/event.ts";
import { dueMs, newSession, type Session } from "../machine/session.ts";
import { step } from "../machine/step.ts";
import type { ControlPacket } from "../packet/control-packet.ts";
import type { Rejection } from "../packet/rejection.ts";
import type { BfdEvent } from "./bfd-event.ts";
import { receive } from "./receive.ts";
import { ReceiveSocket } from "./receive-socket.ts";
import { SendSocket } from "./send-socket.ts";
import { endpointsOf, portOf, sameSession } from "./session-place.ts";
import { newCounters, type SessionCounters, type SessionView, sessionView } from "./session-view.ts";

export interface RunnerOptions {
  readonly onEvents: (events: readonly BfdEvent[]) => void;
  /** Views of the sessions whose state, or what trackers go by, is another one. */
  readonly onViews: (views: readonly SessionView[]) => void;
}

/** What a successor goes on from: plain data. Moments are of CLOCK_BOOTTIME, which all processes share. */
export interface SessionSnapshot {
  readonly instance: BfdInstance;
  readonly session: Session;
  readonly counters: SessionCounters;
  readonly since: { readonly ms: number; readonly epochMs: number };
  /** Until when packets were heard. */
  readonly heardUntilMs: number;
}

/** A session and what it needs. */
interface Running {
  instance: BfdInstance;
  session: Session;
  /** Null: it could not be opened, and is tried again with the next packet. */
  sender: SendSocket | null;
  /** What the last packet failed with. */
  errno: string | null;
  readonly counters: SessionCounters;
  /** When its state was entered, by both clocks: worked out once, as they are never read at the same moment. */
  since: { readonly ms: number; readonly epochMs: number };
}

/** How often a thing that may come with every packet is logged. */
const quietMs = 60_000;
/** How soon what could not be opened is tried again. */
const retryMs = 2_000;

/** Runs the sessions: owns the timer and the sockets, feeds events in, carries actions out, and decides nothing. */
export class BfdRunner {
  readonly #options: RunnerOptions;
  readonly #timerFd: number;
  readonly #receivers = new Map<string, ReceiveSocket>();
  readonly #said = new SaidLately(quietMs);
  #sessions: Running[] = [];
  #events: BfdEvent[] = [];
  readonly #changed = new Set<Running>();
  #armedMs = Number.POSITIVE_INFINITY;
  #worstLateMs = 0;
  #retryTimer: NodeJS.Timeout | null = null;

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#timerFd = native().openTimer();
    native().watch(this.#timerFd, 1, () => this.#wake(null));
  }

  /** Goes on with the sessions of a predecessor, before the first `configure`. Nobody listened between the two: that time is given on top. */
  inherit(sessions: readonly SessionSnapshot[]): void {
    const nowMs = native().bootTime();
    this.#sessions = sessions.map(({ instance, session, counters, since, heardUntilMs }) => ({
      instance,
      session: { ...session, detectAtMs: session.detectAtMs + Math.max(0, nowMs - heardUntilMs) },
      sender: null,
      errno: null,
      counters,
      since,
    }));
  }

  /** Ends without a word, for a successor. Only `close` may follow. */
  handOver(): SessionSnapshot[] {
    this.#wake(null);
    native().setTimer(this.#timerFd, -1);
    const heardUntilMs = native().bootTime();
    return this.#sessions.map(({ instance, session, counters, since }) => {
      return { instance, session, counters, since, heardUntilMs };
    });
  }

  /** Sessions that stay the same go on under their new settings; the others are told to their neighbours as taken down. */
  configure({ instances }: BfdModel): void {
    const nowMs = native().bootTime();
    const before = this.#sessions;
    const kept = new Set<Running>();
    this.#sessions = instances.map((instance) => {
      const running = before.find((each) => sameSession(each.instance, instance));
      if (running !== undefined) kept.add(running);
      return running ?? this.#begin(instance, nowMs);
    });
    for (const running of before) if (!kept.has(running)) this.#end(running, nowMs);
    this.#listen();
    for (const [index, running] of this.#sessions.entries()) {
      const instance = instances[index] as BfdInstance;
      // The next packet opens it with the new TTL.
      if (instance.ttl !== running.instance.ttl) this.#closeSender(running);
      running.instance = instance;
      if (kept.has(running)) this.#step(running, { type: "reconfigure", settings: instance }, nowMs);
      this.#changed.add(running);
    }
    this.#finish();
  }

  /** Tells all neighbours that the sessions are taken down. */
  shutdown(): void {
    const nowMs = native().bootTime();
    for (const running of this.#sessions) this.#step(running, { type: "shutdown" }, nowMs);
    this.#finish();
  }

  close(): void {
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    for (const socket of this.#receivers.values()) socket.close();
    for (const running of this.#sessions) this.#closeSender(running);
    native().unwatch(this.#timerFd);
    native().close(this.#timerFd);
  }

  views(): SessionView[] {
    return this.#sessions.map((running) => this.#view(running));
  }

  /** The worst lateness of a timer since it was last asked for. */
  takeWorstLateMs(): number {
    const worst = this.#worstLateMs;
    this.#worstLateMs = 0;
    return worst;
  }

  /** What has come in counts before silence does: this process may be late. */
  #wake(readable: ReceiveSocket | null): void {
    const nowMs = native().bootTime();
    this.#worstLateMs = Math.max(this.#worstLateMs, nowMs - this.#armedMs);
    const isSilenceDue = this.#sessions.some(({ session }) => session.detectAtMs <= nowMs);
    if (isSilenceDue) for (const socket of this.#receivers.values()) this.#receive(socket, nowMs);
    else if (readable !== null) this.#receive(readable, nowMs);
    for (const running of this.#sessions) {
      if (dueMs(running.session) <= nowMs) this.#step(running, { type: "tick" }, nowMs);
    }
    this.#finish();
  }

  #receive(socket: ReceiveSocket, nowMs: number): void {
    socket.receive((arrival) => {
      const { to, verdict } = receive(this.#sessions, arrival);
      if (to !== null) to.counters.received++;
      if (verdict.ok) this.#step(to as Running, { type: "packet", packet: verdict.packet }, nowMs);
      else this.#discard(to, arrival.source, verdict.rejection, nowMs);
    });
  }

  #discard(to: Running | null, source: string, rejection: Rejection, nowMs: number): void {
    if (to !== null) to.counters.discarded++;
    const session = to?.instance.name ?? null;
    if (!this.#said.isDue(`${session ?? source} ${rejection.kind}`, nowMs)) return;
    this.#events.push({ type: "discarded", session, source, rejection });
  }

  #step(running: Running, event: SessionEvent, nowMs: number): void {
    const { session, actions } = step(running.session, event, nowMs, Math.random);
    running.session = session;
    const { name, neighbor } = running.instance;
    for (const action of actions) {
      switch (action.type) {
        case "send":
          this.#send(running, action.packet);
          break;
        case "changed":
          if (action.change.to === "up") running.counters.cameUp++;
          if (action.change.from === "up") running.counters.wentDown++;
          this.#events.push({ type: "changed", session: name, change: action.change });
          this.#changed.add(running);
          break;
        case "settled":
          this.#events.push({ type: "settled", session: name });
          this.#changed.add(running);
          break;
        case "discarded":
          this.#discard(running, neighbor, action.rejection, nowMs);
      }
    }
  }

  #send(running: Running, packet: ControlPacket): void {
    running.sender ??= this.#openSender(running.instance);
    const errno = running.sender === null ? "socket" : running.sender.send(packet);
    if (errno === null) running.counters.sent++;
    else running.counters.sendErrors++;
    if (errno === running.errno) return;
    const session = running.instance.name;
    if (errno === null) this.#events.push({ type: "send_works", session });
    else if (running.sender !== null) this.#events.push({ type: "send_failed", session, errno });
    running.errno = errno;
  }

  #begin(instance: BfdInstance, nowMs: number): Running {
    const session = newSession(instance, this.#freeDiscriminator(), nowMs);
    return {
      instance,
      session,
      sender: null,
      errno: null,
      counters: newCounters(),
      since: { ms: nowMs, epochMs: Date.now() },
    };
  }

  #end(running: Running, nowMs: number): void {
    this.#step(running, { type: "shutdown" }, nowMs);
    this.#changed.delete(running);
    this.#closeSender(running);
  }

  #freeDiscriminator(): number {
    for (;;) {
      const discriminator = randomInt(1, 2 ** 32);
      if (this.#sessions.every(({ session }) => session.discriminator !== discriminator)) return discriminator;
    }
  }

  /** The sockets that the sessions need. What cannot be opened is told, and tried again. */
  #listen(): void {
    const wanted = endpointsOf(this.#sessions.map(({ instance }) => instance));
    for (const [key, socket] of this.#receivers) {
      if (wanted.has(key)) continue;
      socket.close();
      this.#receivers.delete(key);
    }
    for (const [key, endpoint] of wanted) {
      if (this.#receivers.has(key)) continue;
      try {
        const socket: ReceiveSocket = ReceiveSocket.open(endpoint, () => this.#wake(socket));
        this.#receivers.set(key, socket);
      } catch (error) {
        this.#socketFailed(error);
        this.#retryTimer ??= setTimeout(() => {
          this.#retryTimer = null;
          this.#listen();
          this.#finish();
        }, retryMs);
      }
    }
  }

  #openSender(instance: BfdInstance): SendSocket | null {
    try {
      return SendSocket.open(instance, portOf(instance));
    } catch (error) {
      this.#socketFailed(error);
      return null;
    }
  }

  #closeSender(running: Running): void {
    running.sender?.close();
    running.sender = null;
  }

  #socketFailed(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (this.#said.isDue(message, native().bootTime())) this.#events.push({ type: "socket_failed", message });
  }

  #finish(): void {
    const earliestMs = this.#sessions.reduce(
      (earliest, { session }) => Math.min(earliest, dueMs(session)),
      Number.POSITIVE_INFINITY,
    );
    // Set again also when it is the same: a timer that went off stays readable until then.
    this.#armedMs = earliestMs;
    native().setTimer(this.#timerFd, earliestMs === Number.POSITIVE_INFINITY ? -1 : earliestMs);
    const events = this.#events;
    this.#events = [];
    if (this.#changed.size > 0) {
      const views = [...this.#changed].map((running) => this.#view(running));
      this.#changed.clear();
      this.#options.onViews(views);
    }
    if (events.length > 0) this.#options.onEvents(events);
  }

  #view(running: Running): SessionView {
    const { instance, session, counters } = running;
    if (running.since.ms !== session.sinceMs) {
      const epochMs = Math.round(Date.now() - (native().bootTime() - session.sinceMs));
      running.since = { ms: session.sinceMs, epochMs };
    }
    return sessionView(instance, session, counters, running.since.epochMs);
  }
}

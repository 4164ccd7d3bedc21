import type { RemoteInfo, Socket } from "node:dgram";
import type { DestinationState } from "./destination-state.ts";
import { countFailure, type ForwarderContext } from "./forwarder.ts";

/** ip_vs_proto_udp.c, udp_timeouts. */
const silenceS = 300;
/** How long a session whose destination was removed still carries answers. */
const leavingS = 5;
/** Datagrams kept while the socket is being connected, which takes two turns of the event loop. */
const maxWaiting = 64;

export interface UdpSessionOptions {
  readonly context: ForwarderContext;
  readonly destination: DestinationState;
  /** Unbound; becomes the session's. */
  readonly socket: Socket;
  readonly client: RemoteInfo;
  /** The service's socket, from which the client is answered. */
  readonly service: Socket;
}

/** What one client address and port and one destination send each other. */
export class UdpSession {
  readonly destination: DestinationState;
  readonly #options: UdpSessionOptions;
  readonly #waiting: Buffer[] = [];
  #connected = false;
  #closed = false;
  #expiresS: number;

  constructor(options: UdpSessionOptions) {
    const { context, destination, socket, client, service } = options;
    this.#options = options;
    this.destination = destination;
    this.#expiresS = context.nowS() + silenceS;
    // IPVS counts UDP as inactive: the protocol has no connections.
    destination.open("inactive");
    // ECONNREFUSED is the destination's ICMP answer to an earlier datagram. The session stays, as it does in IPVS.
    socket.on("error", (error) => countFailure(context.failures, error));
    socket.on("connect", () => {
      this.#connected = true;
      for (const datagram of this.#waiting.splice(0)) this.#forward(datagram);
    });
    socket.on("message", (datagram) => {
      this.#touch();
      context.state.meter.sent(datagram.length);
      destination.meter.sent(datagram.length);
      // Source port 0 is legal and means that no answer is wanted (RFC 768); send() would throw.
      if (client.port !== 0) service.send(datagram, client.port, client.address, () => {});
    });
    socket.connect(
      destination.settings.port === 0 ? context.key.port : destination.settings.port,
      destination.settings.address,
    );
  }

  send(datagram: Buffer): void {
    const { context } = this.#options;
    this.#touch();
    context.state.meter.received(datagram.length);
    this.destination.meter.received(datagram.length);
    if (this.#connected) this.#forward(datagram);
    else if (this.#waiting.length < maxWaiting) this.#waiting.push(datagram);
  }

  /** The destination is no longer in the table. */
  leave(nowS: number): void {
    this.#expiresS = nowS + leavingS;
  }

  expired(nowS: number): boolean {
    return nowS >= this.#expiresS;
  }

  close(nowS: number): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#options.socket.close();
    this.destination.close("inactive", 0, nowS);
  }

  #touch(): void {
    if (this.destination.inTable) this.#expiresS = this.#options.context.nowS() + silenceS;
  }

  #forward(datagram: Buffer): void {
    if (this.#closed) return;
    this.#options.socket.send(datagram, (error) => {
      if (error !== null) countFailure(this.#options.context.failures, error);
    });
  }
}

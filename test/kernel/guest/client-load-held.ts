import { Agent, type ClientRequestArgs } from "node:http";
import type { Duplex } from "node:stream";

/** Opens one connection, ever: once that is lost, every further request fails with "connection lost". */
export class HeldConnection extends Agent {
  #opened = false;

  constructor() {
    super({ keepAlive: true, maxSockets: 1 });
  }

  override createConnection(
    options: ClientRequestArgs,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    if (!this.#opened) {
      this.#opened = true;
      return super.createConnection(options, callback);
    }
    // Its type wants a stream along with an error; Node looks at the error first.
    (callback as ((error: Error) => void) | undefined)?.(new Error("connection lost"));
    return undefined;
  }
}

import { acceptSettingsOf } from "../packet/settings-of-instance.ts";
import { asOnWire, type Router } from "./router.ts";
import type { Surroundings } from "./surroundings.ts";
import type { Wire } from "./wire.ts";

export interface WiringOptions {
  readonly wire: Pick<Wire, "configure" | "hasFailed">;
  readonly surroundings: Pick<Surroundings, "haveMoved" | "sourceOf" | "stationOf">;
  /** What waits to be sent goes out with the packets that there are. */
  readonly flush: () => void;
  /** It may work now. */
  readonly onRetry: () => void;
}

/** Nobody says when descriptors or memory are there again; an instance without a socket hears nobody. */
const retryMs = 1_000;

/** Keeps sockets and packets as interfaces and addresses are. */
export class Wiring {
  readonly #options: WiringOptions;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: WiringOptions) {
    this.#options = options;
  }

  /** Sockets and packets as interfaces and addresses are now. What could not be opened is tried again soon. */
  renew(routers: readonly Router[]): void {
    const { wire, surroundings, flush, onRetry } = this.#options;
    for (const router of routers) {
      const source = surroundings.sourceOf(router.instance);
      router.acceptSettings = source === null ? null : acceptSettingsOf(asOnWire(router), source, router.keys);
    }
    flush();
    wire.configure(routers.map((router) => surroundings.stationOf(asOnWire(router), router.keys)));
    this.close();
    if (wire.hasFailed) this.#timer = setTimeout(onRetry, retryMs);
  }

  /** Where they are others than before, or something could not be opened then. */
  renewIfNeeded(routers: readonly Router[]): void {
    if (this.#options.surroundings.haveMoved() || this.#options.wire.hasFailed) this.renew(routers);
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}

import { NetlinkError } from "../errors.ts";
import { openSocketTransport, type WatchedTransport } from "../netlink/socket-transport.ts";
import { CN_IDX_PROC, decodeProcessEvent, encodeListenRequest, type ProcessEvent } from "./process-event.ts";

export interface ProcessMonitorOptions {
  /** Only the initial network namespace is told; e.g. that of process 1. */
  readonly netns?: string | undefined;
  readonly receiveBufferBytes?: number | undefined;
  /** Whether that may exceed net.core.rmem_max; default true. */
  readonly receiveBufferForced?: boolean | undefined;
  /** Events in order. "lost": more happened than the receive buffer holds, only a look at /proc tells what is. */
  readonly onEvents: (events: readonly (ProcessEvent | { readonly kind: "lost" })[]) => void;
  /** The socket failed: nothing more will come. */
  readonly onError: (error: NetlinkError) => void;
}

/** NETLINK_CONNECTOR of linux/netlink.h. */
const NETLINK_CONNECTOR = 11;
/** Batches of datagrams per wake-up. */
const RECEIVES_PER_WAKE_UP = 32;

/** Listens to the kernel's events about processes (cn_proc) until closed. The first event tells that it does; none: it cannot. */
export class ProcessMonitor {
  readonly #transport: WatchedTransport;
  readonly #options: ProcessMonitorOptions;

  private constructor(transport: WatchedTransport, options: ProcessMonitorOptions) {
    this.#transport = transport;
    this.#options = options;
    transport.watch(() => this.#receive());
  }

  /** Throws NetlinkError `addon-not-built` or `system-call` (ECONNREFUSED outside of the initial network namespace). */
  static open(options: ProcessMonitorOptions): ProcessMonitor {
    const { netns, receiveBufferBytes, receiveBufferForced } = options;
    const groups = [CN_IDX_PROC];
    const socket = { protocol: NETLINK_CONNECTOR, netns, groups, receiveBufferBytes, receiveBufferForced };
    const transport = openSocketTransport(socket);
    try {
      transport.send(encodeListenRequest());
      return new ProcessMonitor(transport, options);
    } catch (error) {
      transport.close();
      throw error;
    }
  }

  close(): void {
    this.#transport.close();
  }

  #receive(): void {
    const events: (ProcessEvent | { readonly kind: "lost" })[] = [];
    for (let round = 0; round < RECEIVES_PER_WAKE_UP; round++) {
      try {
        const count = this.#transport.receive("many-short", (memory, start, end) => {
          const event = decodeProcessEvent(memory, start, end);
          if (event !== null) events.push(event);
        });
        if (count === 0) break;
      } catch (error) {
        if (!(error instanceof NetlinkError)) throw error;
        if (error.code === "overrun") {
          events.push({ kind: "lost" });
          continue;
        }
        this.#transport.close();
        if (events.length > 0) this.#options.onEvents(events);
        this.#options.onError(error);
        return;
      }
    }
    if (events.length > 0) this.#options.onEvents(events);
  }
}

import { NetlinkError, RtnetlinkClient, RtnetlinkMonitor } from "ipvs-netlink";
import type { Model } from "../../config/model.ts";
import { bufferOptions } from "../../config/process-model.ts";
import { suspendedServers } from "../../director/ha-suspend.ts";

export interface SuspensionOptions {
  /** Others are suspended now than before. */
  readonly onChange: (change: { readonly suspended: readonly string[]; readonly resumed: readonly string[] }) => void;
}

const retryMs = 100;

interface Watch {
  readonly client: RtnetlinkClient;
  monitor: RtnetlinkMonitor;
}

/** Watches the addresses of this host for virtual servers with ha_suspend. Nothing is opened where there are none. */
export class Suspension {
  readonly #options: SuspensionOptions;
  #model: Model | null = null;
  #suspended: ReadonlySet<string> = new Set();
  #watch: Watch | null = null;
  #look: NodeJS.Timeout | null = null;

  constructor(options: SuspensionOptions) {
    this.#options = options;
  }

  /** Whether the virtual server's checks wait for its address. */
  has(virtualServer: string): boolean {
    return this.#suspended.has(virtualServer);
  }

  /** The configuration in force. What it changes is told before this returns. Throws NetlinkError. */
  configure(model: Model): void {
    this.#model = model;
    if (!model.virtualServers.some(({ haSuspend }) => haSuspend === true)) this.close();
    else {
      const { command } = model.globalDefs.process.buffers;
      this.#watch ??= { client: RtnetlinkClient.open(bufferOptions(command)), monitor: this.#listen(model) };
    }
    this.#update();
  }

  close(): void {
    if (this.#look !== null) clearTimeout(this.#look);
    this.#look = null;
    this.#watch?.monitor.close();
    this.#watch?.client.close();
    this.#watch = null;
  }

  #listen(model: Model): RtnetlinkMonitor {
    return RtnetlinkMonitor.open({
      ...bufferOptions(model.globalDefs.process.buffers.monitor),
      about: ["address"],
      // Many come together when an instance becomes master.
      onEvents: () => {
        this.#look ??= setTimeout(() => this.#lookAgain(), 0);
      },
      onError: () => {
        if (this.#watch === null) return;
        this.#watch.monitor = this.#listen(model);
        this.#update();
      },
    });
  }

  /** Where so much changes that no list is whole, what was known counts until one is. */
  #lookAgain(): void {
    this.#look = null;
    try {
      this.#update();
    } catch (error) {
      if (!(error instanceof NetlinkError)) throw error;
      this.#look = setTimeout(() => this.#lookAgain(), retryMs);
    }
  }

  #update(): void {
    const addresses = this.#watch?.client.addresses().map(({ address }) => address) ?? [];
    const before = this.#suspended;
    this.#suspended =
      this.#model === null || this.#watch === null ? new Set() : suspendedServers(this.#model, addresses);
    const suspended = [...this.#suspended].filter((name) => !before.has(name));
    const resumed = [...before].filter((name) => !this.#suspended.has(name));
    if (suspended.length + resumed.length > 0) this.#options.onChange({ suspended, resumed });
  }
}

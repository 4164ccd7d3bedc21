import { performance } from "node:perf_hooks";
import {
  endpointText,
  type OperationResult,
  type ServiceEntry,
  type ServiceKey,
  serviceKeyText,
  type TableOperation,
} from "ipvs-netlink";
import type { Refusal } from "./capabilities.ts";
import type { Forwarder, ForwarderContext, ForwardingFailures } from "./forwarder.ts";
import { ForwardingTable, keyOf } from "./forwarding-table.ts";
import { describeListenError } from "./listen-error.ts";
import { ServiceState } from "./service-state.ts";
import { listenTcp } from "./tcp-forwarder.ts";
import { estimateEveryS } from "./traffic-meter.ts";
import { bindUdp } from "./udp-forwarder.ts";

type NewService = Extract<TableOperation, { kind: "new-service" }>;

/** The user-space forwarder: the table, and a socket for each service in it. */
export class UserspacePlane {
  readonly failures: ForwardingFailures = { noDestination: 0, connectFailed: 0, noSocket: 0 };
  readonly #table = new ForwardingTable();
  readonly #forwarders = new Map<string, Forwarder>();
  #ticks = 0;
  /** The last apply under way: writers take turns, so that one's batch is never in the middle of another's. */
  #applying: Promise<unknown> = Promise.resolve();

  constructor() {
    setInterval(() => this.#tick(), 1000).unref();
  }

  /** Every service, or those of `keys` that exist. */
  entries(keys?: readonly ServiceKey[]): readonly ServiceEntry[] {
    return this.#table.entries(keys);
  }

  /** Applies in order, one result per operation; one that fails does not stop the rest. */
  apply(operations: readonly TableOperation[]): Promise<readonly OperationResult[]> {
    const applied = this.#applying.then(async () => {
      const results: OperationResult[] = [];
      for (const operation of operations) {
        const refusal = await this.#applyOne(operation);
        results.push(refusal === null ? { ok: true } : failed(operation, refusal));
      }
      return results;
    });
    this.#applying = applied.catch(() => {});
    return applied;
  }

  async #applyOne(operation: TableOperation): Promise<Refusal | null> {
    const refusal = this.#table.check(operation);
    if (refusal !== null) return refusal;
    if (operation.kind === "new-service") return this.#open(operation);
    if (operation.kind === "del-service") {
      const name = serviceKeyText(operation.key);
      this.#forwarders.get(name)?.close();
      this.#forwarders.delete(name);
    }
    this.#table.commit(operation);
    return null;
  }

  async #open({ service }: NewService): Promise<Refusal | null> {
    const { key } = service;
    if (key.kind === "fwmark") return { errno: "EOPNOTSUPP", cause: "no socket takes packets by mark" };
    const state = new ServiceState(service);
    const context: ForwarderContext = {
      key,
      state,
      failures: this.failures,
      nowS: monotonicS,
    };
    try {
      this.#forwarders.set(serviceKeyText(key), await (key.protocol === "UDP" ? bindUdp(context) : listenTcp(context)));
    } catch (error) {
      return describeListenError(key, (error as NodeJS.ErrnoException).code ?? "EIO");
    }
    this.#table.add(state);
    return null;
  }

  #tick(): void {
    const nowS = monotonicS();
    this.#table.expire(nowS);
    for (const forwarder of this.#forwarders.values()) forwarder.expire(nowS);
    this.#ticks++;
    if (this.#ticks % estimateEveryS === 0) this.#table.estimate();
  }
}

function monotonicS(): number {
  return performance.now() / 1000;
}

function failed(operation: TableOperation, { errno, cause }: Refusal): OperationResult {
  const service = serviceKeyText(keyOf(operation));
  const object = "destination" in operation ? `${service} -> ${endpointText(operation.destination)}` : service;
  return { ok: false, errno, message: `${operation.kind} ${object}: ${errno}: ${cause}` };
}

import type { OperationResult, ServiceEntry, ServiceKey, TableOperation } from "ipvs-netlink";
import type { DataPlane } from "../director/data-plane.ts";
import { userspaceCapabilities } from "./capabilities.ts";
import { Connection } from "./connection.ts";
import type { ForwardingFailures } from "./forwarder.ts";
import { type Hello, protocolVersion, type Request } from "./protocol.ts";
import { UserspaceError } from "./userspace-error.ts";

/** Operations per request: one batch holds up the data plane's traffic only briefly. */
const operationsPerRequest = 500;

export interface UserspaceDataPlane extends DataPlane {
  /** Random id of the process that was spoken to last; a new one means a new, empty table. */
  readonly identity: string;
  /** What went wrong with traffic since that process started. */
  failures(): Promise<ForwardingFailures>;
}

/**
 * A client of the user-space data plane that listens on `path`. A lost connection rejects the calls under way and is made
 * again by the next call.
 * @throws UserspaceError, as every call does
 */
export async function connectUserspace(path: string): Promise<UserspaceDataPlane> {
  const client = new UserspaceClient(path);
  await client.connect();
  return client;
}

type Call = Request extends infer R ? (R extends { id: number } ? Omit<R, "id"> : never) : never;

class UserspaceClient implements UserspaceDataPlane {
  readonly name = "userspace";
  readonly capabilities = userspaceCapabilities;
  readonly control = null;
  readonly #path: string;
  #connection: Promise<Connection> | null = null;
  #identity = "";
  #closed = false;

  constructor(path: string) {
    this.#path = path;
  }

  get identity(): string {
    return this.#identity;
  }

  async connect(): Promise<void> {
    await this.#connect();
  }

  async dump(): Promise<readonly ServiceEntry[]> {
    return (await this.#call({ call: "dump" })) as readonly ServiceEntry[];
  }

  async read(keys: readonly ServiceKey[]): Promise<readonly ServiceEntry[]> {
    return (await this.#call({ call: "read", keys: [...keys] })) as readonly ServiceEntry[];
  }

  async apply(operations: readonly TableOperation[]): Promise<readonly OperationResult[]> {
    const results: OperationResult[] = [];
    for (let start = 0; start < operations.length; start += operationsPerRequest) {
      const batch = operations.slice(start, start + operationsPerRequest);
      results.push(...((await this.#call({ call: "apply", operations: batch })) as readonly OperationResult[]));
    }
    return results;
  }

  async failures(): Promise<ForwardingFailures> {
    return (await this.#call({ call: "failures" })) as ForwardingFailures;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const connection = await this.#connection?.catch(() => null);
    connection?.close();
  }

  async #call(call: Call): Promise<unknown> {
    const connection = await this.#connect();
    return connection.call(call);
  }

  /** The connection there is, or a new one; calls at the same time share it. */
  #connect(): Promise<Connection> {
    if (this.#closed) {
      return Promise.reject(new UserspaceError("closed", "this client of the user-space data plane was closed"));
    }
    this.#connection ??= this.#open();
    return this.#connection;
  }

  async #open(): Promise<Connection> {
    const connection = await Connection.open(this.#path, () => {
      this.#connection = null;
    });
    try {
      const hello = (await connection.call({ call: "hello" })) as Hello;
      if (hello.version !== protocolVersion) {
        const versions = `speaks version ${hello.version}, this lbctl version ${protocolVersion}`;
        throw new UserspaceError("version", `the user-space data plane on ${this.#path} ${versions}: restart it`);
      }
      this.#identity = hello.identity;
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }
}

import { serviceKeyText, type TableOperation } from "ipvs-netlink";
import { backoffMs } from "./backoff.ts";
import { objectOf, objectText } from "./table-object.ts";

/** Why the data plane did not do as asked. */
export interface RefusalCause {
  /** Symbolic errno of the data plane, or "UNVERIFIED": accepted, but it reads back differently. */
  readonly errno: string;
  readonly message: string;
}

/** An object of the table that the data plane refuses to bring into the desired state. Plain data. */
export interface Refusal extends RefusalCause {
  /** "TCP 192.0.2.1:80", or "TCP 192.0.2.1:80 -> 10.0.0.11:80". */
  readonly object: string;
  readonly operation: TableOperation["kind"];
  /** Times it was tried. */
  readonly attempts: number;
  readonly sinceEpochMs: number;
}

interface Held {
  readonly refusal: Refusal;
  readonly operation: TableOperation;
  readonly retryMonotonicMs: number;
  readonly sinceMonotonicMs: number;
}

interface Now {
  readonly monotonicMs: number;
  readonly epochMs: number;
}

/** The refusals that are open, by service and object. Pure bookkeeping: time comes in. */
export class Refusals {
  readonly #byService = new Map<string, Map<string, Held>>();

  list(): Refusal[] {
    return [...this.#byService.values()].flatMap((objects) => [...objects.values()].map(({ refusal }) => refusal));
  }

  ofService(serviceKey: string): Refusal[] {
    return [...(this.#byService.get(serviceKey)?.values() ?? [])].map(({ refusal }) => refusal);
  }

  /** True while this very operation is to wait for its next attempt; a different one on the same object may try at once. */
  holds(operation: TableOperation, now: Now): boolean {
    const held = this.#find(operation);
    return held !== undefined && now.monotonicMs < held.retryMonotonicMs && sameOperation(held.operation, operation);
  }

  /** Returns the refusal, and whether it is news: the object was fine before, or is refused for another reason now. */
  record(operation: TableOperation, cause: RefusalCause, now: Now): { refusal: Refusal; isNew: boolean } {
    const object = objectOf(operation);
    const before = this.#find(operation);
    const attempts = (before?.refusal.attempts ?? 0) + 1;
    const refusal: Refusal = {
      object: objectText(object),
      operation: operation.kind,
      errno: cause.errno,
      message: cause.message,
      attempts,
      sinceEpochMs: before?.refusal.sinceEpochMs ?? now.epochMs,
    };
    const service = serviceKeyText(object.service);
    const objects = this.#byService.get(service) ?? new Map<string, Held>();
    this.#byService.set(service, objects);
    objects.set(refusal.object, {
      refusal,
      operation,
      retryMonotonicMs: now.monotonicMs + backoffMs(attempts),
      sinceMonotonicMs: before?.sinceMonotonicMs ?? now.monotonicMs,
    });
    return { refusal, isNew: before === undefined || before.refusal.errno !== cause.errno };
  }

  /** Ends the refusals of a service whose objects are not among these; returns each with how long it lasted. */
  keepOnly(service: string, objects: ReadonlySet<string>, now: Now): { refusal: Refusal; lastedMs: number }[] {
    const open = this.#byService.get(service);
    if (open === undefined) return [];
    const ended: { refusal: Refusal; lastedMs: number }[] = [];
    for (const [object, { refusal, sinceMonotonicMs }] of open) {
      if (objects.has(object)) continue;
      open.delete(object);
      ended.push({ refusal, lastedMs: now.monotonicMs - sinceMonotonicMs });
    }
    if (open.size === 0) this.#byService.delete(service);
    return ended;
  }

  /** Lets everything be tried again at once: the configuration changed. */
  retryNow(): void {
    for (const objects of this.#byService.values()) {
      for (const [object, held] of objects) objects.set(object, { ...held, retryMonotonicMs: 0 });
    }
  }

  /** Texts of the keys of services with an open refusal. */
  services(): string[] {
    return [...this.#byService.keys()];
  }

  /** Services with a retry due by `now`. */
  due(now: Now): string[] {
    return this.services().filter((service) =>
      [...(this.#byService.get(service)?.values() ?? [])].some((held) => held.retryMonotonicMs <= now.monotonicMs),
    );
  }

  /** Monotonic time of the next retry; null without refusals. */
  nextRetryMonotonicMs(): number | null {
    let next: number | null = null;
    for (const objects of this.#byService.values()) {
      for (const { retryMonotonicMs } of objects.values()) next = Math.min(next ?? retryMonotonicMs, retryMonotonicMs);
    }
    return next;
  }

  #find(operation: TableOperation): Held | undefined {
    const object = objectOf(operation);
    return this.#byService.get(serviceKeyText(object.service))?.get(objectText(object));
  }
}

/** Operations are plain data built by one place, in one order of fields. */
export function sameOperation(a: TableOperation, b: TableOperation): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

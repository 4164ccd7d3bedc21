import type { Instant } from "@lbctl/checkers";
import { type OperationResult, type ServiceKey, serviceKeyText, type TableOperation } from "ipvs-netlink";
import type { DataPlane } from "./data-plane.ts";
import type { DesiredEntry } from "./desired.ts";
import type { DirectorEvent } from "./events.ts";
import type { ServiceOutcome } from "./outcome.ts";
import type { Refusals } from "./refusals.ts";
import { afterwards, mayReduce, planStep, type ServiceStep, type Tried } from "./service-pass.ts";
import { objectOf, objectText } from "./table-object.ts";

const maxRounds = 4;
const none: ReadonlySet<string> = new Set();

/** Up to this many services are read back right after they were written; more wait for the read-back cycle. */
const verifyAtOnce = 64;

export interface PassContext {
  readonly dataPlane: DataPlane;
  readonly wanted: (serviceKey: string) => DesiredEntry | null;
  readonly isOwned: (serviceKey: string) => boolean;
  /** The table as we last wrote or read it. Kept up to date by passes. */
  readonly known: Map<string, DesiredEntry | null>;
  readonly refusals: Refusals;
  readonly now: () => Instant;
  readonly onEvents: (events: readonly DirectorEvent[]) => void;
}

/** What a pass begins with, in place of a first read. */
export interface Beginning {
  readonly actual: readonly DesiredEntry[];
  /** Those that were not read, but are as last read or written: what is written of them is read again only if it fails. */
  readonly presumed: ReadonlySet<string>;
}

/**
 * Brings these services into the desired state: read, diff, apply, verify, a few rounds at most. Rejects when the data plane does;
 * what the pass knew of the services it was writing is forgotten then.
 */
export async function reconcile(
  keys: readonly ServiceKey[],
  context: PassContext,
  beginning: Beginning | null = null,
): Promise<Map<string, ServiceOutcome>> {
  const pass = new Pass(context);
  let pending = keys;
  let entries = beginning?.actual ?? (await context.dataPlane.read(pending));
  let presumed = beginning?.presumed ?? none;
  for (let round = 1; ; round++) {
    const touched = await pass.round(pending, entries, presumed);
    if (touched.length === 0 || round === maxRounds) break;
    pending = touched;
    entries = await context.dataPlane.read(pending);
    presumed = none;
  }
  return pass.outcomes();
}

class Pass {
  readonly #context: PassContext;
  readonly #tried: Tried = new Map();
  readonly #applied = new Map<string, TableOperation["kind"][]>();
  readonly #found = new Map<string, number | null>();

  constructor(context: PassContext) {
    this.#context = context;
  }

  outcomes(): Map<string, ServiceOutcome> {
    const refused = this.#context.refusals;
    return new Map(
      [...this.#found].map(([text, foundDestinations]) => [
        text,
        { applied: this.#applied.get(text) ?? [], refused: refused.ofService(text), foundDestinations },
      ]),
    );
  }

  /** One round: returns the services to read again, because something failed or to verify what was written. */
  async round(
    keys: readonly ServiceKey[],
    entries: readonly DesiredEntry[],
    presumed: ReadonlySet<string>,
  ): Promise<ServiceKey[]> {
    const steps = this.#plan(keys, entries);
    const results: Results = new Map();
    const succeeded = (operation: TableOperation) => results.get(operation)?.ok === true;
    try {
      await this.#apply(
        steps.flatMap(({ step }) => step.additive),
        results,
      );
      await this.#apply(
        steps.flatMap(({ step }) => (mayReduce(step, step.additive.filter(succeeded)) ? step.reductive : [])),
        results,
      );
    } catch (error) {
      for (const { text } of steps) this.#context.known.delete(text);
      throw error;
    }
    const touched = steps.filter((planned) => this.#settle(planned, results));
    const verifies = touched.length <= verifyAtOnce;
    const again = touched.filter(({ text, step }) => (verifies && !presumed.has(text)) || hasFailed(step, results));
    return again.map(({ key }) => key);
  }

  #plan(keys: readonly ServiceKey[], entries: readonly DesiredEntry[]): Planned[] {
    const { wanted, isOwned, known, refusals } = this.#context;
    const now = this.#context.now();
    const actual = new Map(entries.map((entry) => [serviceKeyText(entry.service.key), entry]));
    const planned: Planned[] = [];
    for (const key of keys) {
      const text = serviceKeyText(key);
      const want = wanted(text);
      if (want === null && !isOwned(text)) continue;
      const found = actual.get(text) ?? null;
      if (!this.#found.has(text)) this.#found.set(text, found?.destinations.length ?? null);
      const step = planStep(want, found, known.get(text), this.#tried, refusals, now);
      this.#recordRefusals(text, step, now);
      if (step.settled) known.set(text, want);
      else planned.push({ key, text, step });
    }
    return planned;
  }

  #recordRefusals(text: string, { newlyRefused, differing }: ServiceStep, now: Instant): void {
    const { refusals, onEvents } = this.#context;
    const events: DirectorEvent[] = [];
    for (const { operation, cause } of newlyRefused) {
      const { refusal, isNew } = refusals.record(operation, cause, now);
      if (isNew) events.push({ type: "refused", refusal });
    }
    for (const ended of refusals.keepOnly(text, differing, now)) events.push({ type: "refusal_ended", ...ended });
    if (events.length > 0) onEvents(events);
  }

  async #apply(operations: readonly TableOperation[], results: Results): Promise<void> {
    if (operations.length === 0) return;
    const answers = await this.#context.dataPlane.apply(operations);
    operations.forEach((operation, index) => {
      const answer = answers[index];
      if (answer !== undefined) results.set(operation, answer);
    });
  }

  /** Books what was done for one service. True if anything was tried. */
  #settle({ text, step }: Planned, results: Results): boolean {
    const tried = [...step.additive, ...step.reductive].filter((operation) => results.has(operation));
    if (tried.length === 0) {
      this.#context.known.set(text, afterwards(step.actual, []));
      return false;
    }
    const applied = tried.filter((operation) => results.get(operation)?.ok);
    const serviceRefused = tried.some(
      (operation) => operation.kind === "new-service" && results.get(operation)?.ok === false,
    );
    for (const operation of tried) {
      const result = results.get(operation);
      if (result === undefined || (serviceRefused && operation.kind !== "new-service")) continue;
      this.#tried.set(objectText(objectOf(operation)), { operation, result });
    }
    this.#applied.set(text, [...(this.#applied.get(text) ?? []), ...applied.map(({ kind }) => kind)]);
    this.#context.known.set(
      text,
      applied.length === step.differing.size ? step.wanted : afterwards(step.actual, applied),
    );
    const repaired = applied.flatMap((operation) => step.drifts.get(objectText(objectOf(operation))) ?? []);
    if (repaired.length > 0) {
      this.#context.onEvents(repaired.map((drift) => ({ type: "drift_repaired", ...drift })));
    }
    return true;
  }
}

type Results = Map<TableOperation, OperationResult>;

interface Planned {
  readonly key: ServiceKey;
  readonly text: string;
  readonly step: ServiceStep;
}

function hasFailed(step: ServiceStep, results: Results): boolean {
  return [...step.additive, ...step.reductive].some((operation) => results.get(operation)?.ok === false);
}

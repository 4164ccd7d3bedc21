/**
 * Random operations of a director on this machine's IPVS, and now and then of others. The table is compared with what the pure model
 * says of everything that happened. Arguments: seed, number of operations. Prints what was done, as JSON.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { endpointText, IpvsClient, type ServiceEntry, serviceKeyText, type TableOperation } from "ipvs-netlink";
import type { Model } from "../../../src/config/model.ts";
import { keyOf } from "../../../src/director/check-key.ts";
import { type DataPlane, everyCapability } from "../../../src/director/data-plane.ts";
import type { VirtualServerDecision } from "../../../src/director/decision.ts";
import { type DesiredEntry, desired } from "../../../src/director/desired.ts";
import { Director } from "../../../src/director/director.ts";
import { noFacts, type Override } from "../../../src/director/facts.ts";
import {
  arbitraryFinding,
  arbitraryModel,
  arbitraryOverrides,
  everyFinding,
  type Finding,
} from "../../../src/director/testing/arbitrary-rules.ts";
import { memoryRecords } from "../../../src/director/testing/memory-records.ts";

type Step =
  | { readonly kind: "findings"; readonly findings: readonly Finding[] }
  | { readonly kind: "overrides"; readonly overrides: ReadonlyMap<string, Override> }
  | { readonly kind: "reload"; readonly model: Model }
  /** An ordered stop that leaves the table, and a successor. */
  | { readonly kind: "restart" }
  /** Somebody else writes: this fraction of the services is deleted, or of the destinations changed. */
  | { readonly kind: "delete services" | "change weights" | "add strays"; readonly which: number }
  | { readonly kind: "flush" };

const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .array(arbitraryFinding, { minLength: 1, maxLength: 6 })
      .map((findings) => ({ kind: "findings" as const, findings })),
  },
  { weight: 3, arbitrary: arbitraryOverrides.map((overrides) => ({ kind: "overrides" as const, overrides })) },
  { weight: 3, arbitrary: arbitraryModel.map((model) => ({ kind: "reload" as const, model })) },
  { weight: 1, arbitrary: fc.constant({ kind: "restart" as const }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom("delete services" as const, "change weights" as const, "add strays" as const),
      which: fc.nat(4),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "flush" as const }) },
);

/** What the pure model says, without any director. */
class Predicted {
  #model: Model;
  readonly #checks = new Map<string, Finding["state"]>();
  readonly #truth = new Map<string, Finding["state"]>();
  #overrides: ReadonlyMap<string, Override> = new Map();
  #decisions = new Map<string, VirtualServerDecision>();
  entries: readonly DesiredEntry[] = [];

  constructor(model: Model, findings: readonly Finding[]) {
    this.#model = model;
    for (const { key, state } of findings) this.#truth.set(key, state);
    this.#decide();
    this.found([]);
  }

  /** Everything that was ever found, of checks that are configured. */
  get truth(): Finding[] {
    const wanted = new Set(checkKeys(this.#model));
    return [...this.#truth].flatMap(([key, state]) => (wanted.has(key) ? [{ key, state }] : []));
  }

  found(findings: readonly Finding[]): void {
    for (const { key, state } of findings) this.#truth.set(key, state);
    for (const { key, state } of this.truth) this.#checks.set(key, state);
    this.#decide();
  }

  override(overrides: ReadonlyMap<string, Override>): void {
    this.#overrides = overrides;
    this.#decide();
  }

  configure(model: Model): void {
    this.#model = model;
    this.#decide();
    const wanted = new Set(checkKeys(model));
    for (const key of this.#checks.keys()) if (!wanted.has(key)) this.#checks.delete(key);
    this.found([]);
  }

  get model(): Model {
    return this.#model;
  }

  #decide(): void {
    const facts = { ...noFacts, checks: this.#checks, overrides: this.#overrides };
    const next = this.#model.virtualServers.map((each) =>
      desired(each, facts, this.#decisions.get(each.name) ?? null, 0),
    );
    this.#decisions = new Map(next.map(({ decision }) => [decision.name, decision]));
    this.entries = next.flatMap(({ entries }) => entries);
  }
}

function checkKeys({ virtualServers }: Model): string[] {
  return virtualServers.flatMap(({ realServers }) => realServers.flatMap(({ checks }) => checks.map(keyOf)));
}

const [seed = 1, count = 100] = process.argv.slice(2).map(Number);
const [first] = fc.sample(arbitraryModel, { seed, numRuns: 1 });
const [findings] = fc.sample(everyFinding, { seed, numRuns: 1 });
const script = fc.sample(steps, { seed, numRuns: count });
assert.ok(first && findings);

const client = await IpvsClient.open();
const others = await IpvsClient.open();
const records = memoryRecords();
const predicted = new Predicted(first, findings);
const refused: string[] = [];
let overrides: ReadonlyMap<string, Override> = new Map();
/** Stands still within a step: a decision takes no time, and none is put off to be made together with the next. */
let monotonicMs = performance.now();
let director = await begin();
const done: Record<string, number> = {};

async function begin(): Promise<Director> {
  const dataPlane: DataPlane = {
    name: "ipvs",
    capabilities: everyCapability,
    control: client,
    dump: () => client.dump(),
    read: (keys) => client.read(keys),
    apply: (operations) => client.apply(operations),
    close: async () => {},
  };
  const next = new Director({
    dataPlane,
    records,
    clock: {
      now: () => ({ monotonicMs, epochMs: Date.now() }),
      setTimer: (callback, delayMs) => {
        const timer = setTimeout(callback, delayMs);
        return () => clearTimeout(timer);
      },
    },
    onEvents: (events) => {
      for (const event of events) if (event.type === "refused") refused.push(JSON.stringify(event));
    },
    onView: () => {},
  });
  const seeds = await next.inherit(predicted.model);
  next.overridesChanged(overrides);
  await next.start(predicted.model, seeds);
  next.healthChanged(predicted.truth);
  return next;
}

async function perform(step: Step): Promise<void> {
  switch (step.kind) {
    case "findings": {
      const wanted = new Set(checkKeys(predicted.model));
      predicted.found(step.findings);
      return director.healthChanged(step.findings.filter(({ key }) => wanted.has(key)));
    }
    case "overrides":
      overrides = step.overrides;
      predicted.override(overrides);
      return director.overridesChanged(overrides);
    case "reload":
      predicted.configure(step.model);
      await director.configure(step.model);
      return director.healthChanged(predicted.truth);
    case "restart":
      await director.stop("keep");
      director = await begin();
      return;
    default:
      return interfere(step);
  }
}

/** Another writer. What it cannot do, because it is not there, it leaves. */
async function interfere(
  step: Exclude<Step, { kind: "findings" | "overrides" | "reload" | "restart" }>,
): Promise<void> {
  if (step.kind === "flush") {
    execFileSync("ipvsadm", ["-C"]);
    return;
  }
  const table = await others.dump();
  const chosen = table.filter((_, index) => index % 5 === step.which);
  await others.apply(
    chosen.flatMap(({ service: { key }, destinations: [one] }): TableOperation[] => {
      if (step.kind === "delete services") return [{ kind: "del-service", key }];
      if (one === undefined) return [];
      if (step.kind === "change weights")
        return [{ kind: "set-destination", key, destination: { ...one, weight: one.weight + 3 } }];
      return [{ kind: "new-destination", key, destination: { ...one, address: "10.0.0.99" } }];
    }),
  );
}

/** Both sides as text, without order and counters. */
function rows(table: readonly (DesiredEntry | ServiceEntry)[]): string[] {
  return table
    .flatMap(({ service, destinations }) => {
      const name = serviceKeyText(service.key);
      const { scheduler, schedulerFlags, persistence, onePacket } = service;
      return [
        `${name} ${JSON.stringify([scheduler, schedulerFlags, persistence?.timeoutS, persistence?.prefixLength, onePacket])}`,
        ...destinations.map(({ method, weight, upperThreshold, lowerThreshold, tunnel, ...to }) =>
          [
            name,
            endpointText(to),
            method,
            weight,
            upperThreshold,
            lowerThreshold,
            method === "TUN" ? JSON.stringify(tunnel) : "",
          ].join(" "),
        ),
      ];
    })
    .sort();
}

let compared = 0;
for (const [index, step] of script.entries()) {
  monotonicMs = performance.now();
  await perform(step);
  done[step.kind] = (done[step.kind] ?? 0) + 1;
  // Sometimes the next comes while this is being carried out.
  if (index % 3 !== 0 && index !== script.length - 1) continue;
  await director.reconcile();
  compared += 1;
  const soFar = script.slice(0, index + 1).map(({ kind }) => kind);
  assert.deepEqual(rows(await others.dump()), rows(predicted.entries), `seed ${seed}, after ${soFar.join(", ")}`);
}
assert.deepEqual(refused, []);
await director.stop("remove");
assert.deepEqual(await others.dump(), []);
await client.close();
await others.close();
console.log(JSON.stringify({ done, compared }));

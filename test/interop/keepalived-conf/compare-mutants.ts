import fc from "fast-check";
import { differences } from "./differences.ts";
import { type Mutant, mutants } from "./mutations.ts";
import { askKeepalived } from "./peer.ts";
import { samples } from "./samples.ts";
import { type OwnVerdict, ownVerdict } from "./verdict.ts";

export interface Comparison {
  /** Texts that both were asked about. */
  readonly compared: number;
  readonly agreed: number;
  /** Texts that keepalived did not survive. */
  readonly crashesOfPeer: number;
  /** What lbctl took without a word and keepalived complains about. */
  readonly takenSilently: readonly string[];
  /** What lbctl refused without a place in the text. */
  readonly refusedNowhere: readonly string[];
  readonly slowest: { readonly how: string; readonly ms: number };
}

/** Damages the samples that keepalived has no complaint about, and compares what both say. */
export async function compareMutants(count: number, seed: number): Promise<Comparison> {
  const all = samples();
  const names = Object.keys(all);
  const whole = await askKeepalived(names.map((name) => all[name] as string));
  const usable = Object.fromEntries(
    names.flatMap((name, index) => (whole[index]?.valid ? [[name, all[name] as string]] : [])),
  );
  const drawn = fc.sample(mutants(usable), { numRuns: count, seed });
  const verdicts = await askKeepalived(drawn.map(({ text }) => text));
  const result = {
    compared: drawn.length,
    agreed: 0,
    crashesOfPeer: 0,
    takenSilently: [] as string[],
    refusedNowhere: [] as string[],
    slowest: { how: "", ms: 0 },
  };
  for (const [index, mutant] of drawn.entries()) {
    const started = performance.now();
    const ours = ownVerdict(mutant.text);
    const ms = performance.now() - started;
    if (ms > result.slowest.ms) result.slowest = { how: mutant.how, ms };
    const theirs = verdicts[index] as (typeof verdicts)[number];
    if (!ours.valid && !ours.errors.every(isPlaced)) result.refusedNowhere.push(mutant.how);
    if (theirs.status >= 124) result.crashesOfPeer++;
    else if (ours.valid === theirs.valid) result.agreed++;
    else if (ours.valid && !saysWhy(ours, theirs, mutant))
      result.takenSilently.push(`${mutant.how}: ${theirs.messages}`);
  }
  return result;
}

/** A place in the text, or nothing in the text at all. */
function isPlaced({ line, message, code }: OwnVerdict["errors"][number]): boolean {
  return message !== "" && (line !== null || code === "empty-file");
}

/** A warning, the refusal of something not supported yet, or a difference that the documentation names. */
function saysWhy(
  ours: OwnVerdict,
  theirs: { readonly valid: boolean; readonly status: number; readonly messages: string },
  { text }: Mutant,
): boolean {
  if (ours.warnings.length > 0 || ours.pending) return true;
  const found = { ours, theirs, case: { block: "", keyword: "", values: [text], good: false, text } };
  return differences.some(({ explains }) => explains(found));
}

import fc from "fast-check";
import { differences } from "./differences.ts";
import { type Mutant, mutants } from "./mutations.ts";
import { askKeepalived, type PeerVerdict } from "./peer.ts";
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

/**
 * Damages the samples that keepalived has no complaint about, and compares what both say. `asked`: keepalived is asked about
 * all of them, or (at a fraction of the time) only about those that lbctl takes without a word.
 */
export async function compareMutants(count: number, seed: number, asked: "all" | "taken"): Promise<Comparison> {
  const all = samples();
  const names = Object.keys(all);
  const whole = await askKeepalived(names.map((name) => all[name] as string));
  const usable = Object.fromEntries(
    names.flatMap((name, index) => (whole[index]?.valid ? [[name, all[name] as string]] : [])),
  );
  const result = {
    compared: 0,
    agreed: 0,
    crashesOfPeer: 0,
    takenSilently: [] as string[],
    refusedNowhere: [] as string[],
    slowest: { how: "", ms: 0 },
  };
  const judged = fc.sample(mutants(usable), { numRuns: count, seed }).map((mutant) => {
    const started = performance.now();
    const ours = ownVerdict(mutant.text);
    const ms = performance.now() - started;
    if (ms > result.slowest.ms) result.slowest = { how: mutant.how, ms };
    if (!ours.valid && !ours.errors.every(isPlaced)) result.refusedNowhere.push(mutant.how);
    return { mutant, ours };
  });
  const compared = judged.filter(({ ours }) => asked === "all" || takenWithoutAWord(ours));
  result.compared = compared.length;
  const verdicts = await askKeepalived(compared.map(({ mutant }) => mutant.text));
  for (const [index, { mutant, ours }] of compared.entries()) {
    const theirs = verdicts[index] as (typeof verdicts)[number];
    if (theirs.status >= 124) result.crashesOfPeer++;
    else if (ours.valid === theirs.valid) result.agreed++;
    else if (takenWithoutAWord(ours) && !isKnown(ours, theirs, mutant))
      result.takenSilently.push(`${mutant.how}: ${theirs.messages}`);
  }
  return result;
}

/** Without a warning, and without the refusal of something not supported yet. */
function takenWithoutAWord({ valid, warnings, pending }: OwnVerdict): boolean {
  return valid && warnings.length === 0 && !pending;
}

/** A place in the text, or nothing in the text at all. */
function isPlaced({ line, message, code }: OwnVerdict["errors"][number]): boolean {
  return message !== "" && (line !== null || code === "empty-file");
}

/** A difference that the documentation names. */
function isKnown(ours: OwnVerdict, theirs: PeerVerdict, { text }: Mutant): boolean {
  const found = { ours, theirs, case: { block: "", keyword: "", values: [text], good: false, text } };
  return differences.some(({ explains }) => explains(found));
}

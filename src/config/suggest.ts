/**
 * The candidate that a misspelt word probably means, or null: equal but for case and separators, or the nearest by edit
 * distance (insertions, deletions, substitutions and swaps of neighbours) within a third of its length.
 */
export function nearest(word: string, candidates: readonly string[]): string | null {
  const plain = simplify(word);
  let best: string | null = null;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const other = simplify(candidate);
    const limit = Math.min(bestDistance - 1, Math.max(1, Math.floor(Math.max(plain.length, other.length) / 3)));
    if (Math.abs(plain.length - other.length) > limit) continue;
    const distance = editDistance(plain, other);
    // One change makes any short word of any other: a third of the length is too much to guess from.
    if (distance > limit || (other.length <= 2 && distance > 0)) continue;
    best = candidate;
    bestDistance = distance;
  }
  return best;
}

function simplify(word: string): string {
  return word.toLowerCase().replaceAll(/[-_ ]/g, "");
}

/** Optimal string alignment distance. Long words are compared by their beginning. */
export function editDistance(left: string, right: string): number {
  const a = left.slice(0, 64);
  const b = right.slice(0, 64);
  let older: number[] = [];
  let old = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(
        (old[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (old[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) cost = Math.min(cost, (older[column - 2] ?? 0) + 1);
      current.push(cost);
    }
    older = old;
    old = current;
  }
  return old[b.length] ?? 0;
}

/** The middle value; of an even number the mean of the two in the middle. Throws for none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  if (upper === undefined || lower === undefined) throw new Error("no values to take the median of");
  return (lower + upper) / 2;
}

/**
 * The exponent b of the curve cost = a * size^b through these points (least squares of the logarithms): 1 is linear growth,
 * 2 quadratic. Null without two different sizes; points at or below zero are left out.
 */
export function growthExponent(points: readonly { readonly size: number; readonly cost: number }[]): number | null {
  const logs = points
    .filter(({ size, cost }) => size > 0 && cost > 0)
    .map(({ size, cost }) => ({ x: Math.log(size), y: Math.log(cost) }));
  const meanX = logs.reduce((sum, { x }) => sum + x, 0) / logs.length;
  const meanY = logs.reduce((sum, { y }) => sum + y, 0) / logs.length;
  const spread = logs.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  if (!(spread > 1e-9)) return null;
  return logs.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / spread;
}

/** Null if there is nothing to compare with. */
export function ratio(value: number | undefined, reference: number | undefined): number | null {
  if (value === undefined || reference === undefined || reference === 0) return null;
  return value / reference;
}

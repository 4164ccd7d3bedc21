/** Of 32 bits, as keepalived's. */
const least = -(2 ** 31);
const greatest = 2 ** 31 - 1;

/** The number that a tracked file begins with; 0 when it begins with none, as keepalived reads it. */
export function trackedNumber(text: string): number {
  const [digits] = /^\s*[+-]?[0-9]+/.exec(text) ?? ["0"];
  // Adding 0 turns a negative zero into zero.
  return Math.min(greatest, Math.max(least, Number(digits))) + 0;
}

/** "1 service", "4 services": for nouns whose plural ends in s. */
export function countOf(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? "" : "s"}`;
}

export interface QuorumSettings {
  readonly quorum: number;
  readonly hysteresis: number;
}

/**
 * keepalived's rule: a lost (or never met) quorum is gained at quorum + hysteresis, a met one is lost below
 * quorum - hysteresis, and always without any weight. Every virtual server starts with its quorum not met.
 */
export function quorumMet(wasMet: boolean, { quorum, hysteresis }: QuorumSettings, weightUp: number): boolean {
  if (wasMet) return weightUp > 0 && weightUp >= quorum - hysteresis;
  return weightUp >= quorum + hysteresis;
}

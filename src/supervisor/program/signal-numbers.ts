/** What keepalived's --signum names, and the signals that mean it (on x86 and ARM Linux with glibc or musl). */
export const signalNumbers = {
  STOP: 15,
  RELOAD: 1,
  DATA: 10,
  STATS: 12,
  /** SIGRTMAX - 1. */
  STATS_CLEAR: 63,
  /** SIGRTMIN + 2. */
  JSON: 36,
} as const;

export type SignalFunction = keyof typeof signalNumbers;

/** Those that Node cannot hear by name. */
export const realTimeSignals = [signalNumbers.JSON, signalNumbers.STATS_CLEAR] as const;

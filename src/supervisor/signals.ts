import type { Logger } from "../log/logger.ts";

/** keepalived dumps its data at these. Unheard, Node would open its debugger to every user of the machine at the first, and end at the second. */
const dumpSignals = ["SIGUSR1", "SIGUSR2"] as const;

export interface Signals {
  /** Resolves at the first SIGTERM or SIGINT. */
  readonly stopRequested: Promise<void>;
  /** From now on SIGHUP calls this; at once if one came before. */
  onReload(reload: () => void): void;
}

/** Hears the director's signals from here on: one that comes during the start is carried out once the start is over. */
export function listenForSignals(log: Logger): Signals {
  const stop = Promise.withResolvers<void>();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      log.notice(`${signal} received`);
      stop.resolve();
    });
  }
  for (const signal of dumpSignals) {
    process.on(signal, () => log.notice(`${signal}: nothing is dumped; "lbctl status --json" has it all`));
  }
  let reload: (() => void) | null = null;
  let reloadRequested = false;
  process.on("SIGHUP", () => {
    log.notice("SIGHUP: reloading");
    if (reload === null) reloadRequested = true;
    else reload();
  });
  return {
    stopRequested: stop.promise,
    onReload: (callback) => {
      reload = callback;
      if (reloadRequested) callback();
    },
  };
}

/** For a child: what reaches every process of ours (Ctrl-C, `pkill`, systemd) is the supervisor's to act on, but for `except`. */
export function leaveSignalsToSupervisor(except: readonly NodeJS.Signals[] = []): void {
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", ...dumpSignals] as const) {
    if (!except.includes(signal)) process.on(signal, () => {});
  }
}

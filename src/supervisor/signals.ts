import type { Logger } from "../log/logger.ts";

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

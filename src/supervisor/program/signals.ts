import { readSync } from "node:fs";
import { type Native, native } from "ipvs-netlink";
import type { Logger } from "../../log/logger.ts";
import { realTimeSignals, signalNumbers } from "./signal-numbers.ts";

/** What a signal asks a running director for, beside its end. */
export type Demand = "reload" | "dumpState" | "dumpStats" | "clearStats" | "dumpJson";

/** Unheard, Node would open its debugger to every user of the machine at the first, and end at the second. */
const dumpSignals = ["SIGUSR1", "SIGUSR2"] as const;

const demands = {
  SIGHUP: "reload",
  SIGUSR1: "dumpState",
  SIGUSR2: "dumpStats",
} as const satisfies Partial<Record<NodeJS.Signals, Demand>>;

/** libuv's. */
const UV_READABLE = 1;

export interface Signals {
  /** Resolves at the first SIGTERM or SIGINT. */
  readonly stopRequested: Promise<void>;
  /** From now on signals call these; at once those that came before. */
  handle(handlers: Readonly<Record<Demand, () => void>>): void;
}

/** Hears the director's signals from here on: one that comes during the start is carried out once the start is over. */
export function listenForSignals(log: Logger, stopSignals: readonly ("SIGTERM" | "SIGINT")[]): Signals {
  const stop = Promise.withResolvers<void>();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      log.notice(`${signal} received`);
      if (stopSignals.includes(signal)) stop.resolve();
    });
  }
  const waiting = new Set<Demand>();
  let handlers: Readonly<Record<Demand, () => void>> | null = null;
  const heard = (demand: Demand): void => {
    if (handlers === null) waiting.add(demand);
    else handlers[demand]();
  };
  for (const [signal, demand] of Object.entries(demands)) {
    process.on(signal, () => {
      if (demand === "reload") log.notice("SIGHUP: reloading");
      heard(demand);
    });
  }
  hearRealTimeSignals((signal) => heard(signal === signalNumbers.JSON ? "dumpJson" : "clearStats"));
  return {
    stopRequested: stop.promise,
    handle: (given) => {
      handlers = given;
      for (const demand of waiting) given[demand]();
      waiting.clear();
    },
  };
}

/** For a child: what reaches every process of ours (Ctrl-C, `pkill`, systemd) is the supervisor's to act on, but for `except`. */
export function leaveSignalsToSupervisor(except: readonly NodeJS.Signals[] = []): void {
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", ...dumpSignals] as const) {
    if (!except.includes(signal)) process.on(signal, () => {});
  }
  addon()?.ignoreSignals(Int32Array.from(realTimeSignals));
}

function hearRealTimeSignals(onSignal: (signal: number) => void): void {
  const calls = addon();
  const fd = calls?.hearSignals(Int32Array.from(realTimeSignals)) ?? -1;
  if (calls === null || fd < 0) return;
  const octets = new Uint8Array(256);
  calls.watch(fd, UV_READABLE, () => {
    for (const signal of octets.subarray(0, readSync(fd, octets))) onSignal(signal);
  });
}

/** Null where it is not built: the user-space data plane does without, and without these signals. */
function addon(): Native | null {
  try {
    return native();
  } catch {
    return null;
  }
}

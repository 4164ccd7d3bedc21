import type { Alert } from "./notification.ts";

/** What waits to be mailed. Plain data; the functions below are all that happens to it. */
export interface MailQueue {
  /** The oldest first. */
  readonly waiting: readonly Alert[];
  /** How many had to go since a mail last got through, because too many waited. */
  readonly dropped: number;
  /** Attempts that failed since one last succeeded. */
  readonly failures: number;
}

/** One mail, and how many of those that waited are in it. */
export interface Mail extends Alert {
  readonly covers: number;
  /** The `dropped` of the queue that it was made of. */
  readonly dropped: number;
}

export const noMail: MailQueue = { waiting: [], dropped: 0, failures: 0 };

const most = 1000;
/** From so many on they are sent as one. */
const bundleFrom = 5;
const firstDelayMs = 5_000;
const longestDelayMs = 300_000;

export function added(queue: MailQueue, alert: Alert): MailQueue {
  const waiting = [...queue.waiting, alert];
  const excess = Math.max(0, waiting.length - most);
  return { ...queue, waiting: waiting.slice(excess), dropped: queue.dropped + excess };
}

/** What to send now: the oldest alert, or all of them in one mail when there are many. Null: nothing waits. */
export function nextMail({ waiting, dropped }: MailQueue): Mail | null {
  const [oldest] = waiting;
  if (oldest === undefined) return null;
  if (waiting.length < bundleFrom && dropped === 0) return { ...oldest, covers: 1, dropped };
  const lost = dropped === 0 ? "" : `${dropped} older changes are not in this mail: too many waited.\n\n`;
  const text =
    lost + waiting.map((alert) => `${alert.subject}\n    ${alert.text.replaceAll("\n", "\n    ")}`).join("\n");
  return {
    subject: `${waiting.length + dropped} changes, the last: ${waiting.at(-1)?.subject}`,
    text,
    covers: waiting.length,
    dropped,
  };
}

/** The mail got through, or never will. Some of what it covers may have been dropped while it was under way. */
export function done({ waiting, dropped }: MailQueue, mail: Mail): MailQueue {
  const since = dropped - mail.dropped;
  return {
    waiting: waiting.slice(Math.max(0, mail.covers - since)),
    dropped: Math.max(0, since - mail.covers),
    failures: 0,
  };
}

/** It may get through later: in so many milliseconds, 5 s doubling to 5 min. */
export function failed(queue: MailQueue): { readonly queue: MailQueue; readonly retryInMs: number } {
  const retryInMs = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(queue.failures, 10));
  return { queue: { ...queue, failures: queue.failures + 1 }, retryInMs };
}

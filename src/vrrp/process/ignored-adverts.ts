import { describe, type Rejection } from "../packet/rejection.ts";

/** Whose adverts do not count lately, and why. */
export interface IgnoredAdverts {
  readonly source: string;
  readonly rejection: Rejection;
  /** It is over when nothing more of it has come by then. */
  readonly untilMs: number;
}

const shownForMs = 10_000;

/** The first sender is the one that is told as long as it goes on: garbage from everywhere is no news for status. Pure. */
export function afterIgnored(
  before: IgnoredAdverts | null,
  source: string | null,
  rejection: Rejection,
  { advertMs, nowMs }: { readonly advertMs: number; readonly nowMs: number },
): IgnoredAdverts | null {
  const known = stillIgnored(before, nowMs);
  if (source === null) return known;
  if (known !== null && (known.source !== source || known.rejection.kind !== rejection.kind)) return known;
  return { source, rejection, untilMs: nowMs + Math.max(shownForMs, 4 * advertMs) };
}

export function stillIgnored(ignored: IgnoredAdverts | null, nowMs: number): IgnoredAdverts | null {
  return ignored === null || nowMs > ignored.untilMs ? null : ignored;
}

/** "adverts of 192.0.2.2 are ignored: wrong password"; null: none are, or only some of the master that it hears. */
export function describeIgnoredAdverts(
  ignored: IgnoredAdverts | null,
  masterHeard: string | null,
  nowMs: number,
): string | null {
  const known = stillIgnored(ignored, nowMs);
  if (known === null || known.source === masterHeard) return null;
  return `adverts of ${known.source} are ignored: ${describe(known.rejection)}`;
}

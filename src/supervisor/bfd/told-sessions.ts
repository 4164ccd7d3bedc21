import { sameSession } from "../../bfd/process/session-place.ts";
import type { SessionView } from "../../bfd/process/session-view.ts";
import type { BfdInstance } from "../../config/bfd-model.ts";
import type { TrackedNow } from "../vrrp/vrrp-messages.ts";

/** What VRRP and the checkers are told of a session. */
export interface ToldSession {
  readonly name: string;
  /** Null: VRRP is not told of this session. */
  readonly vrrp: "up" | "down" | null;
  /** Null: the checkers are not told of this session, or there is nothing to tell yet. */
  readonly checker: { readonly value: "up" | "down"; readonly why: string } | null;
}

interface Known {
  readonly instance: BfdInstance;
  /** Null: it has had no time to come up yet. */
  readonly last: { readonly value: "up" | "down"; readonly why: string } | null;
}

/**
 * What is known of sessions, whichever process runs them: a new one begins with all of them down, and what was known before counts
 * until they have had the time to come up. To VRRP a session that nothing is known of is down, as with keepalived; a check
 * of it has not run yet. Pure but for its memory.
 */
export class ToldSessions {
  #known = new Map<string, Known>();

  /** The sessions that there are from now on; answers what is known of each. */
  configure(instances: readonly BfdInstance[]): ToldSession[] {
    const before = this.#known;
    this.#known = new Map(
      instances.map((instance) => {
        const known = before.get(instance.name);
        const last = known !== undefined && sameSession(known.instance, instance) ? known.last : null;
        return [instance.name, { instance, last }];
      }),
    );
    return this.all();
  }

  /** Answers what is otherwise than before. */
  heard(views: readonly SessionView[]): ToldSession[] {
    return views.flatMap(({ name, verdict, reason }) => {
      const known = this.#known.get(name);
      if (known === undefined || verdict === "pending" || known.last?.value === verdict) return [];
      const now: Known = { instance: known.instance, last: { value: verdict, why: reason } };
      this.#known.set(name, now);
      return [told(now)];
    });
  }

  all(): ToldSession[] {
    return [...this.#known.values()].map(told);
  }
}

/** As tracked things of VRRP. */
export function sessionsForVrrp(sessions: readonly ToldSession[]): TrackedNow[] {
  return sessions.flatMap(({ name, vrrp }) => (vrrp === null ? [] : [{ source: { kind: "bfd", name }, value: vrrp }]));
}

/** As tracked things of checks. */
export function sessionsForCheckers(sessions: readonly ToldSession[]): TrackedNow[] {
  return sessions.flatMap(({ name, checker }) =>
    checker === null ? [] : [{ source: { kind: "bfd", name }, ...checker }],
  );
}

function told({ instance: { name, tells }, last }: Known): ToldSession {
  return { name, vrrp: tells.vrrp ? (last?.value ?? "down") : null, checker: tells.checker ? last : null };
}

import type { Problem } from "../expand/problem.ts";
import type { LintContext } from "./lint.ts";

/** sh and mh send each client to the server of its hash: what goes wrong with settings around that. */
export function* hashSchedulers({ config }: LintContext): Iterable<Problem> {
  for (const [index, written] of config.virtual_server.entries()) {
    const scheduler = written?.lvs_sched;
    if (written == null || (scheduler !== "sh" && scheduler !== "mh")) continue;
    const path = ["virtual_server", index];
    const persistent = written.persistence_timeout !== undefined || written.persistence_granularity !== undefined;
    if (persistent) {
      const keyword = written.persistence_timeout === undefined ? "persistence_granularity" : "persistence_timeout";
      yield {
        path: [...path, keyword],
        code: "persistence-with-hash",
        message: `${scheduler} sends each client to one server already: persistence remembers it a second time`,
        hint: `leave out ${keyword}, or use another lvs_sched (wrr, wlc) with it`,
      };
    }
    const fallback = `${scheduler}-fallback` as const;
    if (written[fallback] === true || written["flag-1"] === true) continue;
    yield {
      path: [...path, "lvs_sched"],
      code: "hash-without-fallback",
      message: `${scheduler} without ${fallback} refuses the clients of a server whose weight is 0 or that is overloaded`,
      hint: `add ${fallback}: they are sent to another one`,
    };
  }
}

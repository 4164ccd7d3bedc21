import type { Problem } from "../expand/problem.ts";
import { keywordTable } from "../keywords/table.ts";
import { instancesOf, nopreemptKeyword, priorityOf } from "./instances.ts";
import type { LintContext } from "./lint.ts";
import { weightedTracks } from "./tracks.ts";

/** Settings about taking over that the other settings of the instance make void. */
export function* preemption({ config }: LintContext): Iterable<Problem> {
  for (const { written, path } of instancesOf(config)) {
    const never = nopreemptKeyword(written);
    if (written.state === "MASTER") {
      const hint = "write state BACKUP on every router: the highest priority is master all the same";
      if (never !== null) {
        yield {
          path: [...path, never],
          code: "nopreempt-with-master",
          message: `${never === "preempt" ? "preempt off" : never} is void with state MASTER: the instance starts as master and takes over`,
          hint,
        };
      }
      if ((written.preempt_delay ?? 0) > 0) {
        yield {
          path: [...path, "preempt_delay"],
          code: "preempt-delay-with-master",
          message: "preempt_delay is void with state MASTER: the instance starts as master and waits for nothing",
          hint,
        };
      }
      continue;
    }
    if (never === null) continue;
    const priority = priorityOf(written);
    const [track] = weightedTracks(config, written);
    if (track === undefined) continue;
    const { change } = track;
    const falls =
      change === null
        ? "the priority changes"
        : `the priority goes from ${priority + change.good} to ${priority + change.bad}`;
    yield {
      path: [...path, never],
      code: "nopreempt-with-weight",
      message: `when ${track.name} is bad ${falls}, and with nopreempt on the others nobody takes over from a master that is alive`,
      hint: `weight 0 makes it a fault, on which the addresses do move${onFailureHint()}`,
    };
  }
}

/** `preempt: on_failure` is offered once it works. */
function onFailureHint(): string {
  const entry: { readonly lacking?: string; readonly block: typeof keywordTable.entries.vrrp_instance.block } =
    keywordTable.entries.vrrp_instance;
  const works = entry.lacking === undefined && entry.block.entries.preempt.type.parse(["on_failure"]).ok;
  return works ? "; preempt on_failure lets a healthier backup take over, and stay" : "";
}

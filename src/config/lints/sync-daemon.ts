import type { Problem } from "../expand/problem.ts";
import { allInstancesKnown, instancesOf, nopreemptKeyword } from "./instances.ts";
import type { LintContext } from "./lint.ts";

/** The daemon that copies connections to the other director, and the instance that it follows. */
export function* syncDaemon({ config }: LintContext): Iterable<Problem> {
  const daemon = config.global_defs.lvs_sync_daemon;
  const instances = instancesOf(config);
  const name = daemon?.inst ?? daemon?.instance;
  const path = ["global_defs", "lvs_sync_daemon"];
  const follows = instances.filter(
    ({ written }) => written.name === name || written.lvs_sync_daemon_interface !== undefined,
  );
  if (daemon !== undefined && follows.length === 0 && allInstancesKnown(config)) {
    const code = "sync-daemon-without-instance";
    const hint = "name the vrrp_instance whose master sends: lvs_sync_daemon eth1 VI_1";
    const message =
      name === undefined
        ? "lvs_sync_daemon names no vrrp_instance: nothing tells who sends connections and who receives them"
        : `lvs_sync_daemon follows ${name}, and there is no vrrp_instance of that name`;
    yield { path, code, message, hint };
  }
  for (const { written, path: of } of follows) {
    if (written.state !== "MASTER" || nopreemptKeyword(written) !== null) continue;
    yield {
      path: [...of, "state"],
      code: "sync-without-delay",
      message: `${written.name} takes over as soon as it is back, before the sync daemon has sent it the connections`,
      hint: "state BACKUP and a preempt_delay of a minute or more: connections are copied as they carry packets",
    };
  }
}

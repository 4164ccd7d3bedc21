import type { Told } from "./told.ts";

export interface HealthReport {
  readonly healthy: boolean;
  /** What is wrong, each a sentence. */
  readonly problems: readonly string[];
}

/**
 * Whether the processes live that have to: all that run answer, and none is being started or started again. Servers that are down,
 * or VRRP in fault, are the business of monitoring, not of who would restart lbctl over it. Pure.
 */
export function healthOf({ daemon, processes }: Pick<Told, "daemon" | "processes">): HealthReport {
  const problems = [
    ...(["checker", "vrrp", "bfd"] as const).flatMap((role) => {
      const phase = daemon[role];
      return phase === "starting" || phase === "restarting" ? [`the ${role} process is ${phase}`] : [];
    }),
    ...processes.flatMap(({ role, pid, answers }) =>
      pid !== null && !answers ? [`the ${role} process does not answer`] : [],
    ),
  ];
  return { healthy: problems.length === 0, problems };
}

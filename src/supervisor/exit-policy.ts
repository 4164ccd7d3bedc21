/** Why the director ends. */
export type EndCause =
  /** SIGTERM or SIGINT, or a stop request: somebody wants the service gone. */
  | "ordered-stop"
  /** A successor of ours takes over in place. */
  | "handover"
  /** A process died, was killed, or the watchdog fired. */
  | "crash";

export interface ExitFlags {
  /** keepalived's -I: leave the IPVS table on an ordered stop. */
  readonly dontReleaseIpvs: boolean;
}

export interface ExitPolicy {
  /** What happens to the services that we own. */
  readonly ipvs: "keep" | "remove";
}

/**
 * What an end does to the kernel's state. An ordered stop removes our services, as keepalived does, unless told not to; a
 * handover and a crash keep them, so that connections live on and the successor adopts the table.
 */
export function exitPolicy(cause: EndCause, flags: ExitFlags): ExitPolicy {
  switch (cause) {
    case "ordered-stop":
      return { ipvs: flags.dontReleaseIpvs ? "keep" : "remove" };
    case "handover":
    case "crash":
      return { ipvs: "keep" };
  }
}

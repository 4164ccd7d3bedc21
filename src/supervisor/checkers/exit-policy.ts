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
  /** keepalived's -V: leave the virtual addresses on an ordered stop. */
  readonly dontReleaseVrrp: boolean;
}

export interface ExitPolicy {
  /** What happens to the services that we own. */
  readonly ipvs: "keep" | "remove";
  /** What happens to being master and to the virtual addresses. */
  readonly vrrp: "keep" | "release";
}

/**
 * What an end does to the kernel's state. An ordered stop removes our services and gives the virtual addresses back, as
 * keepalived does, unless told not to; a handover keeps both for the successor. A crash keeps the table, so that connections
 * live on; addresses without anybody who sends adverts would be on two machines soon, so they go.
 */
export function exitPolicy(cause: EndCause, flags: ExitFlags): ExitPolicy {
  switch (cause) {
    case "ordered-stop":
      return {
        ipvs: flags.dontReleaseIpvs ? "keep" : "remove",
        vrrp: flags.dontReleaseVrrp ? "keep" : "release",
      };
    case "handover":
      return { ipvs: "keep", vrrp: "keep" };
    case "crash":
      return { ipvs: "keep", vrrp: "release" };
  }
}

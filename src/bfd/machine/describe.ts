import { formatDuration } from "@lbctl/checkers";
import { diagnostics, type KnownDiagnostic } from "../packet/control-packet.ts";
import type { StateChange } from "./action.ts";
import type { Reason } from "./reason.ts";

/** One log line: both ends of the change, how long the old state lasted, and why. */
export function describeChange(name: string, { from, to, lastedMs, because }: StateChange): string {
  return `bfd ${name} ${from} -> ${to} after ${formatDuration(lastedMs)}: ${describeReason(because)}`;
}

/** Why a session is in its state, a sentence without its subject. */
export function describeReason(reason: Reason): string {
  switch (reason.kind) {
    case "started":
      return "no packet of the neighbour yet";
    case "heard":
      return "the neighbour is there, and has not heard us yet";
    case "established":
      return "both hear each other";
    case "silent":
      return `no packet of the neighbour for ${milliseconds(reason.silentMs)}, after ${milliseconds(reason.limitMs)} it counts as down`;
    case "neighbor_down":
      return `the neighbour says that the session is down (${describeDiagnostic(reason.diagnostic)})`;
    case "neighbor_admin_down":
      return "the neighbour was taken down by its administrator";
    case "shutdown":
      return "shutdown";
  }
}

const sentences: Readonly<Record<KnownDiagnostic, string>> = {
  none: "no diagnostic",
  detection_time_expired: "it has not heard us for its detection time",
  echo_failed: "echo function failed",
  neighbor_signaled_down: "it says that we are down",
  forwarding_reset: "its forwarding was reset",
  path_down: "path down",
  concatenated_path_down: "concatenated path down",
  admin_down: "administratively down",
  reverse_concatenated_path_down: "reverse concatenated path down",
};

/** The diagnostic code of a packet in words (RFC 5880 section 4.1). */
export function describeDiagnostic(code: number): string {
  const known = diagnostics[code];
  return known === undefined ? `diagnostic ${code}` : sentences[known];
}

function milliseconds(ms: number): string {
  return `${Math.round(ms)} ms`;
}

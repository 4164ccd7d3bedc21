import { formatDuration } from "@lbctl/checkers";
import type { BfdInstanceStatus } from "../control/status-document.ts";
import type { Paint } from "./style.ts";
import { textTable } from "./text-table.ts";

const stateColour = { up: "green", init: "yellow", down: "red", admin_down: "dim" } as const;

/** BFD sessions as lines for people. */
export function renderSessions(sessions: readonly BfdInstanceStatus[], nowEpochMs: number, paint: Paint): string[] {
  if (sessions.length === 0) return [];
  const head = ["BFD INSTANCE", "STATE", "NEIGHBOR", "TX", "DETECT", "SINCE", "WHY"];
  const rows = sessions.map((session) => [
    session.name,
    paint(stateColour[session.state], session.state),
    session.multihop ? `${session.neighbor} (multihop)` : session.neighbor,
    milliseconds(session.tx_interval_ms),
    milliseconds(session.detection_time_ms),
    formatDuration(Math.max(0, nowEpochMs - Date.parse(session.since))),
    session.reason,
  ]);
  return textTable([head, ...rows], [3, 4]);
}

function milliseconds(ms: number | null): string {
  return ms === null ? "-" : `${Math.round(ms * 1000) / 1000} ms`;
}

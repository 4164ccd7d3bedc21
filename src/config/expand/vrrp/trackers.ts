import {
  keywordTable,
  type WrittenGlobalDefs,
  type WrittenTrackFile,
  type WrittenVrrpScript,
  type WrittenVrrpTrackProcess,
} from "../../keywords/table.ts";
import type { Path } from "../../locate.ts";
import type { TrackFile, TrackProcess, VrrpScript } from "../../vrrp-model.ts";
import type { Problem } from "../problem.ts";
import { msOf } from "./context.ts";
import { commandOf } from "./notify.ts";

const scriptRows = keywordTable.entries.vrrp_script.block.entries;
const fileRows = keywordTable.entries.track_file.block.entries;
const processRows = keywordTable.entries.vrrp_track_process.block.entries;

export function expandScript(written: WrittenVrrpScript, globals: WrittenGlobalDefs): VrrpScript {
  const { script, user } = written;
  const intervalMs = written.interval ?? scriptRows.interval.row.default;
  return {
    name: written.name,
    ...commandOf(script.user === null && user !== undefined ? { ...script, ...user } : script, globals),
    intervalMs,
    // keepalived's 0.
    timeoutMs: written.timeout || intervalMs,
    rise: written.rise ?? scriptRows.rise.row.default,
    fall: written.fall ?? scriptRows.fall.row.default,
    initFail: written.init_fail ?? scriptRows.init_fail.row.default,
    ...(written.weight ?? scriptRows.weight.row.default),
  };
}

export function expandTrackFile(written: WrittenTrackFile): TrackFile {
  const { init_file: init } = written;
  return {
    name: written.name,
    file: written.file,
    ...(written.weight ?? fileRows.weight.row.default),
    init: init === undefined ? null : { value: init?.value ?? 0, overwrite: init?.overwrite === true },
  };
}

export function expandTrackProcess(written: WrittenVrrpTrackProcess, path: Path, problems: Problem[]): TrackProcess {
  const { process, param_match: match } = written;
  const parameters = match ?? (process.length > 1 ? "exact" : "ignored");
  const quorumMax = written.quorum_max ?? null;
  // quorum_max 0 alone: none may run.
  const quorum = written.quorum ?? Math.min(processRows.quorum.row.default, quorumMax ?? Number.POSITIVE_INFINITY);
  if (quorumMax !== null && quorumMax < quorum) {
    const message = `quorum_max ${quorumMax} is below the quorum ${quorum}: no number of processes would do`;
    problems.push({ path: [...path, "quorum_max"], code: "threshold-order", message });
  }
  return {
    name: written.name,
    process,
    parameters,
    fullCommand: written.full_command === true || parameters !== "ignored",
    ...(written.weight ?? processRows.weight.row.default),
    quorum,
    quorumMax,
    forkDelayMs: msOf(written.fork_delay ?? written.delay ?? 0),
    terminateDelayMs: msOf(written.terminate_delay ?? written.delay ?? 0),
  };
}

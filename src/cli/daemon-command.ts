import { existsSync } from "node:fs";
import { ControlError, type ControlErrorCode } from "../control/api.ts";
import { DaemonUnreachable } from "../control/client.ts";
import { runDir, runDirOfRoot } from "../supervisor/program/run-dir.ts";
import { exitOfRefused } from "./diagnostics.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { type NamedDirector, namedDirectors } from "./named-directors.ts";

/** Path of the control socket for the given --run-dir; without one that of the director which runs in this network namespace. */
export function controlSocket(options: { readonly runDir?: string }): string {
  const { controlSocket: usual } = runDir(options.runDir);
  if (options.runDir !== undefined || existsSync(usual)) return usual;
  const here = namedDirectors().filter(({ isHere }) => isHere);
  if (here.length === 1 && here[0] !== undefined) return here[0].controlSocket;
  const { controlSocket: ofRoot } = runDirOfRoot();
  return existsSync(ofRoot) ? ofRoot : usual;
}

const exitOf = {
  "config-invalid": exitCodes.configInvalid,
  "checker-not-running": exitCodes.failed,
  "vrrp-not-running": exitCodes.failed,
  "not-found": exitCodes.failed,
  "bad-request": exitCodes.usage,
  conflict: exitCodes.failed,
  forbidden: exitCodes.noPermission,
  "state-not-saved": exitCodes.failed,
  "upgrade-failed": exitCodes.failed,
  stopping: exitCodes.failed,
  internal: exitCodes.failed,
} as const satisfies Record<ControlErrorCode, ExitCode>;

/** Exit code, message and hint of a request that failed; errors that are nobody's answer are thrown on. */
export function describeFailure(
  error: unknown,
  named: () => readonly NamedDirector[] = namedDirectors,
): {
  readonly exit: ExitCode;
  readonly message: string;
  readonly hint: string;
} {
  if (error instanceof DaemonUnreachable) {
    const denied = error.errno === "EACCES" || error.errno === "EPERM";
    return {
      exit: denied ? exitCodes.noPermission : exitCodes.daemonUnreachable,
      message: error.message,
      hint: error.errno === "ENOENT" ? [error.hint, ...othersThan(error.socket, named())].join(" ") : error.hint,
    };
  }
  if (error instanceof ControlError) {
    const exit = error.diagnostics === undefined ? exitOf[error.code] : exitOfRefused(error.diagnostics);
    return { exit, message: error.message, hint: error.hint };
  }
  throw error;
}

function othersThan(socket: string, named: readonly NamedDirector[]): readonly string[] {
  const others = named.filter(({ controlSocket }) => controlSocket !== socket);
  return others.map(({ instance, runDir }) => `Instance ${instance} runs: --run-dir ${runDir}.`);
}

/** Says on standard error what failed, why and what to do next, and sets the exit status. With `json` the same as an object on standard output. */
export function reportFailure(command: string, error: unknown, json: boolean): void {
  const { exit, message, hint } = describeFailure(error);
  process.exitCode = exit;
  if (json) {
    const body =
      error instanceof ControlError
        ? { code: error.code, diagnostics: error.diagnostics }
        : { code: "daemon-unreachable" };
    process.stdout.write(`${JSON.stringify({ error: { ...body, message, hint } }, null, 2)}\n`);
  } else {
    process.stderr.write(`lbctl ${command}: ${message}\n  ${hint}\n`);
  }
}

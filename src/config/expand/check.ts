import type { Check, CheckSpec, CheckTiming, ConnectOptions, Url } from "@lbctl/checkers";
import { addressFamily } from "ipvs-netlink";
import { httpGet, inheritable, tcpCheck } from "../keywords/checkers.ts";
import type { WrittenHttpGet, WrittenRealServer, WrittenTcpCheck } from "../keywords/table.ts";
import type { Path } from "../locate.ts";
import type { Problem } from "./problem.ts";

/** What a checker takes from the real server and the virtual server around it. */
export interface CheckerContext {
  /** The real server, then the virtual server. */
  readonly levels: readonly Inherited[];
  readonly address: string;
  /** 0 when neither has a port. */
  readonly port: number;
  readonly logAllFailures: boolean;
}

export type Inherited = Pick<WrittenRealServer, keyof typeof inheritable | "virtualhost">;

type WrittenChecker = WrittenTcpCheck | WrittenHttpGet;

/** The checks of a real server; null for one that cannot be made. `path` is that of the real server. */
export function expandChecks(
  written: WrittenRealServer,
  context: CheckerContext,
  path: Path,
  problems: Problem[],
): Check[] {
  const tcp = (written.TCP_CHECK ?? []).map((checker, index) => {
    const at = [...path, "TCP_CHECK", index];
    return expandCheck(
      checker,
      tcpSpec(checker, context),
      tcpCheck.entries.delay_before_retry.row.default,
      context,
      at,
      problems,
    );
  });
  const http = (written.HTTP_GET ?? []).map((checker, index) => {
    const at = [...path, "HTTP_GET", index];
    return expandCheck(
      checker,
      httpSpec(checker, context),
      httpGet.entries.delay_before_retry.row.default,
      context,
      at,
      problems,
    );
  });
  return [...tcp, ...http];
}

function expandCheck(
  checker: WrittenChecker,
  spec: CheckSpec,
  delayBeforeRetryMs: number,
  context: CheckerContext,
  path: Path,
  problems: Problem[],
): Check {
  const levels: readonly Inherited[] = [checker, ...context.levels];
  const timing = expandTiming(levels, delayBeforeRetryMs);
  checkConnect(spec.connect, path, problems);
  checkInterval(levels, timing, path, problems);
  return {
    spec,
    timing,
    alpha: inherited(levels, "alpha") ?? inheritable.alpha.row.default,
    logAllFailures: checker.log_all_failures ?? context.logAllFailures,
  };
}

function tcpSpec(checker: WrittenTcpCheck, context: CheckerContext): CheckSpec {
  return { type: "TCP_CHECK", connect: expandConnect(checker, context) };
}

function httpSpec(checker: WrittenHttpGet, context: CheckerContext): CheckSpec {
  const virtualhost = inherited([checker, ...context.levels], "virtualhost") ?? null;
  return {
    type: "HTTP_GET",
    connect: expandConnect(checker, context),
    httpProtocol: checker.http_protocol ?? httpGet.entries.http_protocol.row.default,
    urls: checker.url.map(
      (url): Url => ({
        path: url.path,
        statusCode: url.status_code ?? httpGet.entries.url.block.entries.status_code.row.default,
        digest: url.digest ?? null,
        virtualhost: url.virtualhost ?? virtualhost,
      }),
    ),
  };
}

function expandConnect(checker: WrittenChecker, { address, port }: CheckerContext): ConnectOptions {
  return {
    address: checker.connect_ip ?? address,
    port: checker.connect_port ?? port,
    bindto: checker.bindto ?? null,
    bindPort: checker.bind_port ?? null,
    bindIf: checker.bind_if ?? null,
    // Mark 0 is what a packet without a mark has.
    fwmark: checker.fwmark || null,
  };
}

function expandTiming(levels: readonly Inherited[], delayBeforeRetryMs: number): CheckTiming {
  const delayLoopMs = inherited(levels, "delay_loop") ?? inheritable.delay_loop.row.default;
  return {
    delayLoopMs,
    connectTimeoutMs: inherited(levels, "connect_timeout") ?? inheritable.connect_timeout.row.default,
    retry: inherited(levels, "retry") ?? inheritable.retry.row.default,
    delayBeforeRetryMs: inherited(levels, "delay_before_retry") ?? delayBeforeRetryMs,
    warmupMs: inherited(levels, "warmup") ?? delayLoopMs,
  };
}

/** The innermost level's word counts. */
function inherited<K extends keyof Inherited>(levels: readonly Inherited[], name: K): Inherited[K] | undefined {
  return levels.find((level) => level[name] !== undefined)?.[name];
}

function checkConnect(connect: ConnectOptions, path: Path, problems: Problem[]): void {
  if (connect.port === 0) {
    const message = "the checker has no port to connect to: neither it nor the real server names one";
    problems.push({ path, code: "needs-port", message, hint: "add connect_port" });
  }
  if (connect.bindto !== null && addressFamily(connect.bindto) !== addressFamily(connect.address)) {
    const message = `bindto is ${connect.bindto} and the check connects to ${connect.address}: they are of different families`;
    problems.push({ path: [...path, "bindto"], code: "family-mismatch", message });
  }
}

function checkInterval(
  levels: readonly Inherited[],
  { delayLoopMs, connectTimeoutMs }: CheckTiming,
  path: Path,
  problems: Problem[],
): void {
  if (delayLoopMs >= connectTimeoutMs) return;
  const message = `checks are ${seconds(delayLoopMs)} apart and each may take ${seconds(connectTimeoutMs)}`;
  const at = originOf(levels, "delay_loop", path);
  problems.push({ path: at, code: "interval-below-timeout", message, hint: "lower connect_timeout below delay_loop" });
}

/** Where an inherited setting was written: each level up is one block further out in the path. */
function originOf(levels: readonly Inherited[], name: keyof Inherited, path: Path): Path {
  const level = levels.findIndex((each) => each[name] !== undefined);
  return level < 0 ? path : [...path.slice(0, path.length - 2 * level), name];
}

function seconds(ms: number): string {
  return `${ms / 1000} s`;
}

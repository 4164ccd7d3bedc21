import type { Check, CheckSpec, ConnectOptions, RequiredReply, TlsOptions, TlsUrl, Url } from "@lbctl/checkers";
import { addressFamily } from "ipvs-netlink";
import { connection, httpGet, inheritable, tcpCheck } from "../keywords/checkers.ts";
import type { Written } from "../keywords/keyword.ts";
import { dnsCheck, miscCheck, pingCheck, smtpCheck, sslGet, udpCheck } from "../keywords/rows/other-checkers.ts";
import { agentCheck, grpcCheck, tcpExpect } from "../keywords/rows/our-checkers.ts";
import type {
  WrittenHttpGet,
  WrittenMiscCheck,
  WrittenRealServer,
  WrittenSmtpCheck,
  WrittenSslGet,
  WrittenUdpCheck,
} from "../keywords/table.ts";
import type { Path } from "../locate.ts";
import { expandBfdChecks } from "./bfd-check.ts";
import { checkInterval, expandTiming, type Inherited, inherited, type TypeDefaults } from "./check-timing.ts";
import type { CheckerContext } from "./checker-context.ts";
import { expandFileCheck } from "./file-check.ts";
import { expandGrpc, expandSteps, filesOf } from "./our-checks.ts";
import type { Problem } from "./problem.ts";
import { expandRegex } from "./regex.ts";
import { commandOf } from "./vrrp/notify.ts";

type WrittenChecker = Inherited & { readonly log_all_failures?: boolean | undefined };
type WrittenConnection = Written<typeof connection>;

const rows = {
  tcp: tcpCheck.entries,
  http: httpGet.entries,
  ssl: sslGet.entries,
  smtp: smtpCheck.entries,
  dns: dnsCheck.entries,
  ping: pingCheck.entries,
  udp: udpCheck.entries,
  misc: miscCheck.entries,
  expect: tcpExpect.entries,
  grpc: grpcCheck.entries,
  agent: agentCheck.entries,
};

/** The checks of a real server; null for one that cannot be made. `path` is that of the real server. */
export function expandChecks(
  written: WrittenRealServer,
  context: CheckerContext,
  path: Path,
  problems: Problem[],
): Check[] {
  const each = <W extends WrittenChecker>(
    type: CheckSpec["type"],
    checkers: readonly W[] | undefined,
    defaults: TypeDefaults,
    specOf: (checker: W, at: Path) => CheckSpec,
  ): Check[] =>
    (checkers ?? []).map((checker, index) => {
      const at = [...path, type, index];
      return expandCheck(checker, specOf(checker, at), defaults, context, at, problems);
    });
  const connect = (checker: WrittenConnection, at: Path) => expandConnect(checker, context, at, problems);
  return [
    ...each("TCP_CHECK", written.TCP_CHECK, defaultsOf(rows.tcp), (checker, at) => ({
      type: "TCP_CHECK",
      connect: connect(checker, at),
    })),
    ...each("HTTP_GET", written.HTTP_GET, defaultsOf(rows.http), (checker, at) => ({
      type: "HTTP_GET",
      connect: connect(checker, at),
      httpProtocol: checker.http_protocol ?? rows.http.http_protocol.row.default,
      urls: expandUrls(checker, context, at, problems),
    })),
    ...each("SSL_GET", written.SSL_GET, defaultsOf(rows.ssl), (checker, at) => ({
      type: "SSL_GET",
      connect: connect(checker, at),
      httpProtocol: checker.http_protocol ?? rows.ssl.http_protocol.row.default,
      urls: expandTlsUrls(checker, context, at, problems),
      tls: expandTls(checker, context),
    })),
    ...each("SMTP_CHECK", written.SMTP_CHECK, defaultsOf(rows.smtp), (checker, at) => {
      const [connect, ...further] = expandSmtpHosts(checker, context, at, problems);
      return { type: "SMTP_CHECK", connect, further, heloName: checker.helo_name ?? null };
    }),
    ...each("DNS_CHECK", written.DNS_CHECK, dnsDefaults, (checker, at) => ({
      type: "DNS_CHECK",
      connect: connect(checker, at),
      name: checker.name ?? rows.dns.name.row.default,
      queryType: checker.type ?? rows.dns.type.row.default,
    })),
    ...each("PING_CHECK", written.PING_CHECK, defaultsOf(rows.ping), (checker, at) => ({
      type: "PING_CHECK",
      connect: { ...expandConnect({ ...checker, connect_port: icmpPort }, context, at, problems), port: 0 },
    })),
    ...each("UDP_CHECK", written.UDP_CHECK, defaultsOf(rows.udp), (checker, at) => ({
      type: "UDP_CHECK",
      connect: connect(checker, at),
      payload: checker.payload ?? null,
      reply: expandReply(checker, at, problems),
    })),
    ...each("TCP_EXPECT", written.TCP_EXPECT, defaultsOf(rows.expect), (checker, at) => ({
      type: "TCP_EXPECT",
      connect: connect(checker, at),
      steps: expandSteps(checker, at, problems),
    })),
    ...each("GRPC_CHECK", written.GRPC_CHECK, defaultsOf(rows.grpc), (checker, at) => {
      const virtualhost = inherited([checker, ...context.levels], "virtualhost") ?? null;
      const { ssl } = context.surroundings;
      return {
        type: "GRPC_CHECK",
        connect: connect(checker, at),
        ...expandGrpc(checker, virtualhost, ssl, at, problems),
      };
    }),
    ...each("AGENT_CHECK", written.AGENT_CHECK, defaultsOf(rows.agent), (checker, at) => ({
      type: "AGENT_CHECK",
      connect: connect(checker, at),
      send: checker.agent_send ?? null,
    })),
    ...expandBfdChecks(written.BFD_CHECK, context, path, problems),
    ...(written.FILE_CHECK ?? []).flatMap((checker, index) =>
      expandFileCheck(checker, context, [...path, "FILE_CHECK", index], problems),
    ),
    ...(written.MISC_CHECK ?? []).map((checker, index) =>
      expandMisc(checker, context, [...path, "MISC_CHECK", index], problems),
    ),
  ];
}

/** misc_timeout is the deadline; connect_timeout is for checkers that connect. */
function expandMisc(checker: WrittenMiscCheck, context: CheckerContext, path: Path, problems: Problem[]): Check {
  const { address, port, globals } = context;
  const { misc_path: script, user, misc_timeout: timeoutS = 0 } = checker;
  const delayLoopMs = inherited([checker, ...context.levels], "delay_loop") ?? inheritable.delay_loop.row.default;
  const spec: CheckSpec = {
    type: "MISC_CHECK",
    connect: { address, port, bindto: null, bindPort: null, bindIf: null, fwmark: null },
    script: commandOf(script.user === null && user !== undefined ? { ...script, ...user } : script, globals),
    dynamic: checker.misc_dynamic ?? rows.misc.misc_dynamic.row.default,
  };
  // 0 is what leaving it out is.
  const timed = { ...checker, connect_timeout: timeoutS === 0 ? delayLoopMs : timeoutS * 1000 };
  return expandCheck(timed, spec, defaultsOf(rows.misc), context, path, problems);
}

const dnsDefaults: TypeDefaults = { retry: dnsCheck.entries.retry.row.default, delayBeforeRetryMs: "delay_loop" };

/** ICMP has no ports: none is missing when the real server has none. */
const icmpPort = 1;

function expandReply(checker: WrittenUdpCheck, path: Path, problems: Problem[]): RequiredReply | null {
  const { min_reply_length: min, max_reply_length: max } = rows.udp;
  if (checker.require_reply === undefined) {
    for (const name of ["min_reply_length", "max_reply_length"] as const) {
      if (checker[name] === undefined) continue;
      const message = `${name} changes nothing without require_reply`;
      problems.push({ path: [...path, name], code: "no-effect", message });
    }
    return null;
  }
  const minLength = checker.min_reply_length ?? min.row.default;
  const maxLength = checker.max_reply_length ?? max.row.default;
  if (minLength > maxLength) {
    const message = `min_reply_length ${minLength} is above max_reply_length ${maxLength}: no answer would do`;
    problems.push({ path: [...path, "min_reply_length"], code: "conflicting-keywords", message });
  }
  return { mask: checker.require_reply, minLength, maxLength };
}

function defaultsOf({
  retry,
  delay_before_retry,
}: {
  readonly retry: { readonly row: { readonly default: number } };
  readonly delay_before_retry: { readonly row: { readonly default: number } };
}): TypeDefaults {
  return { retry: retry.row.default, delayBeforeRetryMs: delay_before_retry.row.default };
}

function expandCheck(
  checker: WrittenChecker,
  spec: CheckSpec,
  defaults: TypeDefaults,
  context: CheckerContext,
  path: Path,
  problems: Problem[],
): Check {
  const levels: readonly Inherited[] = [checker, ...context.levels];
  const timing = expandTiming(levels, defaults, path, problems);
  checkInterval(levels, timing, path, problems);
  return {
    spec,
    timing,
    alpha: inherited(levels, "alpha") ?? inheritable.alpha.row.default,
    logAllFailures: checker.log_all_failures ?? context.logAllFailures,
  };
}

function expandUrls(
  checker: WrittenHttpGet | WrittenSslGet,
  context: CheckerContext,
  path: Path,
  problems: Problem[],
): Url[] {
  const virtualhost = inherited([checker, ...context.levels], "virtualhost") ?? null;
  return checker.url.map((url, index) => ({
    path: url.path,
    statusCode: url.status_code ?? rows.http.url.block.entries.status_code.row.default,
    digest: url.digest ?? null,
    virtualhost: url.virtualhost ?? virtualhost,
    ...expandRegex(url, [...path, "url", index], problems),
    ...(url.agent_body === true ? { agentBody: true } : {}),
  }));
}

function expandTlsUrls(checker: WrittenSslGet, context: CheckerContext, path: Path, problems: Problem[]): TlsUrl[] {
  const { enable_sni: sni = checker.sni_name !== undefined, tls_compliant: compliant = false } = checker;
  return expandUrls(checker, context, path, problems).map((url, index) => ({
    ...url,
    serverName: sni ? (checker.sni_name ?? url.virtualhost?.replace(/:[0-9]+$/, "") ?? null) : null,
    tlsCompliant: checker.url[index]?.tls_compliant ?? compliant,
  }));
}

function expandTls(checker: WrittenSslGet, { surroundings: { ssl } }: CheckerContext): TlsOptions {
  return {
    ...filesOf(ssl),
    verify: checker.tls_verify ?? rows.ssl.tls_verify.row.default,
  };
}

/** Each host block is a place of its own, the checker's connection where it says nothing; without one it is the checker's. */
function expandSmtpHosts(
  checker: WrittenSmtpCheck,
  context: CheckerContext,
  path: Path,
  problems: Problem[],
): [ConnectOptions, ...ConnectOptions[]] {
  const [first, ...more] = (checker.host ?? []).map((host, index) => {
    const at = [...path, "host", index];
    for (const name of Object.keys(host).filter((each) => !(each in connection))) {
      const message = `${name} changes nothing in a host block: the whole check has one`;
      problems.push({ path: [...at, name], code: "no-effect", message });
    }
    return expandConnect({ ...checker, ...host }, context, at, problems);
  });
  return first === undefined ? [expandConnect(checker, context, path, problems)] : [first, ...more];
}

function expandConnect(
  checker: WrittenConnection,
  { address, port }: CheckerContext,
  path: Path,
  problems: Problem[],
): ConnectOptions {
  const connect = {
    address: checker.connect_ip ?? address,
    port: checker.connect_port ?? port,
    bindto: checker.bindto ?? null,
    bindPort: checker.bind_port ?? null,
    bindIf: checker.bind_if ?? null,
    // Mark 0 is what a packet without a mark has.
    fwmark: checker.fwmark || null,
  };
  checkConnect(connect, path, problems);
  return connect;
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

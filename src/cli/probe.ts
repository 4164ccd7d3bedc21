import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { Check } from "@lbctl/checkers";
import { Command, InvalidArgumentError } from "commander";
import type { NotifySettings } from "../config/notify-model.ts";
import { defaultNotifySettings } from "../config/notify-model.ts";
import { ScriptRunner } from "../notify/script-runner.ts";
import { hasAddress, NoCheck, oneOffCheck, parseTarget } from "../probe/one-off.ts";
import type { ProbeReport } from "../probe/probe-report.ts";
import { probeDocument, renderProbe } from "../probe/render-probe.ts";
import { CannotProbe, runProbe } from "../probe/run-probe.ts";
import { scriptRunner } from "../supervisor/checkers/checked-scripts.ts";
import { ask } from "./ask.ts";
import { controlSocket, reportFailure } from "./daemon-command.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { runDirOption } from "./run-dir-option.ts";

interface Flags {
  readonly realServer?: string;
  readonly virtualServer?: string;
  readonly path?: string;
  readonly status?: string;
  readonly digest?: string;
  readonly regex?: string;
  readonly virtualhost?: string;
  readonly sni?: true;
  readonly tlsVerify?: true;
  readonly ca?: string;
  readonly send?: string;
  readonly expect?: string;
  readonly timeout?: string;
  readonly set: Readonly<Record<string, string>>;
  readonly json?: true;
  readonly runDir?: string;
}

/** `lbctl probe`: runs checks once, and shows every step with its time. */
export function probeCommand(): Command {
  return new Command("probe")
    .description("run a check once and show every step: one of the running configuration, or of any target")
    .argument("[checker]", "TCP_CHECK, HTTP_GET, SSL_GET, ...: without it --real-server says which")
    .argument("[target]", '"192.0.2.1:80", an http(s) URL, for MISC_CHECK a command line')
    .option("--real-server <address:port>", "run the checks that the running lbctl has for this real server")
    .option("--virtual-server <name>", "only those of this virtual server")
    .option("--path <path>", "HTTP: what to ask for")
    .option("--status <ranges>", 'HTTP: accepted status codes, "200-299 304"')
    .option("--digest <hex>", "HTTP: digest that the body must have")
    .option("--regex <expression>", "HTTP: what the body must match")
    .option("--virtualhost <host>", "HTTP, gRPC: the host that is asked for")
    .option("--sni", "TLS: tell the server the host name")
    .option("--tls-verify", "TLS: verify the certificate")
    .option("--ca <file>", "TLS: authorities to verify it with")
    .option("--send <text>", "TCP_EXPECT, AGENT_CHECK: what is sent")
    .option("--expect <text>", "TCP_EXPECT: what must come")
    .option("--timeout <seconds>", "deadline of each exchange")
    .option("--set <keyword=value>", "any other setting of the checker", setting, {})
    .option("--json", "print the steps as JSON")
    .addOption(runDirOption())
    .action(run);
}

function setting(text: string, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const [, keyword, value] = /^([A-Za-z_][\w-]*)=(.*)$/s.exec(text) ?? [];
  if (keyword === undefined || value === undefined) throw new InvalidArgumentError("write keyword=value");
  return { ...before, [keyword]: value };
}

async function run(checker: string | undefined, target: string | undefined, flags: Flags): Promise<void> {
  const json = flags.json === true;
  if ((checker === undefined) === (flags.realServer === undefined) || (checker !== undefined && target === undefined)) {
    const hint = "name a checker and a target, or --real-server";
    fail({ code: "usage", message: "it is not clear what to probe", hint, exit: exitCodes.usage }, json);
    return;
  }
  try {
    const reports =
      checker !== undefined && target !== undefined
        ? [await oneOff(checker, target, flags)]
        : await running(flags.realServer as string, flags);
    print(reports, json);
  } catch (error) {
    if (error instanceof NoCheck) fail({ code: "usage", ...said(error), exit: exitCodes.usage }, json);
    else if (error instanceof CannotProbe) fail({ code: "cannot-probe", ...said(error), exit: exitCodes.failed }, json);
    else reportFailure("probe", error, json);
  }
}

function said({ message, hint }: NoCheck | CannotProbe) {
  return { message, hint };
}

async function oneOff(checker: string, target: string, flags: Flags): Promise<ProbeReport> {
  const place = hasAddress(checker) ? parseTarget(checker, target) : null;
  const address = place === null ? "192.0.2.1" : await addressOf(place.host);
  const name = place !== null && isIP(place.host) === 0 ? { virtualhost: place.host } : {};
  const { path, status, digest, regex, virtualhost, sni, tlsVerify, ca, send, expect, timeout, set } = flags;
  const settings = {
    ...(checker === "HTTP_GET" || checker === "SSL_GET" || checker === "GRPC_CHECK" ? name : {}),
    ...given({ virtualhost, connect_timeout: checker === "MISC_CHECK" ? undefined : timeout }),
    ...given({ misc_timeout: checker === "MISC_CHECK" ? timeout : undefined }),
    ...(sni ? { enable_sni: true } : {}),
    ...(tlsVerify ? { tls_verify: true } : {}),
    ...(checker === "TCP_EXPECT" ? { step: given({ send, expect }) } : given({ agent_send: send })),
    ...set,
  };
  const url = given({ path, status_code: status, digest, regex });
  const check = oneOffCheck({ checker, target, settings, url, ssl: given({ ca }) }, place, address);
  return runProbe(check, null, scriptsOf(defaultNotifySettings));
}

async function addressOf(host: string): Promise<string> {
  if (isIP(host) !== 0) return host;
  try {
    return (await lookup(host)).address;
  } catch (error) {
    throw new NoCheck(`${host} has no address (${(error as NodeJS.ErrnoException).code})`, "name an address");
  }
}

async function running(realServer: string, flags: Flags): Promise<ProbeReport[]> {
  const request = { real_server: realServer, virtual_server: flags.virtualServer ?? null };
  const {
    checks,
    script_user: scriptUser,
    script_security: scriptSecurity,
  } = await ask(controlSocket(flags), "POST /v1/checks", request);
  const reports: ProbeReport[] = [];
  const scripts = scriptsOf({ ...defaultNotifySettings, scriptUser, scriptSecurity });
  for (const { check, virtual_server: virtualServer } of checks) {
    // As the daemon of this version made it.
    reports.push(await runProbe(check as unknown as Check, virtualServer, scripts));
  }
  return reports;
}

function scriptsOf(settings: NotifySettings) {
  const runner = new ScriptRunner(settings, (_, message) => process.stderr.write(`lbctl probe: ${message}\n`));
  return scriptRunner({
    run: async ({ script, moreArguments, timeoutMs }) => ({
      id: 0,
      ...(await runner.run(script, { moreArguments, timeoutMs })),
    }),
  });
}

function print(reports: readonly ProbeReport[], json: boolean): void {
  if (reports.some(({ verdict }) => !verdict.ok)) process.exitCode = exitCodes.failed;
  const text = json
    ? JSON.stringify({ version: 1, probes: reports.map(probeDocument) }, null, 2)
    : reports.map((report) => renderProbe(report, Date.now()).join("\n")).join("\n\n");
  process.stdout.write(`${text}\n`);
}

interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly exit: ExitCode;
}

function fail({ exit, ...error }: Failure, json: boolean): void {
  process.exitCode = exit;
  if (json) process.stdout.write(`${JSON.stringify({ error }, null, 2)}\n`);
  else process.stderr.write(`lbctl probe: ${error.message}\n  ${error.hint}\n`);
}

/** Those that were given. */
function given(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

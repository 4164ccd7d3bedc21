import { Command, InvalidArgumentError, Option } from "commander";
import { GenhashError } from "../genhash/errors.ts";
import { describePage, type GenhashResult, genhash, isChunked } from "../genhash/genhash.ts";
import {
  type GenhashOptions,
  GenhashUsageError,
  parseFwmark,
  parseHash,
  parsePath,
  parsePort,
  parseProtocol,
  parseTimeout,
} from "../genhash/options.ts";
import { version } from "../version.ts";
import { exitCodes } from "./exit-codes.ts";

interface Flags {
  readonly server: string;
  readonly port?: number;
  readonly url: string;
  readonly useSsl?: true;
  readonly useSni?: true;
  readonly useVirtualhost?: string;
  readonly protocol: GenhashOptions["protocol"];
  readonly hash: GenhashOptions["hash"];
  readonly fwmark?: number;
  readonly timeout: number;
  readonly verbose?: true;
  readonly json?: true;
}

/** `lbctl genhash`: the digest of a page for HTTP_GET's `digest`, with the options and the output line of keepalived's genhash. */
export function genhashCommand(): Command {
  return new Command("genhash")
    .description("print the digest of a page, for `digest` of an url in HTTP_GET")
    .requiredOption("-s, --server <host>", "the server's address or name")
    .option("-p, --port <port>", "the server's port (default: 80, with --use-ssl 443)", usage(parsePort))
    .requiredOption("-u, --url <path>", "path of the page", usage(parsePath))
    .option("-S, --use-ssl", "use TLS; the certificate is not verified")
    .option("-I, --use-sni", "send the virtualhost as server name in the TLS handshake")
    .option("-V, --use-virtualhost <host>", "the Host header (default: the server's address and port)")
    .option(
      "-P, --protocol <version>",
      "HTTP protocol: 1.0, 1.0c (with Connection: close) or 1.1",
      usage(parseProtocol),
      "1.0",
    )
    .option("-H, --hash <algorithm>", "md5 or sha1", usage(parseHash), "md5")
    .option("-m, --fwmark <mark>", "firewall mark of the packets sent", usage(parseFwmark))
    .addOption(
      new Option("-t, --timeout <seconds>", "for the whole exchange").argParser(usage(parseTimeout)).default(5000, "5"),
    )
    .version(`lbctl ${version}`, "-r, --release", "print the version")
    .option("-v, --verbose", "show status, headers, size and time on standard error")
    .option("--json", "print the result as JSON")
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  const options = toOptions(flags);
  try {
    const result = await genhash(options);
    if (flags.verbose) process.stderr.write(describeAnswer(options, result));
    for (const note of notes(result)) process.stderr.write(`lbctl genhash: note: ${note}\n`);
    process.stdout.write(flags.json ? toJson(options, result) : `${result.digest}\n`);
  } catch (error) {
    if (!(error instanceof GenhashError)) throw error;
    process.exitCode = exitCodes.failed;
    if (flags.json) {
      const { code, message, hint } = error;
      process.stdout.write(`${JSON.stringify({ error: { code, message, hint } }, null, 2)}\n`);
    } else process.stderr.write(`lbctl genhash: ${error.message}\n  ${error.hint}\n`);
  }
}

function toOptions(flags: Flags): GenhashOptions {
  const ssl = flags.useSsl === true;
  return {
    server: flags.server.replace(/^\[(.*)\]$/, "$1"),
    port: flags.port ?? (ssl ? 443 : 80),
    ssl,
    sni: flags.useSni === true,
    path: flags.url,
    virtualhost: flags.useVirtualhost ?? null,
    protocol: flags.protocol,
    hash: flags.hash,
    fwmark: flags.fwmark ?? null,
    timeoutMs: flags.timeout,
  };
}

/** What somebody who compares digests should know of this answer. */
function notes(result: GenhashResult): string[] {
  const list: string[] = [];
  if (result.status < 200 || result.status > 299) {
    list.push(`the server answered with status ${result.status}: this is the digest of that page`);
  }
  if (result.algorithm === "md5" && isChunked(result)) {
    list.push(
      "the answer was chunked: this is the digest of its content, keepalived's genhash takes the framing as well",
    );
  }
  return list;
}

function describeAnswer(options: GenhashOptions, { status, headers, bytes, latencyMs }: GenhashResult): string {
  const lines = headers.map(([name, value]) => `  ${name}: ${value}`);
  return `${describePage(options)}: status ${status}\n${lines.join("\n")}\n${bytes} bytes in ${latencyMs} ms\n`;
}

function toJson(options: GenhashOptions, result: GenhashResult): string {
  const { algorithm, digest, bytes, status, headers, latencyMs } = result;
  const page = describePage(options);
  const document = { page, status, headers, bytes, algorithm, digest, latency_ms: latencyMs };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** A parser of ours as commander wants it. */
function usage<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      if (error instanceof GenhashUsageError) throw new InvalidArgumentError(error.message);
      throw error;
    }
  };
}

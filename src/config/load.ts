import { readFile, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { resolve } from "node:path";
import { type Diagnostic, diagnosticOfFile, type Remark } from "./diagnostics.ts";
import { type IncludeMatch, includeKey } from "./include/include.ts";
import { loadIncluded } from "./include/load-included.ts";
import { hostQuestions } from "./lints/host-questions.ts";
import { lookAtHost } from "./look-at-host.ts";
import { type ConfigResult, conclude, readConfig, understand } from "./parse-config.ts";
import { decodeText } from "./text.ts";

export type { ConfigResult } from "./parse-config.ts";

/** Where the configuration is when nobody says otherwise. */
export const defaultConfigFile = "/etc/lbctl/lbctl.yaml";

export interface LoadOptions {
  /** Which `@id` lines of a keepalived.conf count (-i, --config-id); the host name up to its first dot when it is left out. */
  readonly configId?: string | undefined;
  /** Nothing is said of this host: its files, interfaces and users. */
  readonly offline?: boolean | undefined;
}

/**
 * Reads and validates a configuration file: a keepalived.conf when its name ends in .conf, YAML when it ends in .yaml or .yml,
 * otherwise what it looks like. Everything that can go wrong is a diagnostic, never an exception.
 */
export async function loadConfig(
  file: string,
  { configId = shortHostName(), offline = false }: LoadOptions = {},
): Promise<ConfigResult> {
  const octets = await readRegularFile(file).catch((error: NodeJS.ErrnoException) => unreadable(file, error));
  if ("code" in octets) return { ok: false, diagnostics: [octets] };
  const text = decodeText(octets);
  if (text === null) return { ok: false, diagnostics: [notText(file, octets)] };
  const path = resolve(file);
  const included = new Map<string, readonly IncludeMatch[]>();
  const context = { configId, environment: process.env, seed: Date.now() % 2 ** 32, included };
  let read = readConfig(text, path, context);
  // Once more for each level of includes: what they name is known only after parameters are replaced.
  while (read.missing.length > 0) {
    for (const request of read.missing) included.set(includeKey(request), await loadIncluded(request));
    read = readConfig(text, path, context);
  }
  const understood = understand(read, path);
  const host = offline ? null : await lookAtHost(hostQuestions(understood.config, read.sources));
  return conclude(understood, host);
}

function shortHostName(): string {
  return hostname().split(".")[0] ?? "";
}

async function readRegularFile(file: string): Promise<Uint8Array | Diagnostic> {
  const status = await stat(file);
  if (status.isFile()) return await readFile(file);
  const hint = status.isDirectory() ? "give the path of a file in it" : "give the path of a regular file";
  const what = status.isDirectory() ? "a directory" : "no regular file";
  return diagnosticOfFile(file, { code: "not-a-file", message: `the configuration is ${what}`, hint });
}

function unreadable(file: string, { code = "unknown error" }: NodeJS.ErrnoException): Diagnostic {
  if (code === "ENOENT" || code === "ENOTDIR") {
    const hint = "give the configuration with -f <file>, or write one; docs/configuration.md has examples";
    return diagnosticOfFile(file, { code: "file-not-found", message: "there is no such file", hint });
  }
  const hint = code === "EACCES" || code === "EPERM" ? "run lbctl as a user who may read it" : null;
  return diagnosticOfFile(file, { code: "file-unreadable", message: `the file cannot be read: ${code}`, hint });
}

function notText(file: string, octets: Uint8Array): Diagnostic {
  const binary = octets.includes(0);
  const remark: Remark = {
    code: "not-text",
    message: binary ? "the file is binary" : "the file is not UTF-8 text",
    hint: binary ? "this is not a configuration file" : "convert it, for example with iconv -t UTF-8",
  };
  return diagnosticOfFile(file, remark);
}

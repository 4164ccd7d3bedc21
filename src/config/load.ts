import { readFile, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { resolve } from "node:path";
import { type Conversion, convert } from "./convert/convert.ts";
import { isThereAtAll, keepalivedConfigFile, ownConfigFile } from "./default-file.ts";
import { type Diagnostic, diagnosticOfFile, type Remark } from "./diagnostics.ts";
import { type IncludeMatch, includeKey } from "./include/include.ts";
import { loadIncluded } from "./include/load-included.ts";
import { readIprouteNames } from "./iproute-files.ts";
import { hostQuestions } from "./lints/host-questions.ts";
import { lookAtHost } from "./look-at-host.ts";
import {
  type ConfigResult,
  conclude,
  peersIn,
  type ReadConfig,
  readCondensed,
  readConfig,
  understand,
} from "./parse-config.ts";
import type { ReadContext } from "./read-context.ts";
import { decodeText } from "./text.ts";

export type { Conversion } from "./convert/convert.ts";
export type { ConfigResult } from "./parse-config.ts";

export interface LoadOptions {
  /** Which `@id` lines of a keepalived.conf count (-i, --config-id); the host name up to its first dot when it is left out. */
  readonly configId?: string | undefined;
  /** Every flaw of an included file of a keepalived.conf is an error (-e, --all-config). */
  readonly allIncludes?: boolean | undefined;
  /** Nothing is said of this host: its files, interfaces and users. */
  readonly offline?: boolean | undefined;
}

/**
 * Reads and validates a configuration file: a keepalived.conf when its name ends in .conf, YAML when it ends in .yaml or .yml,
 * otherwise what it looks like. Everything that can go wrong is a diagnostic, never an exception.
 */
export async function loadConfig(file: string, options: LoadOptions = {}): Promise<ConfigResult> {
  const loaded = await readConfigFile(file, options, readCondensed);
  if ("code" in loaded) return { ok: false, diagnostics: [loaded] };
  const understood = understand(loaded.read, loaded.path, await readIprouteNames());
  const host =
    options.offline === true ? null : await lookAtHost(hostQuestions(understood.config, loaded.read.sources));
  return conclude(understood, host, peersIn(understood, loaded.configId, loaded.readAs));
}

/** Reads a keepalived.conf, whatever its name, and writes it as YAML. What is wrong with it are diagnostics, as with `loadConfig`. */
export async function convertFile(file: string, options: LoadOptions = {}): Promise<Conversion> {
  const loaded = await readConfigFile(file, options, (text, path, context) =>
    readConfig(text, path, context, "keepalived"),
  );
  return "code" in loaded ? { ok: false, diagnostics: [loaded] } : convert(loaded.read, loaded.path, loaded.configId);
}

interface LoadedFile {
  readonly read: ReadConfig;
  /** Absolute. */
  readonly path: string;
  readonly configId: string;
  /** The same text with another configuration id, and the files that are known. */
  readonly readAs: (configId: string) => ReadConfig;
}

/** A configuration file as its front end reads it, with the files that it includes; or why it cannot be read. */
async function readConfigFile(
  file: string,
  { configId = shortHostName(), allIncludes }: LoadOptions,
  readText: (text: string, path: string, context: ReadContext) => ReadConfig,
): Promise<LoadedFile | Diagnostic> {
  const octets = await readRegularFile(file).catch((error: NodeJS.ErrnoException) => unreadable(file, error));
  if ("code" in octets) return octets;
  const text = decodeText(octets);
  if (text === null) return notText(file, octets);
  const path = resolve(file);
  const included = new Map<string, readonly IncludeMatch[]>();
  const context = { configId, environment: process.env, seed: Date.now() % 2 ** 32, allIncludes, included };
  let read = readText(text, path, context);
  // Once more for each level of includes: what they name is known only after parameters are replaced.
  while (read.missing.length > 0) {
    for (const request of read.missing) included.set(includeKey(request), await loadIncluded(request));
    read = readText(text, path, context);
  }
  const readAs = (id: string) => readText(text, path, { ...context, configId: id });
  return { read, path, configId, readAs };
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
    const hint =
      "give the configuration with -f <file>, YAML or a keepalived.conf, or write one; docs/configuration.md has examples";
    const nowhere = file === ownConfigFile && !isThereAtAll(keepalivedConfigFile);
    const message = `there is no such file${nowhere ? `, and no ${keepalivedConfigFile}` : ""}`;
    return diagnosticOfFile(file, { code: "file-not-found", message, hint });
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

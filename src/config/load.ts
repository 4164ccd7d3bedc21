import { readFile, stat } from "node:fs/promises";
import { type Diagnostic, diagnosticOfFile, type Remark } from "./diagnostics.ts";
import { type ConfigResult, parseConfig } from "./parse-config.ts";

export type { ConfigResult } from "./parse-config.ts";

/** Where the configuration is when nobody says otherwise. */
export const defaultConfigFile = "/etc/lbctl/lbctl.yaml";

/** Reads and validates a configuration file. Everything that can go wrong is a diagnostic, never an exception. */
export async function loadConfig(file: string): Promise<ConfigResult> {
  const octets = await readRegularFile(file).catch((error: NodeJS.ErrnoException) => unreadable(file, error));
  if ("code" in octets) return { ok: false, diagnostics: [octets] };
  const text = decode(octets);
  return text === null ? { ok: false, diagnostics: [notText(file, octets)] } : parseConfig(text, file);
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

/** The text, or null when the octets are no text in UTF-8. */
function decode(octets: Uint8Array): string | null {
  if (octets.includes(0)) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(octets);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
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

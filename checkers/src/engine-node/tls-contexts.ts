import { readFileSync, statSync } from "node:fs";
import { performance } from "node:perf_hooks";
import tls from "node:tls";
import type { TlsOptions } from "../check.ts";
import type { Reason } from "../verdict.ts";

interface Kept {
  readonly stamp: string;
  readonly context: tls.SecureContext;
  lookedAtMs: number;
}

/** How long files are believed to be what they were. */
const believedMs = 1000;

/** The contexts of TLS clients, one for all checks with the same files. Files that change are read anew within a second. */
export class TlsContexts {
  readonly #kept = new Map<string, Kept>();

  /** The context, or why the files cannot be used. */
  get(options: TlsOptions): { readonly ok: true; readonly context: tls.SecureContext } | { ok: false; reason: Reason } {
    const key = JSON.stringify(options);
    const kept = this.#kept.get(key);
    const nowMs = performance.now();
    if (kept !== undefined && nowMs - kept.lookedAtMs < believedMs) return { ok: true, context: kept.context };
    try {
      const stamp = stampOf(options);
      if (kept?.stamp === stamp) {
        kept.lookedAtMs = nowMs;
        return { ok: true, context: kept.context };
      }
      const context = createContext(options);
      this.#kept.set(key, { stamp, context, lookedAtMs: nowMs });
      return { ok: true, context };
    } catch (error) {
      this.#kept.delete(key);
      const detail = error instanceof Error ? error.message : String(error);
      return { ok: false, reason: { kind: "credentials", detail } };
    }
  }
}

function stampOf({ ca, certificate, key }: TlsOptions): string {
  const files = [ca, certificate, key].filter((file) => file !== null);
  return files.map((file) => [statSync(file).mtimeMs, statSync(file).size].join(":")).join(" ");
}

function createContext({ ca, certificate, key, password, verify }: TlsOptions): tls.SecureContext {
  const authorities = ca === null ? (verify ? systemAuthorities() : null) : readFileSync(ca);
  return tls.createSecureContext({
    // Without verification nobody asks for authorities, and Node's own need not be loaded.
    ca: authorities ?? [],
    ...(certificate === null ? {} : { cert: readFileSync(certificate) }),
    // As with keepalived, one file may hold both.
    ...(key === null && certificate === null ? {} : { key: readFileSync((key ?? certificate) as string) }),
    ...(password === null ? {} : { passphrase: password }),
  });
}

function systemAuthorities(): string[] {
  const system = tls.getCACertificates("system");
  return system.length > 0 ? system : [...tls.rootCertificates];
}

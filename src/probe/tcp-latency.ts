import { ping } from "tcp-ping";

/** What became of one TCP connection that was opened and closed at once. */
export type TcpLatency =
  | { readonly kind: "answered"; readonly latencyMs: number }
  /** The host answers, and says that nobody listens. */
  | { readonly kind: "refused"; readonly latencyMs: number }
  | { readonly kind: "silent"; readonly waitedMs: number }
  | { readonly kind: "unreachable"; readonly errno: string };

/**
 * How long a connection takes. One attempt at a time, as tcp-ping counts an error after its time-out twice, and takes no
 * average of attempts of which one failed.
 */
export function tcpLatency(address: string, port: number, timeoutMs: number): Promise<TcpLatency> {
  return new Promise((resolve) => {
    const startedMs = performance.now();
    ping({ address, port, attempts: 1, timeout: timeoutMs }, (_, { results: [result] }) => {
      const tookMs = performance.now() - startedMs;
      if (result?.time !== undefined) return resolve({ kind: "answered", latencyMs: result.time });
      const errno = (result?.err as NodeJS.ErrnoException | undefined)?.code;
      if (errno === "ECONNREFUSED" || errno === "ECONNRESET") return resolve({ kind: "refused", latencyMs: tookMs });
      if (errno === undefined || errno === "ETIMEDOUT") return resolve({ kind: "silent", waitedMs: timeoutMs });
      resolve({ kind: "unreachable", errno });
    });
  });
}

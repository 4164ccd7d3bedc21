import type { CheckTiming, ConnectOptions, ProbedCheck, ProbeSpec, Url } from "../check.ts";
import type { Verdict } from "../verdict.ts";

/** Complete checks for tests: give what matters, the rest is keepalived's default or small. */
export function connectTo(port: number, overrides: Partial<ConnectOptions> = {}): ConnectOptions {
  return { address: "127.0.0.1", port, bindto: null, bindPort: null, bindIf: null, fwmark: null, ...overrides };
}

export function tcpCheck(connect: ConnectOptions): Extract<ProbeSpec, { type: "TCP_CHECK" }> {
  return { type: "TCP_CHECK", connect };
}

export function url(overrides: Partial<Url> = {}): Url {
  return { path: "/", statusCode: [{ from: 200, to: 299 }], digest: null, virtualhost: null, ...overrides };
}

export function httpGet(
  connect: ConnectOptions,
  urls: readonly Url[] = [url()],
): Extract<ProbeSpec, { type: "HTTP_GET" }> {
  return { type: "HTTP_GET", connect, httpProtocol: "1.0", urls };
}

export function timing(overrides: Partial<CheckTiming> = {}): CheckTiming {
  return {
    delayLoopMs: 6000,
    connectTimeoutMs: 5000,
    retry: 1,
    delayBeforeRetryMs: 1000,
    warmupMs: 6000,
    ...overrides,
  };
}

export function check(overrides: Partial<ProbedCheck> = {}): ProbedCheck {
  return { spec: tcpCheck(connectTo(80)), timing: timing(), alpha: false, logAllFailures: false, ...overrides };
}

export const passed = { ok: true, latencyMs: 1 } as const satisfies Verdict;
export const refused = { ok: false, latencyMs: 1, reason: { kind: "refused" }, url: null } as const satisfies Verdict;

import type { Check, CheckSpec } from "./check.ts";
import { pauseBeforeRetryMs } from "./updown.ts";

/** Exchanges with the server in one run of a check; each has its own deadline of `connect_timeout`. */
export function exchangeCount(spec: CheckSpec): number {
  switch (spec.type) {
    case "TCP_CHECK":
    case "DNS_CHECK":
    case "PING_CHECK":
    case "UDP_CHECK":
    case "MISC_CHECK":
    case "TCP_EXPECT":
    case "GRPC_CHECK":
    case "AGENT_CHECK":
      return 1;
    case "FILE_CHECK":
    case "BFD_CHECK":
      return 0;
    case "SMTP_CHECK":
      return 1 + spec.further.length;
    case "HTTP_GET":
    case "SSL_GET":
      return Math.max(1, spec.urls.length);
  }
}

/**
 * The longest time, milliseconds, from the death of a server whose check is up to the verdict "down":
 * delay_loop + (retry + 1) x attempt + retry x delay_before_retry, where attempt = exchanges x connect_timeout, and
 * fast_interval stands for delay_before_retry where it is set.
 * How late this machine started runs comes on top (docs/decisions/0011-removal-bound.md).
 */
export function removalBoundMs({ spec, timing }: Pick<Check, "spec" | "timing">): number {
  const attemptMs = exchangeCount(spec) * timing.connectTimeoutMs;
  return timing.delayLoopMs + (timing.retry + 1) * attemptMs + timing.retry * pauseBeforeRetryMs(timing);
}

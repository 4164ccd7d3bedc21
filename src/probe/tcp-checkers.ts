import type { CheckSpec } from "@lbctl/checkers";

const types: ReadonlySet<CheckSpec["type"]> = new Set([
  ...(["TCP_CHECK", "HTTP_GET", "SSL_GET", "SMTP_CHECK", "TCP_EXPECT", "GRPC_CHECK", "AGENT_CHECK"] as const),
]);

/** Whether a check needs a TCP connection to the address and port of its `connect`. Pure. */
export function connectsByTcp({ type, connect }: CheckSpec): boolean {
  return types.has(type) && connect.port !== 0;
}

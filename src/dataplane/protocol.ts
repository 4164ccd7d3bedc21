import { canonicalAddress, type ServiceEntry, type TableOperation } from "ipvs-netlink";
import { z } from "zod";

/**
 * What the user-space data plane and its clients say to each other over its unix socket: JSON objects, one a line.
 * Every request is answered once with its id; a list of services may come in parts, all but the last marked `more`.
 */
export const protocolVersion = 1;

/** Longest line taken from a client; a batch of operations is far shorter. */
export const maxRequestBytes = 16 << 20;

const address = z.string().transform((text, context) => {
  const canonical = canonicalAddress(text);
  if (canonical !== null) return canonical;
  context.addIssue(`${JSON.stringify(text)} is not an IP address`);
  return z.NEVER;
});
const port = z.int().min(0).max(65535);
const count = z.int().min(0);

const serviceKey = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("address"), protocol: z.enum(["TCP", "UDP", "SCTP"]), address, port }),
  z.object({ kind: z.literal("fwmark"), family: z.enum(["inet", "inet6"]), fwmark: z.int().min(1).max(0xffffffff) }),
]);

const service = z.object({
  key: serviceKey,
  scheduler: z.string(),
  schedulerFlags: z.array(z.enum(["flag-1", "flag-2", "flag-3"])),
  persistence: z.object({ timeoutS: count, prefixLength: count, engine: z.string().nullable() }).nullable(),
  onePacket: z.boolean(),
});

const destinationKey = z.object({ address, port });

const destination = destinationKey.extend({
  method: z.enum(["NAT", "DR", "TUN", "LOCAL", "BYPASS"]),
  weight: z.int(),
  upperThreshold: count,
  lowerThreshold: count,
  tunnel: z
    .object({ type: z.enum(["ipip", "gue", "gre"]), port, checksum: z.enum(["none", "csum", "remcsum"]) })
    .nullable(),
});

const operation: z.ZodType<TableOperation> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("new-service"), service }),
  z.object({ kind: z.literal("set-service"), service }),
  z.object({ kind: z.literal("del-service"), key: serviceKey }),
  z.object({ kind: z.literal("new-destination"), key: serviceKey, destination }),
  z.object({ kind: z.literal("set-destination"), key: serviceKey, destination }),
  z.object({ kind: z.literal("del-destination"), key: serviceKey, destination: destinationKey }),
]);

const request = z.discriminatedUnion("call", [
  z.object({ id: z.int(), call: z.literal("hello") }),
  z.object({ id: z.int(), call: z.literal("failures") }),
  z.object({ id: z.int(), call: z.literal("dump") }),
  z.object({ id: z.int(), call: z.literal("read"), keys: z.array(serviceKey) }),
  z.object({ id: z.int(), call: z.literal("apply"), operations: z.array(operation) }),
]);

export type Request = z.infer<typeof request>;

/** Answer to "hello". `identity` is random and new for every start, so that a restarted (empty) data plane is told apart. */
export interface Hello {
  readonly version: number;
  readonly identity: string;
  readonly pid: number;
}

export type Answer =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly result: readonly ServiceEntry[]; readonly more: true }
  /** `id` is null when the request could not be read. */
  | { readonly id: number | null; readonly error: string };

/** One line as a request, or the answer that it deserves. */
export function parseRequest(line: string): { readonly request: Request } | { readonly refused: Answer } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return { refused: { id: null, error: `not JSON: ${(error as Error).message}` } };
  }
  const parsed = request.safeParse(value);
  if (parsed.success) return { request: parsed.data };
  const id = (value as { id?: unknown } | null)?.id;
  return { refused: { id: Number.isSafeInteger(id) ? (id as number) : null, error: z.prettifyError(parsed.error) } };
}

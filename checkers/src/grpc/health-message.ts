import type { Reason } from "../verdict.ts";

/** An answer is a few octets; more than this is something else. */
export const maxHealthAnswerBytes = 4096;

/** grpc.health.v1.HealthCheckResponse.ServingStatus */
const servingStatuses = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"];
const SERVING = 1;

/**
 * grpc.health.v1.HealthCheckRequest with its five octets of gRPC in front (gRPC over HTTP/2, Length-Prefixed-Message):
 *   compressed u8 = 0 · length u32 · service: field 1, a string
 */
export function encodeHealthRequest(service: string): Buffer {
  const name = Buffer.from(service, "utf8");
  const message = name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a, ...varint(name.length)]), name]);
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

/** What the body of an answer says: a HealthCheckResponse, whose field 1 is the status; 0 when it is left out. */
export function judgeHealthAnswer(
  body: Uint8Array,
  service: string,
): { readonly ok: true } | { readonly ok: false; readonly reason: Reason } {
  const malformed = (detail: string) =>
    ({ ok: false, reason: { kind: "malformed", protocol: "gRPC", detail } }) as const;
  if (body.length < 5) return malformed(`a message of ${body.length} octets`);
  const length = new DataView(body.buffer, body.byteOffset).getUint32(1);
  if (body[0] !== 0) return malformed("a compressed message");
  if (body.length !== 5 + length) return malformed(`a message of ${body.length - 5} octets that says ${length}`);
  const status = statusOf(body.subarray(5));
  if (status === null) return malformed("no HealthCheckResponse");
  if (status === SERVING) return { ok: true };
  const name = servingStatuses[status] ?? `status ${status}`;
  return { ok: false, reason: { kind: "serving_status", status: name, service } };
}

/** Field 1 of the message, the last where it stands several times; null when the octets are no message. */
function statusOf(message: Uint8Array): number | null {
  let status = 0;
  let at = 0;
  while (at < message.length) {
    const tag = readVarint(message, at);
    if (tag === null) return null;
    const [field, wireType] = [tag.value >>> 3, tag.value & 7];
    at = tag.end;
    if (wireType === 0) {
      const number = readVarint(message, at);
      if (number === null) return null;
      if (field === 1) status = number.value;
      at = number.end;
    } else {
      const end = endOfField(message, at, wireType);
      if (end === null || field === 1) return null;
      at = end;
    }
  }
  return status;
}

/** Past a field that is not known: 64 bits, octets with their length, 32 bits. */
function endOfField(message: Uint8Array, at: number, wireType: number): number | null {
  if (wireType !== 1 && wireType !== 2 && wireType !== 5) return null;
  const length = wireType === 2 ? readVarint(message, at) : { value: wireType === 1 ? 8 : 4, end: at };
  if (length === null || length.end + length.value > message.length) return null;
  return length.end + length.value;
}

/** Of at most ten octets; what is above 32 bits is cut off, as protobuf does for enums. */
function readVarint(message: Uint8Array, from: number): { readonly value: number; readonly end: number } | null {
  let value = 0;
  for (let index = 0; index < 10; index++) {
    const octet = message[from + index];
    if (octet === undefined) return null;
    if (index < 5) value = (value | ((octet & 0x7f) << (7 * index))) >>> 0;
    if (octet < 0x80) return { value, end: from + index + 1 };
  }
  return null;
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}

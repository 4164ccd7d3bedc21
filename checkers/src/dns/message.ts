import type { DnsType } from "../check.ts";
import type { Reason } from "../verdict.ts";

// RFC 1035 3.2.2, RFC 3596 2.1
const typeCodes: Record<DnsType, number> = { A: 1, NS: 2, CNAME: 5, SOA: 6, MX: 15, TXT: 16, AAAA: 28 };
const CLASS_IN = 1;
const HEADER_BYTES = 12;
const QR = 0x8000;
const TC = 0x0200;
const RD = 0x0100;
const RCODE = 0x000f;

/** A recursive query for one name (RFC 1035 4.1). Labels of the name have 1 to 63 octets; "." is the root. */
export function encodeQuery(id: number, name: string, type: DnsType): Uint8Array {
  const labels = name.split(".").filter((label) => label !== "");
  const octets: number[] = [id >> 8, id & 0xff, RD >> 8, 0, 0, 1, 0, 0, 0, 0, 0, 0];
  for (const label of labels) octets.push(label.length, ...Buffer.from(label, "latin1"));
  octets.push(0, 0, typeCodes[type], 0, CLASS_IN);
  return Uint8Array.from(octets);
}

/**
 * What an answer to the query means; null when it is none of ours and the right one may still come. A truncated answer passes:
 * the server has answered, and has more to say than fits into a datagram. So does one without records.
 */
export function judgeAnswer(
  query: Uint8Array,
  answer: Uint8Array,
): null | { readonly ok: true } | { readonly ok: false; readonly reason: Reason } {
  if (answer.length < 2 || answer[0] !== query[0] || answer[1] !== query[1]) return null;
  if (answer.length < HEADER_BYTES) return malformed(`${answer.length} octets`);
  const view = new DataView(answer.buffer, answer.byteOffset, answer.length);
  const flags = view.getUint16(2);
  if ((flags & QR) === 0) return malformed("a query");
  const rcode = flags & RCODE;
  if (rcode !== 0) return { ok: false, reason: { kind: "rcode", rcode } };
  if (view.getUint16(4) !== 1 || !sameQuestion(query, answer)) return malformed("the answer to another question");
  if ((flags & TC) !== 0) return { ok: true };
  let at: number | null = query.length;
  const records = view.getUint16(6) + view.getUint16(8) + view.getUint16(10);
  for (let record = 0; record < records; record++) {
    at = endOfRecord(view, at);
    if (at === null) return malformed(`it ends within record ${record + 1} of ${records}`);
  }
  return { ok: true };
}

/** Names are equal in either case (RFC 1035 2.3.3); the question is never compressed, for there is nothing before it. */
function sameQuestion(query: Uint8Array, answer: Uint8Array): boolean {
  if (answer.length < query.length) return false;
  for (let at = HEADER_BYTES; at < query.length; at++) {
    if (lowerCase(query[at] as number) !== lowerCase(answer[at] as number)) return false;
  }
  return true;
}

function lowerCase(octet: number): number {
  return octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet;
}

/** NAME, TYPE, CLASS, TTL, RDLENGTH, RDATA (RFC 1035 4.1.3); null when the message ends before. */
function endOfRecord(view: DataView, from: number): number | null {
  const fixed = endOfName(view, from);
  if (fixed === null || fixed + 10 > view.byteLength) return null;
  const end = fixed + 10 + view.getUint16(fixed + 8);
  return end > view.byteLength ? null : end;
}

/** Labels up to the root, or up to a pointer (RFC 1035 4.1.4), which is not followed: it says nothing of the length. */
function endOfName(view: DataView, from: number): number | null {
  for (let at = from; at < view.byteLength; ) {
    const length = view.getUint8(at);
    if (length === 0) return at + 1;
    if (length >= 0xc0) return at + 2;
    if (length > 63) return null;
    at += 1 + length;
  }
  return null;
}

function malformed(detail: string): { readonly ok: false; readonly reason: Reason } {
  return { ok: false, reason: { kind: "malformed", protocol: "DNS", detail } };
}

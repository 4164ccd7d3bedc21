import type { RequiredReply } from "../check.ts";
import type { Reason } from "../verdict.ts";

const maxShownDigits = 32;

/** Whether a datagram is the answer that must come: its length, and its octets as far as both it and the mask go. */
export function judgeReply(
  { mask, minLength, maxLength }: RequiredReply,
  datagram: Uint8Array,
): { readonly ok: true } | { readonly ok: false; readonly reason: Reason } {
  const { length } = datagram;
  if (length < minLength || length > maxLength)
    return { ok: false, reason: { kind: "reply_length", got: length, minLength, maxLength } };
  const digits = Buffer.from(datagram.buffer, datagram.byteOffset, length).toString("hex");
  const compared = Math.min(digits.length, mask?.length ?? 0);
  for (let at = 0; at < compared; at++) {
    if (mask?.[at] === "x" || mask?.[at] === digits[at]) continue;
    const got = digits.length > maxShownDigits ? `${digits.slice(0, maxShownDigits)}...` : digits;
    return { ok: false, reason: { kind: "payload", got, wanted: mask as string } };
  }
  return { ok: true };
}

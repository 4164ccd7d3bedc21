import { NetlinkError } from "../errors.ts";
import { cstring, u32 } from "./attribute-types.ts";
import { attributes } from "./attributes.ts";
import { HEADER_BYTES, NLM_F_ACK_TLVS, NLM_F_CAPPED, NLMSGERR_ATTR_MSG, NLMSGERR_ATTR_OFFS } from "./constants.ts";
import { align4, type Memory } from "./memory.ts";

/** struct nlmsghdr, and where the message's payload lies in its memory. */
export interface MessageHeader {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly portId: number;
  readonly payload: number;
  readonly end: number;
}

export function writeHeader(
  memory: Memory,
  offset: number,
  header: { length: number; type: number; flags: number; sequence: number; portId: number },
): void {
  memory.setU32(offset, header.length);
  memory.setU16(offset + 4, header.type);
  memory.setU16(offset + 6, header.flags);
  memory.setU32(offset + 8, header.sequence);
  memory.setU32(offset + 12, header.portId);
}

/** Visits the messages of one datagram. Throws NetlinkError `malformed` at the first octets that are none. */
export function forEachMessage(
  memory: Memory,
  start: number,
  end: number,
  visit: (header: MessageHeader) => void,
): void {
  for (let offset = start; offset < end; ) {
    const left = end - offset;
    const length = left < HEADER_BYTES ? 0 : memory.getU32(offset);
    if (length < HEADER_BYTES || length > left) {
      throw new NetlinkError("malformed", `netlink message of ${length} octets with ${left} left`);
    }
    visit({
      type: memory.getU16(offset + 4),
      flags: memory.getU16(offset + 6),
      sequence: memory.getU32(offset + 8),
      portId: memory.getU32(offset + 12),
      payload: offset + HEADER_BYTES,
      end: offset + length,
    });
    offset += align4(length);
  }
}

// NLMSG_ERROR (linux/netlink.h): errno s32, the request's header, the request's payload unless NLM_F_CAPPED, then with
// NLM_F_ACK_TLVS the attributes: MSG string, OFFS u32 (octet of the request that was wrong)
const extendedAck = attributes({
  message: [NLMSGERR_ATTR_MSG, cstring],
  offset: [NLMSGERR_ATTR_OFFS, u32],
});

/** An acknowledgement: `errno` 0 is success; `text` is what the kernel says beyond the number. */
export interface Acknowledgement {
  readonly errno: number;
  readonly text: string | null;
}

const accepted: Acknowledgement = { errno: 0, text: null };

/** Reads NLMSG_ERROR. */
export function readAcknowledgement(memory: Memory, header: MessageHeader): Acknowledgement {
  const { payload, end, flags } = header;
  if (end - payload < 4 + HEADER_BYTES) throw new NetlinkError("malformed", "acknowledgement without a header");
  const errno = -memory.getI32(payload);
  if (errno === 0) return accepted;
  if ((flags & NLM_F_ACK_TLVS) === 0) return { errno, text: null };
  const requestBytes = flags & NLM_F_CAPPED ? HEADER_BYTES : align4(memory.getU32(payload + 4));
  const attributesAt = payload + 4 + requestBytes;
  if (requestBytes < HEADER_BYTES || attributesAt > end) {
    throw new NetlinkError("malformed", "acknowledgement shorter than the request it repeats");
  }
  return { errno, text: extendedAck.decode(memory, attributesAt, end).message ?? null };
}

import { Memory } from "../netlink/memory.ts";

/** What the kernel tells of processes; what concerns a single thread is left out. Ids as the initial namespace sees them. */
export type ProcessEvent =
  /** The answer to the request to listen; errno 0: heard. */
  | { readonly kind: "listening"; readonly errno: number }
  | { readonly kind: "fork"; readonly parent: number; readonly pid: number }
  | { readonly kind: "exec" | "renamed" | "exit"; readonly pid: number };

/** linux/connector.h: CN_IDX_PROC, CN_VAL_PROC; linux/cn_proc.h: PROC_CN_MCAST_LISTEN, enum proc_event.what. */
export const CN_IDX_PROC = 1;
const CN_VAL_PROC = 1;
const PROC_CN_MCAST_LISTEN = 1;
const PROC_EVENT_NONE = 0;
const PROC_EVENT_FORK = 1;
const PROC_EVENT_EXEC = 2;
const PROC_EVENT_COMM = 0x200;
const PROC_EVENT_EXIT = 0x8000_0000;

/** struct nlmsghdr, then struct cn_msg; struct proc_event begins with what, cpu and a timestamp. */
const NLMSG_HEADER_BYTES = 16;
const CN_HEADER_BYTES = 20;
const EVENT_AT = NLMSG_HEADER_BYTES + CN_HEADER_BYTES;
const EVENT_DATA_AT = EVENT_AT + 16;
const NLMSG_DONE = 3;

/** The request to be told of processes. */
export function encodeListenRequest(): Uint8Array {
  const length = EVENT_AT + 4;
  const memory = Memory.ofSize(length);
  memory.setU32(0, length);
  memory.setU16(4, NLMSG_DONE);
  memory.setU32(NLMSG_HEADER_BYTES, CN_IDX_PROC);
  memory.setU32(NLMSG_HEADER_BYTES + 4, CN_VAL_PROC);
  memory.setU16(NLMSG_HEADER_BYTES + 16, 4);
  memory.setU32(EVENT_AT, PROC_CN_MCAST_LISTEN);
  return memory.u8;
}

/** Null: of no interest, or no message of these. */
export function decodeProcessEvent(memory: Memory, start: number, end: number): ProcessEvent | null {
  const data = start + EVENT_DATA_AT;
  const u32 = (at: number) => memory.getU32(data + at);
  // The longest of those below has four words; the kernel always sends the whole union.
  if (end - data < 16 || memory.getU32(start + NLMSG_HEADER_BYTES) !== CN_IDX_PROC) return null;
  const [pid, group] = [u32(0), u32(4)];
  switch (memory.getU32(start + EVENT_AT)) {
    case PROC_EVENT_NONE:
      return { kind: "listening", errno: u32(0) };
    case PROC_EVENT_FORK:
      // Otherwise it is a thread.
      return u32(8) === u32(12) ? { kind: "fork", parent: group, pid: u32(12) } : null;
    case PROC_EVENT_EXEC:
      return { kind: "exec", pid: group };
    case PROC_EVENT_COMM:
      return pid === group ? { kind: "renamed", pid } : null;
    case PROC_EVENT_EXIT:
      return pid === group ? { kind: "exit", pid } : null;
    default:
      return null;
  }
}

import { errnoName, NetlinkError } from "../errors.ts";
import { cstring, u16, u32 } from "./attribute-types.ts";
import { attributes } from "./attributes.ts";
import type { NetlinkConnection } from "./connection.ts";
import {
  CTRL_ATTR_FAMILY_ID,
  CTRL_ATTR_FAMILY_NAME,
  CTRL_ATTR_VERSION,
  CTRL_CMD_GETFAMILY,
  GENERIC_HEADER_BYTES,
  GENL_ID_CTRL,
} from "./constants.ts";
import type { Memory } from "./memory.ts";
import { type BodyWriter, RequestBatch } from "./request-batch.ts";

// CTRL_CMD_GETFAMILY and its answer (linux/genetlink.h)
//   FAMILY_ID u16 · FAMILY_NAME string · VERSION u32
export const familyAttributes = attributes({
  id: [CTRL_ATTR_FAMILY_ID, u16],
  name: [CTRL_ATTR_FAMILY_NAME, cstring],
  version: [CTRL_ATTR_VERSION, u32],
});

/** A body that starts with struct genlmsghdr. */
export function genericBody(command: number, version: number, write: BodyWriter): BodyWriter {
  return (memory, offset) => write(memory, writeGenericHeader(memory, offset, command, version));
}

/** Writes struct genlmsghdr; answers the offset after it. */
export function writeGenericHeader(memory: Memory, offset: number, command: number, version: number): number {
  memory.u8[offset] = command;
  memory.u8[offset + 1] = version;
  memory.setU16(offset + 2, 0);
  return offset + GENERIC_HEADER_BYTES;
}

/**
 * The message type of a generic netlink family; the kernel loads the family's module if it can.
 * Throws NetlinkError `family-absent` naming `module`, the module to load.
 */
export function resolveFamily(connection: NetlinkConnection, name: string, module: string): number {
  const batch = new RequestBatch(1);
  batch.add(
    GENL_ID_CTRL,
    0,
    genericBody(CTRL_CMD_GETFAMILY, 1, (memory, offset) => familyAttributes.encode(memory, offset, { name })),
  );
  let id: number | undefined;
  const { answers } = connection.transact(batch, "many-short", (_index, memory, header) => {
    id = familyAttributes.decode(memory, header.payload + GENERIC_HEADER_BYTES, header.end).id;
  });
  const [answer] = answers;
  if (answer === undefined || answer.lost) {
    throw new NetlinkError("overrun", `the answer about netlink family ${name} was lost`, "ENOBUFS");
  }
  const errno = answer.errno === 0 ? null : errnoName(answer.errno);
  if (errno === "ENOENT") {
    throw new NetlinkError(
      "family-absent",
      `this kernel has no generic netlink family ${name}: load its module (modprobe ${module}) or use a kernel that has it`,
      errno,
    );
  }
  if (errno !== null) throw new NetlinkError("rejected", `looking up netlink family ${name}: ${errno}`, errno);
  if (id === undefined) throw new NetlinkError("malformed", `the kernel named no number for netlink family ${name}`);
  return id;
}

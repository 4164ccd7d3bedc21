import type { Socket } from "node:net";
import { native } from "ipvs-netlink";
import { userName } from "../notify/accounts.ts";

/** Who sent a request. */
export interface Caller {
  /** The user's name, or "uid 1000" where it has none; what overrides are signed with. */
  readonly name: string;
  /** With the process: "root (uid 0, process 4711)". */
  readonly description: string;
  /** Null where nothing is known of it. */
  readonly uid: number | null;
}

/** Where nothing is known of the other end. */
export const unknownCaller: Caller = { name: "somebody", description: "somebody", uid: null };

/** SOL_SOCKET and SO_PEERCRED of asm-generic/socket.h: struct ucred is pid, uid, gid, 32 bits each. */
const [SOL_SOCKET, SO_PEERCRED] = [1, 17];

/** Who connected, as the kernel recorded it when the connection was made; that is asked for before the first wait. */
export async function callerOf(socket: Socket): Promise<Caller> {
  const credentials = credentialsOf(socket);
  if (credentials === null) return unknownCaller;
  const { uid, pid } = credentials;
  const name = (await userName(uid)) ?? `uid ${uid}`;
  return { name, description: `${name} (uid ${uid}, process ${pid})`, uid };
}

function credentialsOf(socket: Socket): { readonly pid: number; readonly uid: number } | null {
  const fd = (socket as { readonly _handle?: { readonly fd?: number } | null })._handle?.fd;
  if (fd === undefined || fd < 0) return null;
  const credentials = new Int32Array(3);
  try {
    if (native().getsockopt(fd, SOL_SOCKET, SO_PEERCRED, new Uint8Array(credentials.buffer)) < 0) return null;
  } catch {
    // Without the addon, which the user-space data plane does not need, requests are answered all the same.
    return null;
  }
  const [pid = 0, uid = 0] = credentials;
  return { pid, uid };
}

/**
 * Whether the daemon may open a file that the caller names. What stands in a file that is refused is in the answer, and the daemon can
 * read more than the members of `control_group`, to whom its socket is open.
 */
export function mayNameFiles({ uid }: Caller, daemonUid: number, controlGroup: string | null): boolean {
  return uid === 0 || uid === daemonUid || (uid === null && controlGroup === null);
}

import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { native } from "ipvs-netlink";

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

/** Who connected, as the kernel recorded it when the connection was made. */
export function callerOf(socket: Socket): Caller {
  const fd = (socket as { readonly _handle?: { readonly fd?: number } | null })._handle?.fd;
  if (fd === undefined || fd < 0) return unknownCaller;
  const credentials = new Int32Array(3);
  try {
    if (native().getsockopt(fd, SOL_SOCKET, SO_PEERCRED, new Uint8Array(credentials.buffer)) < 0) return unknownCaller;
  } catch {
    // Without the addon, which the user-space data plane does not need, requests are answered all the same.
    return unknownCaller;
  }
  const [pid = 0, uid = 0] = credentials;
  const name = userName(uid) ?? `uid ${uid}`;
  return { name, description: `${name} (uid ${uid}, process ${pid})`, uid };
}

/**
 * Whether the daemon may open a file that the caller names. What stands in a file that is refused is in the answer, and the daemon can
 * read more than the members of `control_group`, to whom its socket is open.
 */
export function mayNameFiles({ uid }: Caller, daemonUid: number, controlGroup: string | null): boolean {
  return uid === 0 || uid === daemonUid || (uid === null && controlGroup === null);
}

function userName(uid: number): string | null {
  try {
    const line = readFileSync("/etc/passwd", "utf8")
      .split("\n")
      .find((each) => each.split(":")[2] === `${uid}`);
    return line?.split(":")[0] ?? null;
  } catch {
    return null;
  }
}

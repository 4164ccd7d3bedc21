import { errnoName } from "ipvs-netlink";

/** A system call that failed on a socket, and for what. */
export class SystemCallError extends Error {
  readonly errno: string;

  constructor(call: string, what: string, negativeErrno: number) {
    const errno = errnoName(-negativeErrno);
    // Raw and packet sockets: raw(7), packet(7).
    const hint = call === "socket" && errno === "EPERM" ? ": root or CAP_NET_RAW is needed" : "";
    super(`${call} for ${what}: ${errno}${hint}`);
    this.errno = errno;
  }
}

/** Passes the answer of the addon on. @throws SystemCallError when it is one */
export function checked(answer: number, call: string, what: string): number {
  if (answer < 0) throw new SystemCallError(call, what, answer);
  return answer;
}

import { errnoName } from "ipvs-netlink";

/** A system call that failed on a socket of VRRP, and for what. */
export class SystemCallError extends Error {
  readonly errno: string;

  constructor(call: string, what: string, negativeErrno: number) {
    const errno = errnoName(-negativeErrno);
    super(`${call} for ${what}: ${errno}`);
    this.errno = errno;
  }
}

/** Passes the answer of the addon on. @throws SystemCallError when it is one */
export function checked(answer: number, call: string, what: string): number {
  if (answer < 0) throw new SystemCallError(call, what, answer);
  return answer;
}

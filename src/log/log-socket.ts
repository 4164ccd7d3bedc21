import { constants } from "node:os";
import { errnoName, native } from "ipvs-netlink";
import { unixAddress } from "../net/unix-address.ts";

/** Nothing listens where a log should go. */
export class LogUnreachable extends Error {
  readonly code = "log-unreachable";
  constructor(path: string, errno: number) {
    super(`cannot log to ${path}: ${errnoName(errno)}; start a syslog daemon or choose another --log`);
  }
}

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
// MSG_NOSIGNAL | MSG_DONTWAIT (linux/socket.h): a full queue loses the line, it never stops the director.
const sendFlags = 0x4000 | 0x40;

/**
 * Connects to the socket of syslog or of the journal and returns what sends one datagram, and says whether it went. A daemon that was
 * restarted is connected to again.
 * @throws LogUnreachable
 */
export function connectLogSocket(path: string): (datagram: Uint8Array) => boolean {
  const calls = native();
  const address = unixAddress(path);
  const open = (): number => {
    const fd = calls.socket(AF_UNIX, SOCK_DGRAM, 0);
    if (fd < 0) return fd;
    const connected = calls.connect(fd, address);
    if (connected >= 0) return fd;
    calls.close(fd);
    return connected;
  };
  let fd = open();
  if (fd < 0) throw new LogUnreachable(path, -fd);
  const failed = [-constants.errno.ECONNREFUSED, -constants.errno.ENOTCONN, -constants.errno.ECONNRESET];
  return (datagram) => {
    if (fd < 0) fd = open();
    if (fd < 0) return false;
    const answer = calls.sendmsg(fd, datagram, null, sendFlags);
    if (!failed.includes(answer)) return answer >= 0;
    calls.close(fd);
    fd = open();
    return fd >= 0 && calls.sendmsg(fd, datagram, null, sendFlags) >= 0;
  };
}

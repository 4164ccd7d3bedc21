import { constants } from "node:os";
import { errnoName, native } from "ipvs-netlink";
import { unixAddress } from "../net/unix-address.ts";

/** Nothing listens where syslog should. */
export class SyslogUnreachable extends Error {
  readonly code = "syslog-unreachable";
  constructor(path: string, errno: number) {
    super(`cannot log to ${path}: ${errnoName(errno)}; start a syslog daemon or choose another --log`);
  }
}

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
// MSG_NOSIGNAL | MSG_DONTWAIT (linux/socket.h): a full syslog queue loses the line, it never stops the director.
const sendFlags = 0x4000 | 0x40;

/**
 * Connects to a syslog socket and returns what sends one datagram. A daemon that was restarted is connected to again.
 * @throws SyslogUnreachable
 */
export function connectSyslog(path: string): (datagram: Uint8Array) => void {
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
  if (fd < 0) throw new SyslogUnreachable(path, -fd);
  const failed = [-constants.errno.ECONNREFUSED, -constants.errno.ENOTCONN, -constants.errno.ECONNRESET];
  return (datagram) => {
    if (fd < 0) fd = open();
    if (fd < 0) return;
    if (failed.includes(calls.sendmsg(fd, datagram, null, sendFlags))) {
      calls.close(fd);
      fd = open();
      if (fd >= 0) calls.sendmsg(fd, datagram, null, sendFlags);
    }
  };
}

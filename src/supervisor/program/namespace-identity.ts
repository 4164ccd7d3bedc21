import { native } from "ipvs-netlink";
import { networkNamespace } from "./run-dir.ts";

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOL_SOCKET = 1;
// asm-generic/socket.h; the cookie is never used again while the machine runs, which an inode number is.
const SO_NETNS_COOKIE = 71;

/** Which network namespace this is, or that of a path, for records that must not outlive it. */
export function namespaceIdentity(netns: string | null = null): string {
  const calls = native();
  const fd =
    netns === null ? calls.socket(AF_NETLINK, SOCK_RAW, 0) : calls.socketInNamespace(netns, AF_NETLINK, SOCK_RAW, 0);
  const cookie = Buffer.alloc(8);
  const got = fd < 0 ? fd : calls.getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, cookie);
  if (fd >= 0) calls.close(fd);
  return got >= 0 ? `netns-cookie ${cookie.readBigUInt64LE()}` : `netns-inode ${networkNamespace()}`;
}

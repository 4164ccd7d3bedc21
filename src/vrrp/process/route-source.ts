import { type AddressFamily, formatAddress, native } from "ipvs-netlink";
import * as option from "../../sockets/socket-options.ts";

const SOCK_DGRAM = 2;
const anyPort = 9;

/** The address of this machine that packets to another one come from, as routing has it now; null: no route. */
export function routeSource(family: AddressFamily, destination: string): string | null {
  const fd = native().socket(
    family === "inet" ? option.AF_INET : option.AF_INET6,
    SOCK_DGRAM | option.SOCK_NONBLOCK,
    0,
  );
  if (fd < 0) return null;
  try {
    const address = Buffer.alloc(option.SOCKADDR_BYTES[family]);
    option.writeSocketAddress(address, 0, family, destination, 0);
    address.writeUInt16BE(anyPort, 2);
    // Connecting a datagram socket sends nothing: it looks the route up.
    if (native().connect(fd, address) < 0 || native().getsockname(fd, address) < 0) return null;
    return formatAddress(family, address.subarray(family === "inet" ? 4 : 8, family === "inet" ? 8 : 24));
  } finally {
    native().close(fd);
  }
}

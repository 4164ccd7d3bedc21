import { parseAddress } from "ipvs-netlink";

// linux/socket.h
export const AF_INET = 2;
export const AF_INET6 = 10;

/**
 * struct sockaddr_in, struct sockaddr_in6, or null when the text is no address. A link-local address takes its scope from the
 * device that its socket is bound to.
 */
export function socketAddress(address: string, port: number): Uint8Array | null {
  const octets = parseAddress(address);
  if (octets === null) return null;
  const inet6 = address.includes(":");
  const bytes = new Uint8Array(inet6 ? 28 : 16);
  new Uint16Array(bytes.buffer, 0, 1)[0] = inet6 ? AF_INET6 : AF_INET;
  new DataView(bytes.buffer).setUint16(2, port);
  if (inet6) bytes.set(octets, 8);
  else bytes.set(octets.subarray(0, 4), 4);
  return bytes;
}

/** The address of any interface, of the family of another. */
export function anyAddressLike(address: string): string {
  return address.includes(":") ? "::" : "0.0.0.0";
}

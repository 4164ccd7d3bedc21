// RFC 792, RFC 4443 4
const ECHO_REQUEST = { inet: 8, inet6: 128 } as const;
const ECHO_REPLY = { inet: 0, inet6: 129 } as const;
const HEADER_BYTES = 8;

/** An echo request with this data. The kernel computes the checksum of ICMPv6, and of ICMP unless the socket is a raw one. */
export function encodeEcho(family: "inet" | "inet6", id: number, data: Uint8Array): Uint8Array {
  const message = new Uint8Array(HEADER_BYTES + data.length);
  const view = new DataView(message.buffer);
  message[0] = ECHO_REQUEST[family];
  view.setUint16(4, id);
  view.setUint16(6, 1);
  message.set(data, HEADER_BYTES);
  if (family === "inet") view.setUint16(2, checksum(message));
  return message;
}

/** Whether the packet answers a request with this data; identifiers are not compared, since the kernel may set its own. */
export function isEchoReply(family: "inet" | "inet6", data: Uint8Array, packet: Uint8Array): boolean {
  if (packet.length < HEADER_BYTES + data.length || packet[0] !== ECHO_REPLY[family] || packet[1] !== 0) return false;
  return data.every((octet, index) => packet[HEADER_BYTES + index] === octet);
}

/** The ICMP message in what a raw IPv4 socket receives: behind a header whose length is in its first octet (RFC 791 3.1). */
export function behindIpv4Header(packet: Uint8Array): Uint8Array {
  return packet.subarray(((packet[0] ?? 0) & 0x0f) * 4);
}

/** RFC 1071. */
function checksum(octets: Uint8Array): number {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  let sum = 0;
  for (let at = 0; at + 1 < octets.length; at += 2) sum += view.getUint16(at);
  if (octets.length % 2 === 1) sum += (octets.at(-1) as number) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

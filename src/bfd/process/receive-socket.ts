import { type AddressFamily, native } from "ipvs-netlink";
import { addressText } from "../../net/address-text.ts";
import * as option from "../../sockets/socket-options.ts";
import { checked } from "../../sockets/system-call-error.ts";
import { CONTROL_BYTES } from "../packet/control-packet.ts";
import { decodeControlPacket } from "../packet/decode.ts";
import type { Arrival, ReceiveEndpoint } from "./receive-endpoint.ts";

const slots = 32;
/** What is longer is cut: nobody asks for what is behind a packet. */
const slotBytes = 4 * CONTROL_BYTES;
const infoFields = 6;
const addressBytes = 128;
const destinationOffset = 64;

/** Shared by all sockets: what was received is dealt with before the next receive. */
const data = Buffer.alloc(slots * slotBytes);
const info = new Int32Array(slots * infoFields);
const addresses = Buffer.alloc(slots * addressBytes);

/** Whoever floods the network leaves the event loop to timers in between. */
const mostBatches = 128;

/** A UDP socket that control packets come from, on all addresses of this machine. */
export class ReceiveSocket {
  readonly #endpoint: ReceiveEndpoint;
  readonly #fd: number;

  private constructor(endpoint: ReceiveEndpoint, fd: number) {
    this.#endpoint = endpoint;
    this.#fd = fd;
  }

  /** @throws SystemCallError */
  static open(endpoint: ReceiveEndpoint, onReadable: () => void): ReceiveSocket {
    const { family, port } = endpoint;
    const what = `BFD packets over ${family === "inet" ? "IPv4" : "IPv6"} to port ${port}`;
    const domain = family === "inet" ? option.AF_INET : option.AF_INET6;
    const fd = checked(native().socket(domain, option.SOCK_DGRAM | option.SOCK_NONBLOCK, 0), "socket", what);
    try {
      for (const [level, name, call] of asked[family]) {
        checked(native().setsockopt(fd, level, name, option.int32(1)), call, what);
      }
      const address = Buffer.alloc(option.SOCKADDR_BYTES[family]);
      option.writeSocketAddress(address, 0, family, family === "inet" ? "0.0.0.0" : "::", 0);
      address.writeUInt16BE(port, 2);
      checked(native().bind(fd, address), "bind", what);
      checked(native().watch(fd, 1, onReadable), "watch", what);
      return new ReceiveSocket(endpoint, fd);
    } catch (error) {
      native().close(fd);
      throw error;
    }
  }

  /** Hands over all that has come; of a flood some is left, for which this process is woken again. */
  receive(onArrival: (arrival: Arrival) => void): void {
    const { family } = this.#endpoint;
    // struct sockaddr_in has the address behind family and port; sockaddr_in6 has the flow in between.
    const offset = family === "inet" ? 4 : 8;
    for (let batch = 0; batch < mostBatches; batch++) {
      const count = native().receivePackets(this.#fd, data, slots, info, addresses, 0);
      if (count <= 0) return;
      for (let slot = 0; slot < count; slot++) {
        const row = slot * infoFields;
        const at = slot * addressBytes;
        const start = slot * slotBytes;
        onArrival({
          endpoint: this.#endpoint,
          source: addressText(addresses, at + offset, family),
          destination: addressText(addresses, at + destinationOffset, family),
          ttl: info[row + 3] as number,
          decoded: decodeControlPacket(data, start, start + Math.min(slotBytes, info[row] as number)),
        });
      }
      if (count < slots) return;
    }
  }

  close(): void {
    native().close(this.#fd);
  }
}

const asked: Readonly<Record<AddressFamily, readonly (readonly [level: number, name: number, call: string])[]>> = {
  inet: [
    [option.IPPROTO_IP, option.IP_RECVTTL, "IP_RECVTTL"],
    [option.IPPROTO_IP, option.IP_PKTINFO, "IP_PKTINFO"],
  ],
  inet6: [
    [option.IPPROTO_IPV6, option.IPV6_V6ONLY, "IPV6_V6ONLY"],
    [option.IPPROTO_IPV6, option.IPV6_RECVHOPLIMIT, "IPV6_RECVHOPLIMIT"],
    [option.IPPROTO_IPV6, option.IPV6_RECVPKTINFO, "IPV6_RECVPKTINFO"],
  ],
};

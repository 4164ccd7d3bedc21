import { native } from "ipvs-netlink";
import { AF_PACKET, packetAddress, SOCK_NONBLOCK, SOCK_RAW } from "../../sockets/socket-options.ts";
import { checked, SystemCallError } from "../../sockets/system-call-error.ts";
import { type AnnouncedAddress, announcementFrame } from "./announcement.ts";

/** Sends gratuitous ARP and unsolicited neighbour advertisements. */
export class AnnouncementSocket {
  readonly #onError: (message: string) => void;
  readonly #fd: number;
  readonly #failed = new Set<string>();

  /** @throws SystemCallError */
  constructor(onError: (message: string) => void) {
    this.#onError = onError;
    // Protocol 0: it receives nothing.
    this.#fd = checked(native().socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0), "socket", "gratuitous ARP");
  }

  send(announced: AnnouncedAddress): void {
    const { address, link } = announced;
    const answer = native().sendmsg(this.#fd, announcementFrame(announced), packetAddress(link.index), 0);
    const key = `${address} ${link.name}`;
    if (answer >= 0) {
      this.#failed.delete(key);
      return;
    }
    // An interface that is down, or one that is gone: told once, until it goes again.
    if (this.#failed.has(key)) return;
    this.#failed.add(key);
    this.#onError(new SystemCallError("sendmsg", `announcing ${address} on ${link.name}`, answer).message);
  }

  close(): void {
    native().close(this.#fd);
  }
}

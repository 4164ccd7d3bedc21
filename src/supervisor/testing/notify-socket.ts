import { rmSync } from "node:fs";
import { native } from "ipvs-netlink";
import { unixAddress } from "../../net/unix-address.ts";

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const MSG_DONTWAIT = 0x40;
const mostBytes = 4096;

/** What systemd has at the other end of NOTIFY_SOCKET: keeps every message. */
export class NotifySocket {
  readonly path: string;
  readonly messages: string[] = [];
  readonly #fd: number;

  constructor(path: string) {
    this.path = path;
    const calls = native();
    this.#fd = calls.socket(AF_UNIX, SOCK_DGRAM, 0);
    const bound = calls.bind(this.#fd, unixAddress(path));
    if (bound < 0) throw new Error(`cannot bind ${path}: ${-bound}`);
    calls.watch(this.#fd, 1, () => this.#receive());
  }

  /** How often it was said. */
  count(message: string): number {
    return this.messages.filter((each) => each === message).length;
  }

  close(): void {
    native().close(this.#fd);
    if (!this.path.startsWith("@")) rmSync(this.path, { force: true });
  }

  #receive(): void {
    const data = new Uint8Array(mostBytes);
    const info = new Int32Array(3);
    while (native().recvmmsg(this.#fd, data, 1, info, null, MSG_DONTWAIT) > 0) {
      this.messages.push(Buffer.from(data.subarray(0, info[0])).toString());
    }
  }
}

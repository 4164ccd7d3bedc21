import { native } from "ipvs-netlink";
import { AF_INET, SOCK_DGRAM } from "../../sockets/socket-options.ts";
import { checked } from "../../sockets/system-call-error.ts";
import { askLink, type LinkMethod } from "./ask-link.ts";

/** keepalived's order. */
const METHODS: readonly LinkMethod[] = ["MII", "ETHTOOL", "IOCTL"];
/** keepalived asks as often. */
const everyMs = 1_000;

/** Asks drivers for the link of interfaces, for those that do not tell the kernel (linkbeat). */
export class LinkPoller {
  readonly #onChange: () => void;
  readonly #ask: (name: string, method: LinkMethod) => boolean | null;
  readonly #fd: number | null;
  #polled: ReadonlyMap<string, LinkMethod | null> = new Map();
  #links = new Map<string, boolean | null>();
  #timer: NodeJS.Timeout | null = null;

  /** `ask`: in place of the kernel, for tests. @throws SystemCallError */
  constructor(onChange: () => void, ask: ((name: string, method: LinkMethod) => boolean | null) | null = null) {
    this.#onChange = onChange;
    const fd = ask === null ? checked(native().socket(AF_INET, SOCK_DGRAM, 0), "socket", "linkbeat") : null;
    this.#fd = fd;
    this.#ask = ask ?? ((name, method) => (fd === null ? null : askLink(fd, name, method)));
  }

  /** Interfaces to ask for, with the method to try first. They are asked at once. */
  configure(polled: ReadonlyMap<string, LinkMethod | null>): void {
    this.#polled = polled;
    this.#links = this.#look();
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = polled.size === 0 ? null : setInterval(() => this.poll(), everyMs);
  }

  /** Whether it has a link; null: it is not asked for, or cannot be, and what the kernel reports counts. */
  hasLink(name: string): boolean | null {
    return this.#links.get(name) ?? null;
  }

  /** Asks for all of them now. */
  poll(): void {
    const before = this.#links;
    this.#links = this.#look();
    if ([...this.#links].some(([name, link]) => before.get(name) !== link)) this.#onChange();
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    if (this.#fd !== null) native().close(this.#fd);
  }

  #look(): Map<string, boolean | null> {
    return new Map([...this.#polled].map(([name, method]) => [name, this.#linkOf(name, method)]));
  }

  #linkOf(name: string, first: LinkMethod | null): boolean | null {
    for (const method of new Set(first === null ? METHODS : [first, ...METHODS])) {
      const answer = this.#ask(name, method);
      if (answer !== null) return answer;
    }
    return null;
  }
}

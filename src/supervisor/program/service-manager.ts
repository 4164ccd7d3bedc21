import { native } from "ipvs-netlink";
import { unixAddress } from "../../net/unix-address.ts";

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
// MSG_NOSIGNAL | MSG_DONTWAIT (linux/socket.h): systemd's queue being full stops nothing.
const sendFlags = 0x4000 | 0x40;

export interface ServiceManagerOptions {
  /** NOTIFY_SOCKET; undefined: nobody wants to know. */
  readonly socket: string | undefined;
  /** How often the watchdog wants to be fed at least; null: there is none. */
  readonly watchdogMs: number | null;
  /** Whether everything runs as it should. */
  readonly isWell: () => boolean;
}

/** Tells systemd how the service is (sd_notify(3)), and feeds its watchdog while all is well. */
export class ServiceManager {
  readonly #address: Uint8Array | null;
  readonly #watchdogMs: number | null;
  readonly #isWell: () => boolean;
  #fd = -1;
  #timer: NodeJS.Timeout | null = null;
  #status = "";
  #isReady = false;

  constructor({ socket, watchdogMs, isWell }: ServiceManagerOptions) {
    this.#address = socket === undefined || socket === "" ? null : unixAddress(socket);
    this.#watchdogMs = watchdogMs;
    this.#isWell = isWell;
  }

  /** It works; also at the end of a reload. The watchdog is fed from the first time on. */
  ready(): void {
    this.#isReady = true;
    this.#send("READY=1");
    if (this.#watchdogMs === null || this.#timer !== null) return;
    this.#feed();
    // Twice in its time, as sd_watchdog_enabled(3) recommends.
    this.#timer = setInterval(() => this.#feed(), Math.max(1, this.#watchdogMs / 2)).unref();
  }

  /** A reload begins. Nothing before the first `ready`. */
  reloading(): void {
    if (this.#isReady) this.#send(`RELOADING=1\nMONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`);
  }

  /** The reload is over, however it ended. */
  reloaded(): void {
    if (this.#isReady) this.#send("READY=1");
  }

  /** The service is that process from now on: another one, or this one after all. */
  mainProcess(pid: number): void {
    this.#send(`MAINPID=${pid}`);
  }

  stopping(): void {
    this.#send("STOPPING=1");
  }

  /** A line for `systemctl status`; sent when it is another. */
  status(text: string): void {
    if (text === this.#status) return;
    this.#status = text;
    this.#send(`STATUS=${text}`);
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    if (this.#fd >= 0) native().close(this.#fd);
    this.#fd = -1;
  }

  #feed(): void {
    if (this.#isWell()) this.#send("WATCHDOG=1");
  }

  #send(state: string): void {
    if (this.#address === null) return;
    if (this.#fd < 0) this.#fd = native().socket(AF_UNIX, SOCK_DGRAM, 0);
    if (this.#fd >= 0) native().sendmsg(this.#fd, Buffer.from(state), this.#address, sendFlags);
  }
}

/**
 * What systemd has put into our environment, which is taken out of it: scripts and other processes of ours are not the service. A
 * watchdog that is for another process is none.
 */
export function takeNotifyEnvironment(
  environment: NodeJS.ProcessEnv,
  pid: number,
): Pick<ServiceManagerOptions, "socket" | "watchdogMs"> {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: usec, WATCHDOG_PID: watched } = environment;
  for (const name of ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]) delete environment[name];
  const isOurs = watched === undefined || watched === String(pid);
  const watchdogUs = isOurs && /^[1-9][0-9]*$/.test(usec ?? "") ? Number(usec) : null;
  return { socket, watchdogMs: watchdogUs === null ? null : watchdogUs / 1000 };
}

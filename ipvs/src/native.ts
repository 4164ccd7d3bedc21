import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { NetlinkError } from "./errors.ts";

/**
 * The addon's calls (native/socket.c, native/process.c, ...). Each answers zero or more, or -errno.
 * Addresses and option values are octets in the kernel's layout.
 */
export interface Native {
  /** socket(2); SOCK_CLOEXEC is always set. The descriptor is closed with the environment unless detached. */
  socket(domain: number, type: number, protocol: number): number;
  /** socket(2) in the network namespace that `path` names. */
  socketInNamespace(path: string, domain: number, type: number, protocol: number): number;
  /** setns(2) into the network namespace that `path` names: this thread, and all processes and threads that it starts from now on. */
  enterNamespace(path: string): number;
  bind(fd: number, address: Uint8Array): number;
  connect(fd: number, address: Uint8Array): number;
  getsockname(fd: number, address: Uint8Array): number;
  setsockopt(fd: number, level: number, name: number, value: Uint8Array): number;
  getsockopt(fd: number, level: number, name: number, value: Uint8Array): number;
  /** Octets sent; several buffers are gathered into one datagram. */
  sendmsg(fd: number, buffers: Uint8Array | readonly Uint8Array[], address: Uint8Array | null, flags: number): number;
  /**
   * Datagrams received. `data` is cut into `slots` equal parts, one datagram each; `info` gets
   * {length, msg_flags, address length} per slot, `addresses` 128 octets per slot.
   */
  recvmmsg(
    fd: number,
    data: Uint8Array,
    slots: number,
    info: Int32Array,
    addresses: Uint8Array | null,
    flags: number,
  ): number;
  /**
   * Packets received, like recvmmsg. `info` gets {length, msg_flags, address length, hop limit or -1, interface or 0,
   * microseconds since it arrived or -1} per slot; of the 128 octets in `addresses` the first are the sender's address, and from 64
   * on stands the destination's. Hop limit, interface, destination and age come when the socket was asked for them (IP_RECVTTL,
   * IP_PKTINFO and those of IPv6, SO_TIMESTAMPNS).
   */
  receivePackets(
    fd: number,
    data: Uint8Array,
    slots: number,
    info: Int32Array,
    addresses: Uint8Array | null,
    flags: number,
  ): number;
  /**
   * Listens on a socket whose senders say the same again and again (native/listener.c): what is known is only counted, anything else is
   * told by `callback`, and read by `hearStrangers`. Where many come one by one the socket is looked at by a clock. `keyAt`: the octet of a
   * packet that says which of 256 known ones it could repeat.
   */
  openListener(fd: number, keyAt: number, callback: () => void): NativeListener | number;
  /** From now on; looks are so far apart, in ms. Before that, and after `stopListening`, what comes waits in the socket. */
  startListening(listener: NativeListener, lookMs: number): number;
  stopListening(listener: NativeListener): number;
  /**
   * Packets that are not known, as `receivePackets` tells them, and when each came, in ms of bootTime: no earlier than the last look. To be
   * called until it answers 0, before another listener is read; what is known by then counts for what follows.
   */
  hearStrangers(
    listener: NativeListener,
    data: Uint8Array,
    slots: number,
    info: Int32Array,
    addresses: Uint8Array,
    arrivals: Float64Array,
  ): number;
  /**
   * Counts this packet from now on when it comes again, in place of what was known by this key. Octets whose mask is 0 may be others; the
   * rest of the mask is 255. `addresses` is a row of `hearStrangers`, which has to be the same.
   */
  knowPacket(
    listener: NativeListener,
    key: number,
    data: Uint8Array,
    mask: Uint8Array,
    addresses: Uint8Array,
    hopLimit: number,
  ): number;
  forgetPacket(listener: NativeListener, key: number): number;
  /** Rows of {key, how many came since the last call, when the last one came}; how many rows. All are full: there may be more. */
  takeHeard(listener: NativeListener, rows: Float64Array): number;
  /** The descriptor stays open. */
  closeListener(listener: NativeListener): number;
  /**
   * How many rows of the table were sent. A row is {fd, offset and length of the data, of the address, of the control
   * messages, result}, offsets into `memory`, length 0 for none; the result is octets sent or -errno. A row that fails
   * does not stop the others; consecutive rows with one descriptor are one system call.
   */
  sendBatch(memory: Uint8Array, table: Int32Array, count: number, flags: number): number;
  /**
   * A set of exchanges over TCP: connect, send a request, receive, each under a deadline (native/exchange.h). `callback` is told
   * how many rows of `results` say what happened; a row is {slot, kind, value, detail, microseconds since the start}. Kinds:
   * 0 connected, 1 data (value octets at `detail` of the arena), 2 the peer closed, 3 failed (errno, call: 0 socket, 1 setsockopt,
   * 2 bind, 3 connect, 4 send, 5 receive, 6 handshake), 4 deadline (value 1: the connection stood, 2: but for the handshake),
   * 5 secured (value and detail: lower and upper half of the certificate's expiry, seconds since the epoch), 6 TLS failed (why: value
   * octets at `detail` of the arena). After 0, 3, 4 and 6 it is over and its descriptor closed. Of 2 a value of 1: within the handshake.
   */
  openExchanges(results: Int32Array, arena: Uint8Array, callback: (rows: number) => void): NativeExchanges;
  /**
   * Starts one exchange per row: {slot, timeout in ms, base, flags (1 mark, 2 end with RST, 4 TLS, 8 close_notify), mark, then offset from base and
   * length of address, source address, device name, request, then an interval in ms, a grid in microseconds, and offset and
   * length of the server name, a C string}; length 0 is none, no request means the connection is all. Answers how many have failed at once and wait for `harvestExchanges`.
   *
   * With an interval, which is for connections alone, it begins after it and is repeated for as long as it passes: from the end of
   * one to the start of the next it is the interval, less what brings the start down to the grid. Of passes the callback is told
   * with -1 rows, once a second; what is no pass ends it and is told like any other end, after its passes.
   */
  startExchanges(exchanges: NativeExchanges, table: Int32Array, memory: Uint8Array, count: number): number;
  /** Ends these slots at once, without a result; free ones are left alone. */
  endExchanges(exchanges: NativeExchanges, slots: Int32Array, count: number): number;
  /**
   * To be called before the first row with TLS, whose certificates nobody verifies: lowest version (0x303 is TLS 1.2), ciphers, cipher
   * suites of TLS 1.3 and groups, as OpenSSL has them, C strings one after the other. -ENOTSUP where this Node cannot.
   */
  prepareTls(exchanges: NativeExchanges, minVersion: number, strings: Uint8Array): number;
  /** To be called before the first row with an interval: how many may be under way at once, and how long ago a moment of all grids was. */
  prepareRepeats(exchanges: NativeExchanges, atMost: number, phaseUs: number): number;
  /** Repeats these slots now, if they wait. */
  expediteExchanges(exchanges: NativeExchanges, slots: Int32Array, count: number): number;
  /** The passes since the last call, in rows of {slot, microseconds, age in ms}: how many there are. All rows are full: there may be more. */
  readPasses(exchanges: NativeExchanges, rows: Int32Array): number;
  /** {runs, maximum, mean}: how late, in microseconds, those that are repeated were started since the last call. */
  readLateness(exchanges: NativeExchanges, words: Int32Array): number;
  /** Tells, through the callback, what has happened, as much as fits once; how many that failed at once are still to be told. */
  harvestExchanges(exchanges: NativeExchanges): number;
  /** Ends all without a result. No callback comes after it. */
  closeExchanges(exchanges: NativeExchanges): number;
  /** Calls back with the ready events (readable 1, writable 2, error 16: receive to learn it) or -errno. */
  watch(fd: number, events: number, callback: (events: number) => void): number;
  unwatch(fd: number): number;
  /** Gives the descriptor away: it stays open and is no longer closed with the environment. */
  detach(fd: number): number;
  close(fd: number): number;
  /**
   * ioctl(2) with a struct ifreq (netdevice(7)). `name` ends with a zero octet. `value` is what follows the name, and gets the
   * answer; with `indirect` 1 it is what ifr_data points to.
   */
  interfaceIoctl(fd: number, request: number, name: Uint8Array, value: Uint8Array, indirect: 0 | 1): number;
  /** prctl(PR_SET_PDEATHSIG): the signal this process gets when the thread that started it ends. */
  setParentDeathSignal(signal: number): number;
  /**
   * For good: becomes `user` and its group, without supplementary groups (below 0: stays who it is); keeps of its capabilities (their
   * numbers) only `kept`, and can get no others (PR_SET_NO_NEW_PRIVS). Threads that are there already lose theirs with the user.
   */
  giveUpPrivileges(user: number, kept: Int32Array): number;
  /** sched_setscheduler(2) of one thread, 0 for this one: SCHED_OTHER 0, SCHED_RR 2. Children do not inherit it. */
  setScheduler(thread: number, policy: number, priority: number): number;
  /** sched_setaffinity(2) of one thread, 0 for this one: the numbers of its CPUs. */
  setAffinity(thread: number, cpus: Int32Array): number;
  /** 1 keeps programs, libraries, stack and C heap in memory (mlock2(2)), not what is V8's, which it must be able to give back; 0 unlocks. */
  lockMemory(wanted: number): number;
  /** setrlimit(2), e.g. RLIMIT_RTTIME 15 in microseconds; below 0 is no limit. */
  setResourceLimit(resource: number, soft: number, hard: number): number;
  /** The STA_* bits of the kernel's clock (adjtimex(2), linux/timex.h): 0x40 is a clock that nobody has set. */
  clockStatus(): number;
  /**
   * Starts a program and answers its pidfd, which gets readable when it ends. `argv` (the path first) and `envp` are strings
   * that end with zero, one after the other. `options` is {uid or -1, gid, descriptor of its output, supplementary
   * groups...}; `pid` gets its process id, which is also that of its session and process group.
   */
  spawn(argv: Uint8Array, envp: Uint8Array, options: Int32Array, pid: Int32Array): number;
  /** CLOCK_BOOTTIME: milliseconds since the machine was started, with a fraction. Goes on while it sleeps; is never set. */
  bootTime(): number;
  /** A descriptor that gets readable at its deadline, exact to the microsecond, and stays so until it is set anew. */
  openTimer(): number;
  /** The deadline in milliseconds of bootTime, the past included; below 0 is never. */
  setTimer(fd: number, deadlineMs: number): number;
  /** Exit status, or 256 and the signal, of a program that has ended; -EAGAIN while it runs. */
  reap(pidfd: number): number;
  /** A descriptor that yields an octet for each of these signals that arrives, its number. -EBUSY at a second call. */
  hearSignals(signals: Int32Array): number;
  /** sigaction(2) with SIG_IGN. */
  ignoreSignals(signals: Int32Array): number;
  /** pipe2(2): `ends` gets the reading end, which does not block, and the writing one. */
  pipe(ends: Int32Array): number;
}

/** What `openExchanges` answers: only for the calls that take it. */
export type NativeExchanges = object & { readonly [exchangesBrand]: never };
declare const exchangesBrand: unique symbol;

/** What `openListener` answers: only for the calls that take it. */
export type NativeListener = object & { readonly [listenerBrand]: never };
declare const listenerBrand: unique symbol;

let loaded: Native | undefined;

/** Loads the addon at first use. Throws NetlinkError `addon-not-built` with what to do about it. */
export function native(): Native {
  loaded ??= load();
  return loaded;
}

const packageFolder = fileURLToPath(new URL("..", import.meta.url));

/** What was built here comes before what came with the package. */
function load(): Native {
  const require = createRequire(import.meta.url);
  const files = ["build/Release/ipvs_netlink.node", `prebuilds/linux-${process.arch}.node`];
  const file = files.map((name) => join(packageFolder, name)).find((path) => existsSync(path));
  try {
    return require(file ?? join(packageFolder, files[0] as string)) as Native;
  } catch (cause) {
    throw addonError(cause, prebuiltArchitectures());
  }
}

/** Of the addons in the package, as process.arch has them; empty in a checkout. */
function prebuiltArchitectures(): readonly string[] {
  const folder = join(packageFolder, "prebuilds");
  const files = existsSync(folder) ? readdirSync(folder) : [];
  return files.flatMap((file) => /^linux-(\w+)\.node$/.exec(file)?.[1] ?? []);
}

/** Says how to get the addon, depending on why it did not load. */
export function addonError(cause: unknown, prebuilt: readonly string[] = []): NetlinkError {
  const missing = cause instanceof Error && "code" in cause && cause.code === "MODULE_NOT_FOUND";
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (prebuilt.length > 0) {
    const why = missing
      ? `is there for ${prebuilt.join(" and ")}, not for ${process.arch}`
      : `does not load (${reason})`;
    const command = `npx node-gyp rebuild --directory=${packageFolder}`;
    return new NetlinkError(
      "addon-not-built",
      `the native addon of ipvs-netlink ${why}: with a C compiler, make and python3, \`${command}\` builds it`,
    );
  }
  const why = missing ? "is not built" : `does not load (${reason})`;
  const command = missing ? "sh scripts/build-addon.sh" : "sh scripts/build-addon.sh --force";
  return new NetlinkError(
    "addon-not-built",
    `the native addon of ipvs-netlink ${why}: run \`${command}\` (in a checkout) or \`npm rebuild ipvs-netlink\``,
  );
}

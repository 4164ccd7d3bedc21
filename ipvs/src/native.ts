import { createRequire } from "node:module";
import { NetlinkError } from "./errors.ts";

/**
 * The addon's calls (native/socket.c, native/process.c, native/spawn.c). Each answers zero or more, or -errno.
 * Addresses and option values are octets in the kernel's layout.
 */
export interface Native {
  /** socket(2); SOCK_CLOEXEC is always set. The descriptor is closed with the environment unless detached. */
  socket(domain: number, type: number, protocol: number): number;
  /** socket(2) in the network namespace that `path` names. */
  socketInNamespace(path: string, domain: number, type: number, protocol: number): number;
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
  /** Calls back with the ready events (readable 1, writable 2, error 16: receive to learn it) or -errno. */
  watch(fd: number, events: number, callback: (events: number) => void): number;
  unwatch(fd: number): number;
  /** Gives the descriptor away: it stays open and is no longer closed with the environment. */
  detach(fd: number): number;
  close(fd: number): number;
  /** prctl(PR_SET_PDEATHSIG): the signal this process gets when the thread that started it ends. */
  setParentDeathSignal(signal: number): number;
  /**
   * Starts a program and answers its pidfd, which gets readable when it ends. `argv` (the path first) and `envp` are strings
   * that end with zero, one after the other. `options` is {uid or -1, gid, descriptor of its output, supplementary
   * groups...}; `pid` gets its process id, which is also that of its session and process group.
   */
  spawn(argv: Uint8Array, envp: Uint8Array, options: Int32Array, pid: Int32Array): number;
  /** Exit status, or 256 and the signal, of a program that has ended; -EAGAIN while it runs. */
  reap(pidfd: number): number;
  /** pipe2(2): `ends` gets the reading end, which does not block, and the writing one. */
  pipe(ends: Int32Array): number;
}

let loaded: Native | undefined;

/** Loads the addon at first use. Throws NetlinkError `addon-not-built` with the command that builds it. */
export function native(): Native {
  loaded ??= load();
  return loaded;
}

function load(): Native {
  try {
    return createRequire(import.meta.url)("../build/Release/ipvs_netlink.node") as Native;
  } catch (cause) {
    throw addonError(cause);
  }
}

/** Says how to get the addon, depending on why it did not load. */
export function addonError(cause: unknown): NetlinkError {
  const missing = cause instanceof Error && "code" in cause && cause.code === "MODULE_NOT_FOUND";
  const why = missing ? "is not built" : `does not load (${cause instanceof Error ? cause.message : String(cause)})`;
  const command = missing ? "sh scripts/build-addon.sh" : "sh scripts/build-addon.sh --force";
  return new NetlinkError(
    "addon-not-built",
    `the native addon of ipvs-netlink ${why}: run \`${command}\` (in a checkout) or \`npm rebuild ipvs-netlink\``,
  );
}

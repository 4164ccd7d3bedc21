import { type Keyword, keyword } from "../keyword.ts";
import { flag } from "../values/flag.ts";
import { integer, signedInteger, UINT32_MAX } from "../values/integer.ts";
import { optional, processors, umask } from "../values/system.ts";
import { nameText, text } from "../values/text.ts";

type Role = "vrrp" | "checker" | "bfd";

const bufferPolicy = text(
  "MTU | ADVERT | octets",
  "MTU, ADVERT or a number of octets",
  /^(?:MTU|ADVERT|[0-9]{1,9})$/i,
  null,
);
const bytes = integer(0, UINT32_MAX);

/** Rows whose names begin with what they are about; computed names have no type of their own. */
type Prefixed<Prefix extends string, Types extends Record<string, unknown>> = {
  readonly [K in keyof Types & string as `${Prefix}_${K}`]: Keyword<Types[K]>;
};

type ProcessRows<R extends Role> = Prefixed<
  R,
  {
    priority: number;
    no_swap: boolean;
    rt_priority: number;
    cpu_affinity: readonly number[];
    rlimit_rttime: number;
  }
>;

function processRows<R extends Role>(role: R): ProcessRows<R> {
  const limit = `${role}_rlimit_rtime`;
  return {
    [`${role}_priority`]: keyword(signedInteger(-20, 19), {
      summary: `nice value of the ${role} process; lower is more urgent`,
      defaultText: role === "vrrp" ? "-10, where that is permitted" : "that of the program",
    }),
    [`${role}_no_swap`]: keyword(flag, {
      summary: `code, libraries and stack of the ${role} process are never swapped out`,
      default: false,
    }),
    [`${role}_rt_priority`]: keyword(integer(1, 99), {
      summary: `real-time priority (SCHED_RR) of the ${role} process`,
      defaultText: "no real-time scheduling",
    }),
    [`${role}_cpu_affinity`]: keyword(processors, {
      summary: `processors that the ${role} process may run on`,
      defaultText: "all of them",
    }),
    [`${role}_rlimit_rttime`]: keyword(integer(1, UINT32_MAX), {
      summary: `microseconds that the ${role} process may compute at real-time priority without a pause; less than a second counts as one`,
      default: 10_000,
      synonyms: [limit],
      deprecated: [limit],
    }),
  } as ProcessRows<R>;
}

function bufferRows<P extends string>(
  prefix: P,
  what: string,
): Prefixed<P, { rcv_bufs: number; rcv_bufs_force: boolean }> {
  return {
    [`${prefix}_rcv_bufs`]: keyword(bytes, {
      summary: `octets of the receive buffer for ${what}`,
      defaultText: "1 MiB",
    }),
    [`${prefix}_rcv_bufs_force`]: keyword(flag, {
      summary: `${prefix}_rcv_bufs may exceed net.core.rmem_max`,
      default: false,
    }),
  } as Prefixed<P, { rcv_bufs: number; rcv_bufs_force: boolean }>;
}

/** Processes of the daemon: names, priorities, buffers. */
export const processRowsOfGlobalDefs = {
  ...processRows("vrrp"),
  process_names: keyword(flag, { summary: "each process shows its role in its name", default: false }),
  process_name: keyword(nameText, { summary: "name of the supervising process in process lists" }),
  vrrp_process_name: keyword(nameText, { summary: "name of the vrrp process in process lists" }),
  checker_process_name: keyword(nameText, {
    summary: "name of the checker process in process lists",
    synonyms: ["lvs_process_name"],
    deprecated: ["lvs_process_name"],
  }),
  ...processRows("checker"),
  max_auto_priority: keyword(optional(signedInteger(-1, 99)), {
    summary: "real-time priority up to which a process that runs late raises itself: alone 99; 0 and -1 never",
    default: 0,
  }),
  min_auto_priority_delay: keyword(integer(1, 10_000_000), {
    summary: "microseconds by which a process must be late before it raises its priority",
    default: 1_000_000,
  }),
  umask: keyword(umask, { summary: "permissions that new files do not get", default: 0o022 }),
  ...bufferRows("vrrp_netlink_cmd", "netlink commands of the VRRP process"),
  ...bufferRows("vrrp_netlink_monitor", "netlink events in the VRRP process"),
  ...bufferRows("lvs_netlink_cmd", "netlink commands of the checker process"),
  ...bufferRows("lvs_netlink_monitor", "netlink events in the checker process"),
  ...bufferRows("process_monitor", "the kernel's events about processes"),
  vrrp_rx_bufs_policy: keyword(bufferPolicy, {
    summary: "receive buffers of adverts: by the MTU, by the length of an advert, or so many octets",
    defaultText: "4 MiB",
  }),
  vrrp_rx_bufs_multiplier: keyword(integer(1, UINT32_MAX), {
    summary: "how many packets the receive buffer of adverts holds with vrrp_rx_bufs_policy",
    default: 3,
  }),
  bfd_process_name: keyword(nameText, { summary: "name of the bfd process in process lists" }),
  ...processRows("bfd"),
};

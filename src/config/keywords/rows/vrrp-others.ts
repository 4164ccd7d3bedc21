import { type Block, keyword } from "../keyword.ts";
import { address } from "../values/address.ts";
import { choice } from "../values/choice.ts";
import { fineTimer } from "../values/fine-timer.ts";
import { flag } from "../values/flag.ts";
import { INT32_MAX, integer, signedInteger, UINT32_MAX } from "../values/integer.ts";
import { names, wordList } from "../values/lines.ts";
import { options } from "../values/options.ts";
import { script, userGroup } from "../values/script.ts";
import { filePath } from "../values/system.ts";
import { interfaceName, nameText } from "../values/text.ts";
import { timer } from "../values/timer.ts";
import { weight } from "../values/weight.ts";
import { notifyRows, trackRows } from "./notify.ts";

const name = (what: string) => keyword(nameText, { summary: `name of the ${what}`, required: true, unnamed: true });
const delay = fineTimer(1, 3_600_000_000);

export const vrrpSyncGroup = {
  path: "vrrp_sync_group",
  entries: {
    name: name("group"),
    group: keyword(names, { summary: "VRRP instances that are master together or not at all", required: true }),
    ...trackRows,
    ...notifyRows,
    sync_group_tracking_weight: keyword(flag, {
      summary: "members may have tracking weights of their own",
      default: false,
    }),
    global_tracking: keyword(flag, {
      summary: "old spelling of sync_group_tracking_weight",
      deprecatedFor: "sync_group_tracking_weight, or track_script, track_interface and the like in the group",
      default: false,
    }),
  },
} as const satisfies Block;

export const vrrpScript = {
  path: "vrrp_script",
  entries: {
    name: name("script"),
    script: keyword(script, { summary: "what is run; exit status 0 is success", required: true }),
    interval: keyword(timer(1), { summary: "time between two runs", default: 1000 }),
    timeout: keyword(timer(0), { summary: "time after which a run counts as failed", defaultText: "interval" }),
    weight: keyword(weight(253), {
      summary: "what it adds to the priority; 0: failure is a fault",
      default: { weight: 0, reverse: false },
    }),
    rise: keyword(integer(1, INT32_MAX), { summary: "successes in a row until it counts as good", default: 1 }),
    fall: keyword(integer(1, INT32_MAX), { summary: "failures in a row until it counts as bad", default: 1 }),
    user: keyword(userGroup, { summary: "user and group it runs as", defaultText: "script_user" }),
    init_fail: keyword(flag, { summary: "it counts as bad until it has succeeded", default: false }),
  },
} as const satisfies Block;

export const trackFile = {
  path: "track_file",
  entries: {
    name: name("file"),
    file: keyword(filePath, { summary: "the file; it holds a number", required: true }),
    weight: keyword(weight(254), {
      summary: "what the number is multiplied with; 0: any but zero is a fault",
      default: { weight: 1, reverse: false },
    }),
    init_file: keyword(
      options({
        name: "[number] [overwrite]",
        expected: "a number, or overwrite, or both",
        unnamed: { value: signedInteger(-INT32_MAX - 1, INT32_MAX) },
        needed: 0,
        options: { overwrite: "alone" },
        mayBeEmpty: true,
      }),
      { summary: "the file is written at the start when it is missing; overwrite: always" },
    ),
  },
} as const satisfies Block;

export const vrrpTrackProcess = {
  path: "vrrp_track_process",
  entries: {
    name: name("tracker"),
    process: keyword(wordList, {
      summary: "name of the processes that are counted, and their arguments",
      required: true,
    }),
    param_match: keyword(choice(["initial", "partial"]), {
      summary: "initial: the last argument may be longer; partial: more arguments may follow",
      defaultText: "the arguments are all and exact",
    }),
    weight: keyword(weight(254), {
      summary: "what it adds to the priority; 0: failure is a fault",
      default: { weight: 0, reverse: false },
    }),
    quorum: keyword(integer(1, 65_535), { summary: "least number of processes", default: 1 }),
    quorum_max: keyword(integer(0, 65_535), { summary: "greatest number of processes", defaultText: "no limit" }),
    fork_delay: keyword(delay, { summary: "time for which the quorum must hold until it counts as met" }),
    terminate_delay: keyword(delay, { summary: "time for which the quorum must be missed until it counts as lost" }),
    delay: keyword(delay, { summary: "fork_delay and terminate_delay at once" }),
    full_command: keyword(flag, {
      summary: "the command line is compared, not the name of the process",
      default: false,
    }),
  },
} as const satisfies Block;

export const trackGroup = {
  path: "track_group",
  entries: {
    name: name("group"),
    group: keyword(names, { summary: "VRRP instances that a lost static address, route or rule is a fault for" }),
  },
} as const satisfies Block;

const interval = fineTimer(0, UINT32_MAX);

export const garpGroup = {
  path: "garp_group",
  entries: {
    garp_interval: keyword(interval, { summary: "least time between two gratuitous ARPs" }),
    gna_interval: keyword(interval, { summary: "least time between two unsolicited neighbour advertisements" }),
    interface: keyword(interfaceName, { summary: "interface that the limits are for" }),
    interfaces: keyword(names, { summary: "interfaces that share the limits" }),
  },
} as const satisfies Block;

const milliseconds = (leastMs: number) => fineTimer(leastMs * 1000, UINT32_MAX, "ms");

export const bfdInstance = {
  path: "bfd_instance",
  entries: {
    name: name("session"),
    neighbor_ip: keyword(address, {
      summary: "address of the neighbour",
      synonyms: ["neighbour_ip"],
      required: true,
    }),
    source_ip: keyword(address, { summary: "our own address", defaultText: "the kernel's choice" }),
    min_rx: keyword(milliseconds(1), { summary: "least interval at which we can receive", default: 10_000 }),
    min_tx: keyword(milliseconds(1), { summary: "interval at which we want to send", default: 10_000 }),
    idle_tx: keyword(milliseconds(1000), {
      summary: "interval at which we send while the session is down",
      default: 1_000_000,
    }),
    multiplier: keyword(integer(1, 255), { summary: "packets missed until the session is down", default: 5 }),
    passive: keyword(flag, { summary: "waits for the neighbour to speak first", default: false }),
    ttl: keyword(integer(1, 255), {
      summary: "TTL of our packets over IPv4, and what the neighbour's begin with",
      default: 255,
    }),
    hoplimit: keyword(integer(1, 255), {
      summary: "hop limit of our packets over IPv6, and what the neighbour's begin with",
      defaultText: "255, and 64 for the neighbour's",
    }),
    max_hops: keyword(signedInteger(-1, 255), {
      summary: "hops that packets may have made; 255 and -1 are any number",
      default: 0,
    }),
    multihop: keyword(flag, {
      summary: "the port of sessions over several hops, 4784",
      default: false,
      since: "2.2.8+",
    }),
    weight: keyword(weight(253), {
      summary: "what it adds to the priority of instances that track it",
      default: { weight: 0, reverse: false },
    }),
    vrrp: keyword(flag, { summary: "only VRRP is told of changes", default: false }),
    checker: keyword(flag, { summary: "only checkers are told of changes", default: false }),
  },
} as const satisfies Block;

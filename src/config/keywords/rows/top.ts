import { type Block, type Entries, keyword, repeated, single } from "../keyword.ts";
import { fineTimer } from "../values/fine-timer.ts";
import { flag } from "../values/flag.ts";
import { groupMember } from "../values/group-member.ts";
import { staticAddress, staticRule } from "../values/ip-lines.ts";
import { lines } from "../values/lines.ts";
import { options } from "../values/options.ts";
import { staticRoute } from "../values/route-line.ts";
import { filePath } from "../values/system.ts";
import { interfaceName, nameText, printableText } from "../values/text.ts";
import { programRowsOfTop } from "./global-program.ts";
import { vrrpInstance } from "./vrrp-instance.ts";
import {
  bfdInstance,
  garpGroup,
  trackFile,
  trackGroup,
  vrrpScript,
  vrrpSyncGroup,
  vrrpTrackProcess,
} from "./vrrp-others.ts";

const ssl = {
  path: "SSL",
  entries: {
    ca: keyword(filePath, { summary: "certificates that the server's must be signed by" }),
    certificate: keyword(filePath, { summary: "certificate that we show to servers" }),
    key: keyword(filePath, { summary: "private key of that certificate" }),
    password: keyword(printableText, { summary: "password of that private key", secret: true }),
  },
} as const satisfies Block;

/** What a virtual server may stand for instead of one address. */
export const virtualServerGroup = {
  path: "virtual_server_group",
  entries: {
    name: keyword(nameText, { summary: "name of the group", required: true, unnamed: true }),
    members: keyword(lines(groupMember), {
      summary: "addresses, ranges of them and marks",
      required: true,
      unnamed: true,
    }),
  },
} as const satisfies Block;

const pollingInterface = options({
  name: "interface [MII | ETHTOOL | IOCTL]",
  expected: "an interface, then perhaps MII, ETHTOOL or IOCTL",
  unnamed: { interface: interfaceName },
  needed: 1,
  options: { MII: "alone", ETHTOOL: "alone", IOCTL: "alone" },
});

const upDown = fineTimer(0, 255_000_000);

const upDownDelay = options({
  name: "interface down_delay [up_delay]",
  expected: "an interface and one or two times in seconds up to 255",
  unnamed: { interface: interfaceName, down: upDown, up: upDown },
  needed: 2,
  options: {},
});

/** Keywords of the top level that this version does not support yet. */
export const pendingAtTop = {
  ...programRowsOfTop,
  ...{
    vrrp_instance: repeated(vrrpInstance, "a virtual router: addresses that one of several hosts has"),
    vrrp_sync_group: repeated(vrrpSyncGroup, "VRRP instances that change their state together"),
    vrrp_script: repeated(vrrpScript, "a program whose success VRRP instances watch"),
    track_file: {
      ...repeated(trackFile, "a file whose number VRRP instances and real servers watch"),
      synonyms: ["vrrp_track_file"],
      deprecated: ["vrrp_track_file"],
    },
    vrrp_track_process: repeated(vrrpTrackProcess, "processes whose number VRRP instances watch"),
    track_group: repeated(trackGroup, "VRRP instances that watch static addresses, routes and rules"),
    garp_group: repeated(garpGroup, "limits the rate of gratuitous ARP and neighbour advertisements"),
    static_ipaddress: keyword(lines(staticAddress), {
      summary: "addresses that this host has whatever VRRP says",
      repeatable: true,
    }),
    static_routes: keyword(lines(staticRoute), {
      summary: "routes that this host has whatever VRRP says",
      repeatable: true,
    }),
    static_rules: keyword(lines(staticRule), {
      summary: "routing rules that this host has whatever VRRP says",
      repeatable: true,
    }),
    linkbeat_use_polling: keyword(flag, {
      summary: "the link of interfaces is asked for instead of being reported",
      default: false,
    }),
    linkbeat_interfaces: keyword(lines(pollingInterface), {
      summary: "interfaces whose link is asked for, and how",
      repeatable: true,
    }),
    interface_up_down_delays: keyword(lines(upDownDelay), {
      summary: "time for which an interface must be down or up until it counts as such",
      repeatable: true,
    }),
  },
  bfd_instance: repeated(bfdInstance, "a BFD session with a neighbour (RFC 5880)"),
};

/** What checkers of the top level share. */
export const checkersAtTop = { SSL: single(ssl, "certificates of the checks over TLS") };

/** Keywords of the top level that are accepted and change nothing. */
export const idleAtTop = {
  use_pid_dir: keyword(flag, {
    summary: "pid files are in a directory of their own",
    noEffect: "the pid file is always in the run directory, or where -p says",
  }),
  namespace_with_ipsets: keyword(flag, {
    summary: "sets of addresses are used in network namespaces, too",
    noEffect: "every kernel since Linux 3.13 keeps them apart by itself",
  }),
} as const satisfies Entries;

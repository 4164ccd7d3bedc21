import type { Case } from "./corpus.ts";
import type { PeerVerdict } from "./peer.ts";
import type { OwnVerdict } from "./verdict.ts";

/** A text that keepalived and lbctl do not agree about. */
export interface Disagreement {
  readonly case: Case;
  readonly theirs: PeerVerdict;
  readonly ours: OwnVerdict;
}

/** A deliberate difference: a row of the table in docs/keepalived-conf.md. */
export interface Difference {
  readonly what: string;
  readonly keepalived: string;
  readonly lbctl: string;
  readonly explains: (found: Disagreement) => boolean;
}

const firstError = ({ ours }: Disagreement) => ours.errors[0];
const says = (pattern: RegExp) => (found: Disagreement) => found.ours.valid && pattern.test(found.theirs.messages);
const refusesAs = (code: string) => (found: Disagreement) => !found.ours.valid && firstError(found)?.code === code;
const about = (found: Disagreement, ...keywords: string[]) => keywords.includes(found.case.keyword);
const valued = (found: Disagreement, pattern: RegExp) => found.case.values.every((value) => pattern.test(value));

/** What keepalived says where lbctl warns. */
const complaints: Readonly<Record<string, RegExp>> = {
  "auth-pass-too-long": /Truncating auth_pass/,
  "corrected-setting": / - clearing|max_hops exceeds ttl|_interval '0' is invalid/,
  deprecated: /deprecated/,
  "hysteresis-too-large": /setting hysteresis to 0/,
  "include-skipped": /onfig(?:uration)? files? (?:missing|'.*' is a directory)/,
  "made-persistent": /zero port only valid for persistent services - setting/,
  "no-effect": /protocol will be ignored|is only valid with a vmac|address family must match/,
  "protocol-missing": /no protocol set/,
  "quorum-unreachable": /reducing quorum/,
  "rule-without-priority": /Rule has no preference specified/,
  "script-missing": /not found\/accessible/,
};

/** What lbctl takes and keepalived complains about; `keepalived -t` ends with 5 for each complaint. */
const takenHere: readonly Difference[] = [
  {
    what: "settings that do not fit together (quorum above all weights), old names",
    keepalived: "corrected or taken, and `-t` fails",
    lbctl: "the same is done, with a warning",
    explains: ({ ours, theirs }) =>
      ours.valid && ours.warnings.some(({ code }) => complaints[code]?.test(theirs.messages)),
  },
  {
    what: "a unit behind a time (`5s`, `500ms`)",
    keepalived: "an error",
    lbctl: "taken: one spelling in both languages",
    explains: (found) => found.ours.valid && valued(found, /^[0-9.]+(?:ms|s|m|h|d)$/),
  },
  {
    what: "`interval 2.5` and `timeout 2.5` of a vrrp_script",
    keepalived: "an error: whole seconds",
    lbctl: "taken: checks may be faster than once a second",
    explains: (found) => says(/vrrp script (?:interval|timeout) '2\.5'/)(found),
  },
  {
    what: "a flag in capitals (`alpha ON`)",
    keepalived: "an error",
    lbctl: "taken: nothing else can be meant",
    explains: (found) => found.ours.valid && valued(found, /^(?:ON|OFF|TRUE|FALSE|YES|NO)$/),
  },
  {
    what: "`nat_mask`, `lb_kind` in a real_server, `vrrp_iptables`, `vrrp_ipsets`",
    keepalived: "not in Debian's 2.2.7",
    lbctl: "known: files for other versions and builds are read",
    explains: says(/Unknown keyword '(?:nat_mask|lb_kind|vrrp_ipsets)'|iptables not supported/),
  },
  {
    what: "`include_check readable`",
    keepalived: "an error, though its manual has it",
    lbctl: "taken, as documented",
    explains: says(/Unknown include_check type 'readable'/),
  },
  {
    what: "no `lvs_sched`, no `lvs_method`",
    keepalived: "`wlc` and `NAT`, and `-t` fails",
    lbctl: "`wlc` and `NAT`",
    explains: says(/no (?:scheduler|forwarding method) set/),
  },
  {
    what: "`retry 0` in a virtual_server or real_server",
    keepalived: "an error; its checkers take it",
    lbctl: "taken: the first failure takes the server down",
    explains: (found) => about(found, "retry") && says(/retry value invalid - 0/)(found),
  },
  {
    what: "a user who does not exist (`script_user nobodyhere`)",
    keepalived: "an error, and the script is dropped",
    lbctl: "taken: users are looked up where scripts run, so that a file can be validated on another machine",
    explains: says(/uid\/gid|Unable to set default user/),
  },
  {
    what: "a route without an interface (`blackhole 10.0.0.0/8`, next hops of several)",
    keepalived: "an error unless it has no_track: it cannot be tracked",
    lbctl: "taken: it is put back when it goes, and no instance fails for it",
    explains: says(/cannot track route \S+ with no interface specified/),
  },
  {
    what: "an option of something that is not there, switched off (`vmac_xmit_base off` without `use_vmac`)",
    keepalived: "an error",
    lbctl: "taken: nothing is asked for",
    explains: (found) => valued(found, /^(?:off|false|no)$/) && says(/is only valid with/)(found),
  },
  {
    what: "an interface that this host does not have",
    keepalived: "an error, without `dynamic_interfaces`",
    lbctl: "taken, with a warning (none with `validate --offline`): it may come later",
    explains: says(/interface \S+ .*doesn't exist|Non-existent interface/),
  },
  {
    what: "a script that is not on this host",
    keepalived: "an error, and the script is dropped",
    lbctl: "taken, with a warning (none with `validate --offline`): it may come later",
    explains: says(/not found\/accessible/),
  },
  {
    what: "a mail server whose name cannot be resolved (`smtp_server mail.invalid`)",
    keepalived: "an error",
    lbctl: "taken: the name is looked up when there is mail, and a file can be validated on another machine",
    explains: says(/Invalid smtp server/),
  },
  {
    what: "a line twice: scripts such as `quorum_down`, `file` of a track_file, `digest` of a url and many others",
    keepalived: "an error",
    lbctl: "taken: it says the same",
    explains: says(
      /garp_group already specified for|is a duplicate|already (?:been )?(?:set|specified)|Duplicate \S+ definition|previously set as/,
    ),
  },
  {
    what: "a `digest` of 40 hex digits (SHA-1)",
    keepalived: "an error: it knows MD5 only",
    lbctl: "taken: the body is hashed that way",
    explains: says(/digest '[0-9a-fA-F]{40}' character length should be 32/),
  },
  {
    what: "a comment line that ends with a backslash",
    keepalived: "an error: the backslash is an unknown keyword",
    lbctl: "taken: it belongs to the comment",
    explains: says(/Unknown keyword '\\'/),
  },
  {
    what: "a payload of UDP_CHECK that begins with an octet 00",
    keepalived: "an error, whatever its digits are",
    lbctl: "taken",
    explains: (found) => valued(found, /^"?00 ?[0-9a-f]/i) && says(/Invalid hex string for UDP_CHECK/)(found),
  },
];

/** What keepalived lets pass, mostly by dropping it without a word. */
const refusedHere: readonly Difference[] = [
  {
    what: "a word behind a keyword that takes none or fewer (`lvs_flush 1`)",
    keepalived: "drops it silently",
    lbctl: "refuses the file: something was meant by it",
    explains: (found) =>
      refusesAs("too-many-values")(found) ||
      (refusesAs("invalid-value")(found) &&
        (firstError(found)?.message.includes("true or false") === true || valued(found, /^\S+ \S+$/))),
  },
  {
    what: 'a keyword without its value (`regex` alone, `router_id ""`)',
    keepalived: "takes it for an empty text, or leaves it out",
    lbctl: "refuses the file",
    explains: (found) =>
      refusesAs("missing-value")(found) || (refusesAs("invalid-value")(found) && valued(found, /^""$/)),
  },
  {
    what: "a group of IPv6 addresses with real servers of IPv4, not tunnelled",
    keepalived: "takes it, and the kernel refuses the real servers",
    lbctl: "refuses the file",
    explains: (found) => refusesAs("family-mismatch")(found) && found.case.block === "virtual_server_group",
  },
  {
    what: 'a name with blanks (`vrrp_instance "VI 1"`)',
    keepalived: "takes it",
    lbctl: "refuses the file: names are typed in commands and stand in log lines",
    explains: (found) => firstError(found)?.expected?.startsWith("a name without blanks") === true,
  },
  {
    what: "a number with a plus sign (`weight +3`)",
    keepalived: "takes it",
    lbctl: "refuses the file: a sign is a slip of the pen here",
    explains: (found) => !found.ours.valid && valued(found, /^\+[0-9]+$/),
  },
  {
    what: "a prefix length where an address is meant (`connect_ip 192.0.2.1/24`)",
    keepalived: "drops the length silently",
    lbctl: "refuses the file",
    explains: (found) =>
      !found.ours.valid && firstError(found)?.hint?.startsWith("leave out the prefix length") === true,
  },
  {
    what: "numbers and options of `regex` that are none (`regex_min_offset x`)",
    keepalived: "takes any word",
    lbctl: "refuses the file",
    explains: (found) => !found.ours.valid && found.case.keyword.startsWith("regex_"),
  },
  {
    what: "a netmask with holes (`persistence_granularity 255.0.255.0`)",
    keepalived: "hands it to the kernel",
    lbctl: "refuses the file: clients would be grouped at random",
    explains: (found) => !found.ours.valid && about(found, "persistence_granularity"),
  },
  {
    what: "a persistence engine that the kernel does not have",
    keepalived: "takes it, and the service cannot be made",
    lbctl: "refuses the file",
    explains: (found) => !found.ours.valid && about(found, "persistence_engine"),
  },
  {
    what: "`preempt` with a word behind it (`preempt nonsense`)",
    keepalived: "drops the word silently",
    lbctl: "takes true, false and on_failure, which is its own, and refuses everything else",
    explains: (found) => !found.ours.valid && about(found, "preempt"),
  },
  {
    what: "an instance of a `track_group` that does not exist",
    keepalived: "drops it silently",
    lbctl: "refuses the file",
    explains: (found) => refusesAs("unknown-reference")(found) && found.case.block.includes("group"),
  },
  {
    what: "an interface without times in `interface_up_down_delays`",
    keepalived: "drops it silently",
    lbctl: "refuses the file",
    explains: (found) => !found.ours.valid && about(found, "interface_up_down_delays"),
  },
];

export const differences: readonly Difference[] = [...takenHere, ...refusedHere];

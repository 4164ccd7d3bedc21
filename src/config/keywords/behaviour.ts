import { table } from "./markdown.ts";

/** Where lbctl behaves differently on purpose, with the same file. */
export interface BehaviourDifference {
  readonly what: string;
  readonly keepalived: string;
  readonly lbctl: string;
  readonly gain: string;
  /** The file of the test that shows it, from the root of the project. */
  readonly test: string;
}

export const behaviourDifferences: readonly BehaviourDifference[] = [
  {
    what: "a quorum that is not met at the start",
    keepalived: "`VS ... DOWN` and `quorum_down` only if there is a sorry server",
    lbctl: "always told",
    gain: "who listens to a FIFO or keeps a VIP by quorum scripts knows where things stand from the first line on",
    test: "test/kernel/keepalived-rules.test.ts",
  },
  {
    what: "scripts of one virtual server and its real servers",
    keepalived: "all at once",
    lbctl: "one after the other, in the order of what happened",
    gain: "`quorum_down` never overtakes the `quorum_up` before it",
    test: "test/kernel/keepalived-rules.test.ts",
  },
  {
    what: "a sorry server takes over",
    keepalived: "real servers go, then the sorry server comes",
    lbctl: "the sorry server comes, then real servers go",
    gain: "at no moment is the service without a destination",
    test: "src/director/diff.test.ts",
  },
  {
    what: "a page that drips, an octet now and then",
    keepalived: "is up: each octet starts `connect_timeout` again",
    lbctl: "is down: `connect_timeout` is for the whole exchange",
    gain: "a server that is too slow to use is out, within a bound that can be worked out",
    test: "test/kernel/keepalived-checkers.long.test.ts",
  },
  {
    what: "FILE_CHECK with `weight 0 reverse`, at the start",
    keepalived: "is down until the file changes for the first time, whatever it holds",
    lbctl: "is what the file says",
    gain: "a start takes no server out that works",
    test: "test/kernel/keepalived-checkers.test.ts",
  },
  {
    what: "mail of a real server that a FILE_CHECK takes down",
    keepalived: "none, but of its virtual server",
    lbctl: "as of any other checker",
    gain: "who took a server out by a file, and forgot, is reminded",
    test: "test/kernel/keepalived-checkers.test.ts",
  },
  {
    what: "a `vrrp_script` that is not there, or that may not be run",
    keepalived: "is left out: it tracks nothing",
    lbctl:
      "has failed: without a weight the instance is in FAULT, and `validate` and the log say why (`script-missing`)",
    gain: "a director whose check went missing does not look healthy",
    test: "test/interop/vrrp/mistreated.test.ts",
  },
  {
    what: "a master that was not run for longer than its master-down interval",
    keepalived: "goes on as master",
    lbctl: "resigns, and gives its addresses to whoever took over meanwhile; if nobody did, it stays",
    gain: "`nopreempt` holds, and two masters do not answer until their adverts cross",
    test: "test/interop/vrrp/faults.test.ts",
  },
  {
    what: "the table at the start",
    keepalived: "makes its services; what is there already is an error in the log",
    lbctl: "takes over what is there and writes the difference",
    gain: "connections survive a crash and an upgrade",
    test: "test/kernel/survival.test.ts",
  },
  {
    what: "somebody else changes the table",
    keepalived: "is never noticed",
    lbctl: "is repaired, logged and counted",
    gain: "the table is what the file and the checks say, within ten seconds",
    test: "test/kernel/survival.test.ts",
  },
  {
    what: "a start after a stop with `-V`",
    keepalived: "takes the addresses away and listens for a master-down interval",
    lbctl: "the same, unless it is back before that would be over for the others: then it is master all along",
    gain: "a restart that no backup can have noticed costs clients nothing",
    test: "test/interop/vrrp/restarts.test.ts",
  },
  {
    what: "the nice value of the VRRP process without `vrrp_priority`",
    keepalived: "that of the program",
    lbctl: "-10, where that is permitted",
    gain: "checkers that saturate a processor delay no advert",
    test: "src/supervisor/children/process-settings.test.ts",
  },
  {
    what: "its first process is killed, and systemd starts it again",
    keepalived: "addresses go at once, and are back a master-down interval after the start",
    lbctl: "its VRRP process goes on, for half a minute at most, until the next one takes over",
    gain: "neither peers nor clients notice",
    test: "test/interop/vrrp/restarts.test.ts",
  },
];

/** The rows as a table of docs/keepalived-compatibility.md. */
export function behaviourTable(): string {
  return table(
    ["", "keepalived 2.2.7", "lbctl", "what it is good for"],
    behaviourDifferences.map(({ what, keepalived, lbctl, gain }) => [what, keepalived, lbctl, gain]),
  );
}

/** What is legal and almost surely not meant. Closed set; docs/lints.md has a section for each. */
export const lintCodes = {
  "persistence-with-hash": { severity: "warning", summary: "a scheduler that hashes clients is persistent, too" },
  "hash-without-fallback": { severity: "warning", summary: "sh or mh refuses the clients of a server of weight 0" },
  "port-ignored": { severity: "warning", summary: "the kernel delivers to another port than the one written" },
  "interval-below-timeout": { severity: "warning", summary: "a check starts again before its deadline" },
  "nat-on-vip-network": { severity: "warning", summary: "NAT to a server on the network of the virtual address" },
  "vip-of-no-instance": { severity: "warning", summary: "no vrrp_instance has the address of a virtual server" },
  "sync-daemon-without-instance": { severity: "warning", summary: "the sync daemon follows no vrrp_instance" },
  "sync-without-delay": { severity: "warning", summary: "a router takes over before the sync daemon has told it" },
  "nopreempt-with-master": { severity: "warning", summary: "nopreempt with state MASTER" },
  "preempt-delay-with-master": { severity: "warning", summary: "preempt_delay with state MASTER" },
  "nopreempt-with-weight": { severity: "warning", summary: "nopreempt with tracking that lowers the priority" },
  "weight-without-effect": { severity: "warning", summary: "a weight that can never change the priority" },
  "weight-in-sync-group": { severity: "warning", summary: "a weight in an instance of a sync group" },
  "equal-priorities": { severity: "warning", summary: "an instance without a priority of its own" },
  "duplicate-vrid": { severity: "warning", summary: "two instances of one number on one interface" },
  "interface-missing": { severity: "warning", summary: "an interface that this host does not have" },
  "unicast-source-missing": { severity: "warning", summary: "unicast_src_ip is on no interface of this host" },
  "unicast-source-is-peer": { severity: "warning", summary: "a router is a peer of itself" },
  "strict-contradiction": { severity: "warning", summary: "strict mode with what it does not allow" },
  "strict-unreachable": { severity: "warning", summary: "strict mode keeps clients from the virtual addresses" },
  "vip-without-prefix": { severity: "warning", summary: "a virtual address without the length of its prefix" },
  "auth-pass-too-long": { severity: "warning", summary: "a password of more than eight octets" },
  "password-readable": { severity: "warning", summary: "everybody can read a file with a password" },
  "key-file-unusable": { severity: "warning", summary: "no key is in the file that should hold one" },
  "shell-syntax": { severity: "warning", summary: "shell syntax in a command line that no shell will see" },
  "script-missing": { severity: "warning", summary: "a script that is not there" },
  "script-not-executable": { severity: "warning", summary: "a script that cannot be run" },
  "script-writable": { severity: "warning", summary: "a script that others than its user could replace" },
  "include-matched-nothing": {
    severity: "warning",
    summary: "keepalived.conf: an include with a wildcard finds no file",
  },
  "undefined-parameter": {
    severity: "warning",
    summary: "keepalived.conf: a $NAME that nothing defines is left in a value",
  },
  "invalid-ignore": { severity: "warning", summary: "a comment that should silence a warning does not" },
} as const satisfies Record<string, { readonly severity: "warning"; readonly summary: string }>;

export type LintCode = keyof typeof lintCodes;

/** Where a lint is explained; null for other codes. */
export function lintLink(code: string): string | null {
  return Object.hasOwn(lintCodes, code) ? `docs/lints.md#${code}` : null;
}

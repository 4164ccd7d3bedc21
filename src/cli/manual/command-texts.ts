export interface CommandText {
  /** What the one line of the help leaves out; for the man page. */
  readonly details: readonly string[];
  readonly examples: readonly { readonly line: string; readonly what: string }[];
}

/** By command. What an option does stands with the option. */
export const commandTexts: Readonly<Record<string, CommandText>> = {
  run: {
    details: [
      "Probes the real servers of the configuration, keeps the kernel's IPVS table equal to what the configuration and the probes say, and owns the virtual addresses of its VRRP instances. Services that somebody else created in the table are never touched.",
      "It stays in the foreground and tells a service manager when it is ready (sd_notify). SIGHUP reloads, SIGTERM and SIGINT stop in order, SIGUSR1 and SIGUSR2 write dumps. VRRP, checks, BFD and scripts have processes of their own, which are started again when they end.",
      "Every flag of keepalived is taken, so that its unit file needs one other word.",
    ],
    examples: [
      { line: "lbctl run", what: "with /etc/lbctl/lbctl.yaml, or else /etc/keepalived/keepalived.conf" },
      { line: "lbctl run -f /etc/keepalived/keepalived.conf -l -D", what: "a keepalived.conf; log to the terminal" },
      {
        line: "lbctl run -f lbctl.yaml --dataplane userspace --run-dir /tmp/lbctl",
        what: "without IPVS and without root",
      },
    ],
  },
  status: {
    details: [
      "Shows what the running director knows: each VRRP instance with its state, priority and master and why it is so; each virtual server with its quorum; each real server with its state, weight, connections, and the last result of its checks; overrides that operators set; and what was repaired in the table.",
      "The document that --json prints is a contract: within a version, keys are only added.",
    ],
    examples: [
      { line: "lbctl status", what: "everything, once" },
      { line: "lbctl status --watch 2", what: "again every two seconds" },
      { line: "lbctl status --json | jq '.vrrp_instances[] | {name, state, reason}'", what: "for programs" },
      { line: "lbctl status --names real-servers", what: "one name a line, for scripts" },
    ],
  },
  plan: {
    details: [
      "Validates the file, compares it with what runs, and prints each operation that a reload would carry out. Nothing is changed.",
    ],
    examples: [
      { line: "lbctl plan", what: "what a reload would do now" },
      { line: "lbctl plan -f /tmp/new.yaml --json", what: "with another file, for programs" },
    ],
  },
  reload: {
    details: [
      "Validates the file that the director was started with and applies what changed. Health, weights and the state of VRRP survive for all that did not change. A file with an error is refused with its place, and the old configuration keeps running; the exit status says so.",
    ],
    examples: [
      { line: "lbctl validate && lbctl reload", what: "look first" },
      {
        line: "lbctl reload --upgrade",
        what: "what a service manager calls: an upgrade in place if the program is another one",
      },
    ],
  },
  upgrade: {
    details: [
      "Starts the lbctl that is on the disk now beside the one that runs, with the same arguments, lets it read the configuration and get ready, and hands BFD, the table and VRRP over to it one after the other. No connection ends, no virtual address moves, and other routers see no gap in the adverts. Health, weights, overrides, counters, events and the moments since when things are as they are go along. If the configuration file says something else than before, it is reloaded at the end.",
      "Should the new program refuse the configuration, end, or take longer than a minute to get ready, the old one goes on as if nothing had happened, and the command says why.",
      "A director that is process 1 of a container, or the one process that an init of a container waits for, cannot be upgraded in place; nor one with the user-space data plane.",
    ],
    examples: [
      { line: "lbctl upgrade", what: "after a new version was installed, or to restart in place" },
      { line: "lbctl upgrade --if-changed --json", what: "for programs: only if there is another version" },
    ],
  },
  drain: {
    details: [
      "The real server keeps its connections and gets no new ones: its weight becomes 0 wherever it is configured, or in one virtual server. It stays so over reloads, restarts and upgrades until it is undrained or the time given with --for is over. lbctl status shows who drained it and when.",
    ],
    examples: [
      { line: "lbctl drain 10.0.0.11:80", what: "in every virtual server that has it" },
      {
        line: "lbctl drain 10.0.0.11 --for 30m --wait",
        what: "all its ports, half an hour; wait until nobody is connected",
      },
    ],
  },
  undrain: { details: [], examples: [{ line: "lbctl undrain 10.0.0.11:80", what: "back to its configured weight" }] },
  disable: {
    details: [
      "Takes the real server out of the table: its connections end. It stays so over reloads and restarts until it is enabled. To let connections finish first, drain it.",
    ],
    examples: [{ line: "lbctl disable 10.0.0.11:80 --for 2h", what: "for two hours" }],
  },
  enable: { details: [], examples: [{ line: "lbctl enable 10.0.0.11:80", what: "back, if its checks pass" }] },
  weight: {
    details: ["Replaces the configured weight until it is taken back. Checks that set weights still do so."],
    examples: [
      { line: "lbctl weight 10.0.0.11:80 5 --for 1h", what: "for an hour" },
      { line: "lbctl weight 10.0.0.11:80 configured", what: "as in the configuration again" },
    ],
  },
  check: {
    details: ["Does not wait for the result; lbctl status or lbctl events shows it."],
    examples: [{ line: "lbctl check 10.0.0.11:80", what: "now, instead of after delay_loop" }],
  },
  events: {
    details: [
      "Each event has a number that only grows. The director keeps a bounded number of them; when some that were asked for are gone, that is said.",
    ],
    examples: [
      { line: "lbctl events --follow", what: "the last ones, and those to come" },
      { line: "lbctl events --json --since 4711", what: "a JSON object a line, from one on" },
    ],
  },
  "log-level": { details: [], examples: [{ line: "lbctl log-level debug", what: "until the next start" }] },
  failover: {
    details: [
      "The instance resigns with priority 0 and goes on answering for its addresses until another router is master, so that no packet is lost. The command waits for that, at most two advertisement intervals and a second, and says which router took over. It is refused where the instance is not master. Where nobody takes over it stays master (in a sync group it is backup for a moment), and the status is 1.",
    ],
    examples: [
      { line: "lbctl failover VI_1", what: "before maintenance of this node" },
      { line: "lbctl failover VI_1 && systemctl stop lbctl", what: "only if another one took over" },
    ],
  },
  validate: {
    details: [
      "Reports every error and every warning with file, line, column, an excerpt and a hint. Warnings also explain what is legal and surely not meant, such as weights that can never fail over.",
    ],
    examples: [
      { line: "lbctl validate", what: "the file that lbctl run would read" },
      { line: "lbctl validate -f keepalived.conf --strict", what: "warnings count as errors" },
      { line: "lbctl validate -f lbctl.yaml --json", what: "for editors and CI" },
    ],
  },
  doctor: {
    details: [
      "Looks at this machine and its network with the eyes of a configuration: kernel, sysctls, capabilities, interfaces, packet filter, who holds the virtual addresses, other virtual routers, peers and real servers, other programs that write the same table. Says what is wrong, why it matters, and the command that mends it; changes nothing.",
      "What it cannot find out is unknown, with the reason; as root it sees most. docs/doctor.md has every check.",
    ],
    examples: [
      { line: "lbctl doctor -f /etc/lbctl/lbctl.yaml", what: "everything; listens for adverts for a few seconds" },
      { line: "lbctl doctor --only firewall,wire", what: "why both routers are master" },
      { line: "lbctl doctor --skip-wire --json", what: "for programs, without a packet sent" },
    ],
  },
  convert: {
    details: ["Includes, parameters and sequences are resolved; comments stay where they belong."],
    examples: [
      { line: "lbctl convert /etc/keepalived/keepalived.conf", what: "show it" },
      { line: "lbctl convert /etc/keepalived/keepalived.conf -o /etc/lbctl/lbctl.yaml", what: "write it" },
    ],
  },
  genhash: {
    details: ["Takes every flag of keepalived's genhash."],
    examples: [
      { line: "lbctl genhash -s 10.0.0.11 -p 80 -u /health", what: "of a page" },
      { line: "lbctl genhash -S -s 10.0.0.11 -p 443 -u / -V www.example.org", what: "over TLS, of a virtual host" },
    ],
  },
  probe: {
    details: [
      "Runs with the engine that the director uses, and shows each step with its time: connecting, the handshake of TLS, what was sent, what came, and the verdict. Exit status 1 if the check fails.",
    ],
    examples: [
      { line: "lbctl probe --real-server 10.0.0.11:80", what: "the checks that the director has for it" },
      { line: "lbctl probe HTTP_GET http://10.0.0.11/health --status 200", what: "one that is configured nowhere" },
      { line: "lbctl probe SSL_GET https://10.0.0.11/ --virtualhost www.example.org --sni", what: "over TLS" },
    ],
  },
  schema: {
    details: [],
    examples: [
      { line: "lbctl schema > lbctl.schema.json", what: "for editors" },
      { line: "lbctl schema --keywords --json", what: "every keyword of keepalived, and how far it is supported" },
      { line: "lbctl schema --api", what: "the control socket, as OpenAPI" },
    ],
  },
  completion: {
    details: [
      "Completes commands, options, files, and the names of instances, virtual and real servers of the running director. The packages install it where the shells look for it.",
    ],
    examples: [
      { line: "source <(lbctl completion bash)", what: "in this bash" },
      { line: 'lbctl completion zsh > "$' + '{fpath[1]}/_lbctl"', what: "zsh, for good" },
      { line: "lbctl completion fish > ~/.config/fish/completions/lbctl.fish", what: "fish, for good" },
    ],
  },
  demo: {
    details: [
      "Starts three web servers and a director on the user-space data plane, sends requests, takes a server down, and reloads. Everything is on loopback, and ends with it.",
    ],
    examples: [
      { line: "lbctl demo --once", what: "without a terminal; the exit status says whether all went as claimed" },
    ],
  },
};

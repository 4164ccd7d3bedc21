import { createHash } from "node:crypto";
import { back } from "../topology.ts";
import { type Fault, faults, pinged, ports } from "./faulty-services.ts";

export const checkerStages: readonly ("start" | Fault)[] = ["start", ...(Object.keys(faults) as Fault[])];

/** A virtual server with one real server on r1, weight 5, and these checkers. */
export interface CheckerRule {
  readonly name: string;
  /** Port of the real server; 80 if left out. */
  readonly port?: number;
  readonly settings?: readonly string[];
  /** Somebody gets mail when the real server or the virtual server goes down or comes up. */
  readonly alerts?: true;
  /** Blocks of checkers; `timing` stands in each. */
  readonly checkers: readonly string[];
  /** What a client does with the virtual server: succeeds if there is a real server, and fails otherwise. */
  readonly client?: (port: number) => string;
  /** Weight of r1 in the table in each stage, null when it is not in it. */
  readonly weights: readonly (number | null)[];
  /** Where lbctl's are others, on purpose: a row of `behaviourDifferences`. */
  readonly lbctlWeights?: readonly (number | null)[];
  /** By number of the stage: what keepalived shows, where that does not follow from weights; the same. */
  readonly keepalivedShows?: Readonly<Record<number, string>>;
  /** keepalived sends mail of the virtual server alone; the same. */
  readonly keepalivedMailsQuorumOnly?: true;
}

const timing = "connect_timeout 3; retry 1; delay_before_retry 0.2; warmup 0".replaceAll("; ", "\n");
/** MISC_CHECK has no connect_timeout. */
const scriptTiming = "retry 1\ndelay_before_retry 0.2\nwarmup 0\nmisc_timeout 20";
const script = (name: string, ...more: readonly string[]) =>
  ["MISC_CHECK {", `misc_path "/run/services/check ${name}"`, "user root", ...more, scriptTiming, "}"].join("\n");
const check = (type: string, ...lines: readonly string[]) => [`${type} {`, ...lines, timing, "}"].join("\n");
const tracked = (file: string, ...lines: readonly string[]) =>
  ["FILE_CHECK {", `track_file ${file}`, ...lines, "}"].join("\n");
const page = (path: string, ...lines: readonly string[]) => ["url {", `path ${path}`, ...lines, "}"].join("\n");
const digest = createHash("md5").update("ready\n").digest("hex");

const everyTime = [5, null, 5, null, 5];
const firstTime = [5, null, 5, 5, 5];
const secondTime = [5, 5, 5, null, 5];

export const checkerRules: readonly CheckerRule[] = [
  {
    name: "TCP_CHECK: ended is down",
    port: ports.plain,
    checkers: [check("TCP_CHECK")],
    weights: firstTime,
  },
  { name: "TCP_CHECK: accepting is enough", checkers: [check("TCP_CHECK")], weights: [5, 5, 5, 5, 5] },
  {
    name: "TCP_CHECK with connect_port",
    checkers: [check("TCP_CHECK", `connect_port ${ports.plain}`)],
    weights: firstTime,
  },
  {
    name: "HTTP_GET status_code",
    alerts: true,
    client: (port) => `curl -sf -m 30 http://192.0.2.200:${port}/index.html`,
    checkers: [check("HTTP_GET", page("/status", "status_code 200"))],
    weights: everyTime,
  },
  {
    name: "HTTP_GET digest",
    checkers: [check("HTTP_GET", page("/digest", `digest ${digest}`))],
    weights: everyTime,
  },
  {
    name: "HTTP_GET regex",
    checkers: [check("HTTP_GET", page("/regex", 'regex "^READY$"', "regex_options caseless multiline"))],
    weights: everyTime,
  },
  {
    name: "HTTP_GET of two pages",
    checkers: [
      check("HTTP_GET", page("/index.html", "status_code 200"), page("/digest", "status_code 200", `digest ${digest}`)),
    ],
    weights: everyTime,
  },
  {
    name: "HTTP_GET of a page that is not there is down for good",
    checkers: [check("HTTP_GET", page("/nonesuch", "status_code 200"))],
    weights: [null, null, null, null, null],
  },
  {
    name: "HTTP_GET with the virtualhost of the virtual server",
    settings: ["virtualhost www.example.org"],
    checkers: [check("HTTP_GET", page("/host", "status_code 204"))],
    weights: secondTime,
  },
  {
    name: "HTTP_GET with the virtualhost of the url",
    settings: ["virtualhost other.example.org"],
    checkers: [check("HTTP_GET", page("/host", "virtualhost www.example.org", "status_code 204"))],
    weights: secondTime,
  },
  {
    name: "HTTP_GET of a page that drips",
    port: ports.slow,
    checkers: [check("HTTP_GET", page("/", "status_code 200"))],
    weights: [5, 5, 5, 5, 5],
    lbctlWeights: secondTime,
  },
  {
    name: "SSL_GET",
    client: (port) => `curl -skf -m 30 https://192.0.2.200:${port}/index.html`,
    port: 443,
    checkers: [check("SSL_GET", page("/status", "status_code 200"))],
    weights: everyTime,
  },
  {
    name: "SMTP_CHECK",
    client: (port) => `printf 'QUIT\\r\\n' | busybox nc -w 30 192.0.2.200 ${port} | grep "^220"`,
    port: ports.mail,
    checkers: [check("SMTP_CHECK", "helo_name lb.example.org")],
    weights: everyTime,
  },
  {
    name: "DNS_CHECK",
    port: ports.names,
    checkers: [check("DNS_CHECK", "type A", "name www.example.org")],
    weights: everyTime,
  },
  {
    name: "UDP_CHECK that wants an answer",
    port: ports.echo,
    checkers: [check("UDP_CHECK", "payload 01020304", "require_reply 72313a2001020304")],
    weights: everyTime,
  },
  {
    name: "UDP_CHECK that wants no complaint",
    port: ports.echo,
    checkers: [check("UDP_CHECK", "payload 01020304")],
    weights: secondTime,
  },
  {
    name: "PING_CHECK",
    checkers: [check("PING_CHECK", `connect_ip ${pinged}`)],
    weights: firstTime,
  },
  { name: "MISC_CHECK", checkers: [script("fixed")], weights: everyTime },
  {
    name: "MISC_CHECK with misc_dynamic",
    checkers: [script("dynamic", "misc_dynamic")],
    weights: [10, 20, 2, null, 5],
  },
  {
    name: "MISC_CHECK with misc_dynamic, inhibited",
    settings: ["inhibit_on_failure"],
    checkers: [script("dynamic", "misc_dynamic")],
    weights: [10, 20, 2, 0, 5],
  },
  {
    name: "two of them: the weight is the sum of their differences",
    checkers: [script("dynamic", "misc_dynamic"), script("other", "misc_dynamic")],
    weights: [10, 20, 2, null, 5],
  },
  {
    name: "FILE_CHECK: anything but 0 is down",
    alerts: true,
    keepalivedMailsQuorumOnly: true,
    checkers: [tracked("broken", "weight 0")],
    weights: everyTime,
  },
  {
    name: "FILE_CHECK, reverse: 0 is down",
    checkers: [tracked("working", "weight 0 reverse")],
    weights: everyTime,
    // Down until the file changes for the first time.
    keepalivedShows: { 0: " | ", 1: " | " },
  },
  {
    name: "FILE_CHECK: the number adds to the weight",
    checkers: [tracked("spare", "weight 2")],
    weights: [9, 11, 5, 25, 5],
  },
  {
    name: "all checkers have to pass",
    checkers: [script("fixed"), check("TCP_CHECK", `connect_port ${ports.plain}`), check("HTTP_GET", page("/status"))],
    weights: everyTime,
  },
];

const portOf = (number: number) => 8400 + number;

/** The service and the name of the rule with this number, as `Observed` wants them. */
export const checkerServers = checkerRules.map((_, number) => ({
  services: [`-t 192.0.2.200:${portOf(number)}`],
  name: `[192.0.2.200]:tcp:${portOf(number)}`,
}));

const shared = ["lb_algo rr", "lb_kind NAT", "protocol TCP"];

const trackFiles = ["broken", "working", "spare"]
  .map((name) => `track_file ${name} {\n  file /run/services/${name}\n}\n`)
  .join("");

/** All of them as virtual servers of a keepalived.conf. */
export function checkerConfiguration(): string {
  const servers = checkerRules
    .map(({ port = 80, settings = [], checkers, alerts }, number) =>
      [
        `virtual_server 192.0.2.200 ${portOf(number)} {`,
        ...["delay_loop 2", ...shared, ...settings, ...(alerts ? ["smtp_alert"] : [])],
        `real_server ${back("r1").v4} ${port} {`,
        ...["weight 5", ...(alerts ? ["smtp_alert"] : [])],
        ...checkers,
        "}\n}\n",
      ].join("\n"),
    )
    .join("");
  return trackFiles + servers;
}

/** Whether clients on the network of the director should be served in this stage, by the name of the rule; and what they run. */
export function clientsAt(stage: number): readonly { name: string; served: boolean; command: string }[] {
  return checkerRules.flatMap(({ name, client, weights }, number) =>
    client === undefined ? [] : [{ name, served: weights[stage] != null, command: client(portOf(number)) }],
  );
}

/**
 * As `Observed` sees it: what is told follows from the weights, as each virtual server has one real server. `before` is null for a
 * director that starts.
 */
export function expectedOf(
  weights: readonly (number | null)[],
  inhibited: boolean,
  { before: stageBefore, now: stage }: { readonly before: number | null; readonly now: number },
): string {
  const shown = (weight: number | null | undefined) => (weight == null ? "" : `r1=${weight}`);
  const isUp = (weight: number | null | undefined) => isUpWith(weight, inhibited);
  const [before, now] = [stageBefore === null ? 5 : weights[stageBefore], weights[stage]];
  // rs_init_notifies: what counts as up at the start is told.
  const first = stageBefore === null ? ["r1+", "vs+"] : [];
  if (isUp(before) === isUp(now)) return `${shown(now)} | ${first.join(" ")}`;
  return `${shown(now)} | ${[...first, ...(isUp(now) ? ["r1+", "vs+"] : ["r1-", "vs-"])].join(" ")}`;
}

export function isUpWith(weight: number | null | undefined, inhibited: boolean): boolean {
  return weight != null && !(inhibited && weight === 0);
}

/** Subjects of the mails of a change of the rule with this number: of its real server, of its virtual server. */
export function mailsOf(number: number, isUp: boolean): [string, string] {
  const virtual = `[192.0.2.200]:tcp:${portOf(number)}`;
  const state = isUp ? "UP" : "DOWN";
  const real = `[${back("r1").v4}]:tcp:${checkerRules[number]?.port ?? 80}`;
  return [`Realserver ${real} of virtual server ${virtual} - ${state}`, `Virtualserver ${virtual} - ${state}`];
}

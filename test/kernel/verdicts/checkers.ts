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
  /** Blocks of checkers; `timing` stands in each. */
  readonly checkers: readonly string[];
  /** What a client does with the virtual server: succeeds if there is a real server, and fails otherwise. */
  readonly client?: (port: number) => string;
  /** Weight of r1 in the table in each stage, null when it is not in it. */
  readonly weights: readonly (number | null)[];
  /** Where lbctl's are others, on purpose: a row of `behaviourDifferences`. */
  readonly lbctlWeights?: readonly (number | null)[];
}

const timing = "connect_timeout 3; retry 1; delay_before_retry 0.2; warmup 0".replaceAll("; ", "\n");
/** MISC_CHECK has no connect_timeout. */
const scriptTiming = "retry 1\ndelay_before_retry 0.2\nwarmup 0\nmisc_timeout 20";
const script = (name: string, ...more: readonly string[]) =>
  ["MISC_CHECK {", `misc_path "/run/services/check ${name}"`, "user root", ...more, scriptTiming, "}"].join("\n");
const check = (type: string, ...lines: readonly string[]) => [`${type} {`, ...lines, timing, "}"].join("\n");
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

/** All of them as virtual servers of a keepalived.conf. */
export function checkerConfiguration(): string {
  return checkerRules
    .map(({ port = 80, settings = [], checkers }, number) =>
      [
        `virtual_server 192.0.2.200 ${portOf(number)} {`,
        ...["delay_loop 2", ...shared, ...settings],
        `real_server ${back("r1").v4} ${port} {`,
        "weight 5",
        ...checkers,
        "}\n}\n",
      ].join("\n"),
    )
    .join("");
}

/** Whether clients on the network of the director should be served in this stage, by the name of the rule; and what they run. */
export function clientsAt(stage: number): readonly { name: string; served: boolean; command: string }[] {
  return checkerRules.flatMap(({ name, client, weights }, number) =>
    client === undefined ? [] : [{ name, served: weights[stage] != null, command: client(portOf(number)) }],
  );
}

/** As `Observed` sees it: what is told follows from the weights, as each virtual server has one real server. */
export function expectedOf(weights: readonly (number | null)[], inhibited: boolean, stage: number): string {
  const shown = (weight: number | null | undefined) => (weight == null ? "" : `r1=${weight}`);
  const isUp = (weight: number | null | undefined) => weight != null && !(inhibited && weight === 0);
  const [before, now] = [stage === 0 ? 5 : weights[stage - 1], weights[stage]];
  // rs_init_notifies: what counts as up at the start is told.
  const first = stage === 0 ? ["r1+", "vs+"] : [];
  if (isUp(before) === isUp(now)) return `${shown(now)} | ${first.join(" ")}`;
  return `${shown(now)} | ${[...first, ...(isUp(now) ? ["r1+", "vs+"] : ["r1-", "vs-"])].join(" ")}`;
}

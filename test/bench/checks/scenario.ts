/** What real servers are asked, all the same. */
export type ProbeKind = "TCP" | "HTTP status" | "HTTP digest" | "SSL";

export interface Scenario {
  readonly name: string;
  readonly kind: ProbeKind;
  readonly realServers: number;
  readonly delayLoopS: number;
  /** At most so many times keepalived's CPU. */
  readonly wanted: number;
}

export const scenarios: readonly Scenario[] = [
  { name: "TCP, 1000/s", kind: "TCP", realServers: 1000, delayLoopS: 1, wanted: 0.6 },
  { name: "TCP, 10,000 every 5 s", kind: "TCP", realServers: 10_000, delayLoopS: 5, wanted: 0.6 },
  { name: "TCP, 100 every 6 s", kind: "TCP", realServers: 100, delayLoopS: 6, wanted: 1 },
  { name: "HTTP status, 1000/s", kind: "HTTP status", realServers: 1000, delayLoopS: 1, wanted: 0.7 },
  { name: "HTTP digest, 1000/s", kind: "HTTP digest", realServers: 1000, delayLoopS: 1, wanted: 0.7 },
  { name: "SSL, 100/s", kind: "SSL", realServers: 100, delayLoopS: 1, wanted: 1 },
];

export const ports = { tcp: 9000, http: 9001, ssl: 9002 } as const;

/** MD5 of the page of native/real-servers.c. */
export const pageDigest = "56907396339ca2b099bd12245f936ddc";

export interface ConfigOptions {
  readonly connectTimeoutS?: number;
  readonly retry?: number;
}

/** One virtual server, in keepalived's language, which both read. */
export function configText(scenario: Scenario, { connectTimeoutS = 3, retry = 1 }: ConfigOptions = {}): string {
  const { kind, realServers, delayLoopS } = scenario;
  const port = kind === "TCP" ? ports.tcp : kind === "SSL" ? ports.ssl : ports.http;
  const common = `connect_timeout ${connectTimeoutS}\n retry ${retry}\n delay_before_retry 1`;
  const check =
    kind === "TCP"
      ? `TCP_CHECK {\n ${common}\n }`
      : `${kind === "SSL" ? "SSL_GET" : "HTTP_GET"} {\n url {\n path /\n ${
          kind === "HTTP digest" ? `digest ${pageDigest}` : "status_code 200"
        }\n }\n ${common}\n }`;
  const servers = Array.from(
    { length: realServers },
    (_, index) => `real_server ${addressOf(index)} ${port} {\n weight 1\n ${check}\n }\n`,
  );
  return `global_defs {
 router_id bench
}
virtual_server 10.0.0.1 80 {
 delay_loop ${delayLoopS}
 lb_algo rr
 lb_kind NAT
 protocol TCP
${servers.join("")}}
`;
}

export function addressOf(index: number): string {
  return `10.100.${Math.floor(index / 250)}.${1 + (index % 250)}`;
}

import { type AddressPair, back, front, type RealServerName, vips } from "./topology.ts";

/** Checks as often as a guest allows, which may take its time to answer: a dead server, which refuses, is out within `removalBoundMs`. */
export const checkTiming = {
  delay_loop: 0.5,
  retry: 1,
  delay_before_retry: 0.2,
  connect_timeout: 5,
  warmup: 0,
} as const;

/** delay_loop + (retry + 1) x connect_timeout + retry x delay_before_retry, as checkers/README.md publishes it. */
export const removalBoundMs = 500 + 2 * 5000 + 200;

type Method = "NAT" | "DR" | "TUN";
type Family = keyof AddressPair;

export interface VirtualServerConfig {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly protocol: "TCP" | "UDP";
  readonly lvs_sched: string;
  readonly lvs_method: Method;
  readonly delay_loop: number;
  readonly real_server: readonly RealServerConfig[];
  readonly [keyword: string]: unknown;
}

export interface RealServerConfig {
  readonly address: string;
  readonly port: number;
  readonly weight?: number;
  readonly [keyword: string]: unknown;
}

const vipOf = { NAT: vips.nat, DR: vips.dr, TUN: vips.tun } as const;

/** A virtual server on the VIP of its method, in front of the web (port 80) or echo (UDP port 7) servers. */
export function virtualServer(
  method: Method,
  family: Family,
  options: {
    readonly protocol?: "TCP" | "UDP";
    readonly servers?: readonly RealServerName[];
    readonly lvs_sched?: string;
    /** The page that HTTP_GET asks for. */
    readonly path?: string;
    readonly [keyword: string]: unknown;
  } = {},
): VirtualServerConfig {
  const { protocol = "TCP", servers = ["r1", "r2", "r3"], path = "/index.html", ...keywords } = options;
  const port = protocol === "TCP" ? 80 : 7;
  return {
    name: `${protocol}-${method}-${family}`.toLowerCase(),
    address: vipOf[method][family],
    port,
    protocol,
    lvs_sched: "rr",
    lvs_method: method,
    delay_loop: checkTiming.delay_loop,
    real_server: servers.map((name) => realServer(method, family, name, port, path)),
    ...keywords,
  };
}

/** The web server is asked over HTTP; the echo server through the web server beside it, as nothing answers UDP checks yet. */
function realServer(
  method: Method,
  family: Family,
  name: RealServerName,
  port: number,
  path: string,
): RealServerConfig {
  const address = (method === "NAT" ? back : front)(name)[family];
  const { delay_loop: _, ...timing } = checkTiming;
  const check =
    port === 80
      ? { HTTP_GET: { url: [{ path, status_code: 200 }], ...timing } }
      : { TCP_CHECK: { connect_port: 80, ...timing } };
  return { address, port, weight: 1, ...check };
}

/** The address and port as ipvsadm prints them. */
export function endpoint(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

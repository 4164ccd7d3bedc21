import fc from "fast-check";
import { schedulers } from "../keywords/lvs.ts";

/** Settings as somebody would write them in YAML. */
export type Settings = { [keyword: string]: unknown };

const seconds = fc.oneof(fc.integer({ min: 1, max: 3600 }), fc.constantFrom("500ms", "2.5", "1m", "30s", 0.25));
const flag = fc.constantFrom(true, false, null, "on", "off");

const timing = fc.record(
  {
    alpha: flag,
    connect_timeout: fc.integer({ min: 1, max: 60 }),
    retry: fc.nat(10),
    delay_before_retry: seconds,
    warmup: fc.oneof(fc.constant(0), seconds),
    delay_loop: seconds,
  },
  { requiredKeys: [] },
);

const tcpCheck = fc
  .record(
    { connect_port: fc.integer({ min: 1, max: 65535 }), bind_if: fc.constantFrom("eth0", "lo"), fwmark: fc.nat(1000) },
    { requiredKeys: [] },
  )
  .chain((own) => timing.map((inherited) => ({ ...own, ...inherited })));

const url = fc.record(
  {
    path: fc.constantFrom("/", "/health", "/a?b=c&d=%20"),
    status_code: fc.constantFrom<unknown>(200, "200-299", "200 300-302", [200, "404-410"]),
    digest: fc.constantFrom("9b3a0c85a887a256d6939da88aabd8cd", "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709"),
    virtualhost: fc.constantFrom("www.example.com", "example.com:8080"),
  },
  { requiredKeys: ["path"] },
);

const httpGet = fc
  .record({ url: fc.array(url, { minLength: 1, maxLength: 3 }), http_protocol: fc.constantFrom("1.0", "1.0C", "1.1") })
  .chain((own) => timing.map((inherited) => ({ ...own, ...inherited })));

const addressOf = (inet6: boolean, network: number, host: number) =>
  inet6
    ? `2001:db8:${network.toString(16)}::${(host + 1).toString(16)}`
    : `10.${network}.${host >> 8}.${host & 255 || 1}`;

function realServer(inet6: boolean, index: number): fc.Arbitrary<Settings> {
  return fc
    .record(
      {
        weight: fc.nat(100),
        uthreshold: fc.integer({ min: 100, max: 1000 }),
        lthreshold: fc.nat(100),
        inhibit_on_failure: flag,
        TCP_CHECK: fc.oneof(tcpCheck, fc.array(tcpCheck, { minLength: 1, maxLength: 2 }), fc.constant(null)),
        HTTP_GET: fc.oneof(httpGet, fc.array(httpGet, { minLength: 1, maxLength: 2 })),
      },
      { requiredKeys: [] },
    )
    .map((settings) => ({ address: addressOf(inet6, 7, index + 1), port: 8000 + index, ...settings }));
}

function virtualServer(index: number): fc.Arbitrary<Settings> {
  const shared = fc.record(
    {
      lvs_sched: fc.constantFrom(...schedulers),
      persistence_timeout: fc.constantFrom(null, 50, "1m"),
      quorum: fc.integer({ min: 1, max: 3 }),
      hysteresis: fc.nat(2),
      virtualhost: fc.constantFrom("vs.example.com"),
      "flag-3": flag,
    },
    { requiredKeys: [] },
  );
  const servers = (inet6: boolean) =>
    fc.nat(4).chain((count) => fc.tuple(...Array.from({ length: count }, (_, at) => realServer(inet6, at))));
  return fc.boolean().chain((inet6) =>
    fc
      .record({
        shared,
        timing,
        servers: servers(inet6),
        named: fc.boolean(),
        protocol: fc.constantFrom("TCP", "UDP", "SCTP"),
      })
      .map((drawn) => ({
        ...(drawn.named ? { name: `service-${index}` } : {}),
        address: addressOf(inet6, 1, index + 1),
        port: 80,
        protocol: drawn.protocol,
        ...drawn.shared,
        ...drawn.timing,
        ...(drawn.servers.length === 0 ? {} : { real_server: drawn.servers }),
      })),
  );
}

/** Valid configurations; warnings are possible. */
export const settings: fc.Arbitrary<Settings & { virtual_server: Settings[] }> = fc
  .nat(4)
  .chain((count) => fc.tuple(...Array.from({ length: count + 1 }, (_, index) => virtualServer(index))))
  .map((servers) => ({ global_defs: { router_id: "lb1" }, virtual_server: servers }));

import assert from "node:assert/strict";
import { IpvsClient, type TableOperation } from "ipvs-netlink";
import { assertAllOk } from "../../contract/contract-case.ts";
import {
  addressKey,
  destination,
  newDestination,
  newService,
  type PlainEntry,
  plain,
  service,
  sorted,
} from "../../contract/contract-objects.ts";
import { command, ipvsadm, type KernelCase } from "./ipvs-case.ts";

const web = addressKey("TCP", "192.0.2.1", 80);
const web6 = addressKey("TCP", "2001:db8::1", 80);
const dns = addressKey("UDP", "192.0.2.1", 53);
const sip = addressKey("UDP", "192.0.2.1", 5060);
const persistent = (timeoutS: number, prefixLength: number, engine: string | null = null) => ({
  persistence: { timeoutS, prefixLength, engine },
});

/** The same entry as `ipvsadm -Sn` prints it (which `-R` reads) and as we write and read it. */
interface Witness {
  readonly what: string;
  readonly entry: PlainEntry;
  readonly saved: readonly string[];
  /** What -A, -a take beyond what -Sn prints. */
  readonly unsaved?: string;
}

const bare = (what: string, one: PlainEntry["service"], saved: string): Witness => ({
  what,
  entry: { service: one, destinations: [] },
  saved: [saved],
});

const to = (what: string, settings: Parameters<typeof destination>[1], options: string): Witness => ({
  what,
  entry: { service: service(web), destinations: [destination("10.0.0.1", settings)] },
  saved: ["-A -t 192.0.2.1:80 -s rr", `-a -t 192.0.2.1:80 -r 10.0.0.1:${settings?.port ?? 8080} ${options}`],
});

const tunnel = (type: "ipip" | "gue" | "gre", port: number, checksum: "none" | "csum" | "remcsum") => ({
  method: "TUN" as const,
  tunnel: { type, port, checksum },
});

const witnesses: readonly Witness[] = [
  bare("a TCP service", service(web), "-A -t 192.0.2.1:80 -s rr"),
  bare("a UDP service", service(dns, { scheduler: "wlc" }), "-A -u 192.0.2.1:53 -s wlc"),
  bare("an SCTP service", service(addressKey("SCTP", "192.0.2.1", 99)), "-A --sctp-service 192.0.2.1:99 -s rr"),
  bare("an IPv6 service", service(web6), "-A -t [2001:db8::1]:80 -s rr"),
  bare("a firewall mark", service({ kind: "fwmark", family: "inet", fwmark: 7 }), "-A -f 7 -s rr"),
  bare("an IPv6 firewall mark", service({ kind: "fwmark", family: "inet6", fwmark: 7 }), "-A -f 7 -6 -s rr"),
  bare(
    "scheduler flags of sh",
    service(web, { scheduler: "sh", schedulerFlags: ["flag-1", "flag-2"] }),
    "-A -t 192.0.2.1:80 -s sh -b sh-fallback,sh-port",
  ),
  bare(
    "scheduler flags of mh",
    service(web, { scheduler: "mh", schedulerFlags: ["flag-2"] }),
    "-A -t 192.0.2.1:80 -s mh -b mh-port",
  ),
  bare("persistence", service(web, persistent(300, 32)), "-A -t 192.0.2.1:80 -s rr -p 300"),
  bare("a persistence netmask", service(web, persistent(360, 24)), "-A -t 192.0.2.1:80 -s rr -p 360 -M 255.255.255.0"),
  bare("an IPv6 persistence netmask", service(web6, persistent(360, 64)), "-A -t [2001:db8::1]:80 -s rr -p 360 -M 64"),
  bare("a persistence engine", service(sip, persistent(60, 32, "sip")), "-A -u 192.0.2.1:5060 -s rr -p 60 --pe sip"),
  bare("one-packet scheduling", service(dns, { onePacket: true }), "-A -u 192.0.2.1:53 -s rr -o"),
  bare("every port", service(addressKey("TCP", "192.0.2.1", 0), persistent(60, 32)), "-A -t 192.0.2.1:0 -s rr -p 60"),
  to("NAT with another port and a weight", { port: 81, weight: 5 }, "-m -w 5"),
  to("weight 0", { weight: 0 }, "-m -w 0"),
  to("direct routing", { method: "DR", port: 80 }, "-g -w 1"),
  to("an ipip tunnel", { ...tunnel("ipip", 0, "none"), port: 80 }, "-i -w 1 --tun-type ipip"),
  to(
    "a gue tunnel",
    { ...tunnel("gue", 6080, "none"), port: 80 },
    "-i -w 1 --tun-type gue --tun-port 6080 --tun-nocsum",
  ),
  to(
    "a gue tunnel with checksum",
    { ...tunnel("gue", 6080, "csum"), port: 80 },
    "-i -w 1 --tun-type gue --tun-port 6080 --tun-csum",
  ),
  to(
    "a gue tunnel with remote checksum",
    { ...tunnel("gue", 6080, "remcsum"), port: 80 },
    "-i -w 1 --tun-type gue --tun-port 6080 --tun-remcsum",
  ),
  to("a gre tunnel", { ...tunnel("gre", 0, "none"), port: 80 }, "-i -w 1 --tun-type gre --tun-nocsum"),
  to("a gre tunnel with checksum", { ...tunnel("gre", 0, "csum"), port: 80 }, "-i -w 1 --tun-type gre --tun-csum"),
  {
    // -Ln --thresholds shows them, see below.
    ...to("thresholds", { upperThreshold: 100, lowerThreshold: 50 }, "-m -w 1"),
    unsaved: "-x 100 -y 50",
  },
  {
    what: "a destination of the other family",
    entry: {
      service: service(web),
      destinations: [destination("2001:db8::5", { ...tunnel("ipip", 0, "none"), port: 80 })],
    },
    saved: ["-A -t 192.0.2.1:80 -s rr", "-a -t 192.0.2.1:80 -r [2001:db8::5]:80 -i -w 1 --tun-type ipip"],
  },
  {
    what: "IPv6 destinations",
    entry: { service: service(web6), destinations: [destination("2001:db8::5", { weight: 2 })] },
    saved: ["-A -t [2001:db8::1]:80 -s rr", "-a -t [2001:db8::1]:80 -r [2001:db8::5]:8080 -m -w 2"],
  },
];

function operationsFor({ service: one, destinations }: PlainEntry): TableOperation[] {
  return [
    { kind: "new-service", service: one },
    ...destinations.map((each): TableOperation => ({ kind: "new-destination", key: one.key, destination: each })),
  ];
}

async function withEmptyTable(body: (client: IpvsClient) => Promise<void>): Promise<void> {
  const client = await IpvsClient.open();
  try {
    await client.flush();
    await body(client);
  } finally {
    await client.close();
  }
}

async function write(client: IpvsClient, ...operations: TableOperation[]): Promise<void> {
  assertAllOk(operations, await client.apply(operations));
}

function saved(): string[] {
  return ipvsadm("-Sn")
    .trim()
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/** ipvsadm and we must agree, attribute by attribute, in both directions. */
export const witnessCases: readonly KernelCase[] = [
  ...witnesses.map(
    ({ what, entry, saved: expected }): KernelCase => ({
      name: `ipvsadm -Sn shows what we wrote: ${what}`,
      run: () =>
        withEmptyTable(async (client) => {
          await write(client, ...operationsFor(entry));
          assert.deepEqual(saved(), expected);
        }),
    }),
  ),
  ...witnesses.map(
    ({ what, entry, saved: rules, unsaved }): KernelCase => ({
      name: `we read what ipvsadm wrote: ${what}`,
      run: () =>
        withEmptyTable(async (client) => {
          for (const rule of rules)
            ipvsadm(...rule.split(" "), ...(unsaved && rule.startsWith("-a") ? unsaved.split(" ") : []));
          assert.deepEqual(plain(await client.dump()), [entry]);
        }),
    }),
  ),
  {
    name: "ipvsadm -Ln names the forwarding methods that -Sn has no option for",
    run: () =>
      withEmptyTable(async (client) => {
        await write(
          client,
          newService(web),
          newDestination(web, "10.0.0.1"),
          newDestination(web, "10.0.0.2", { method: "DR" }),
          newDestination(web, "10.0.0.3", { method: "TUN" }),
          newDestination(web, "10.0.0.4", { method: "LOCAL" }),
        );
        const methods = [...ipvsadm("-Ln").matchAll(/-> (10\.\S+):8080 +(\w+)/g)].map(([, address, name]) => [
          address,
          name,
        ]);
        assert.deepEqual(methods.toSorted(), [
          ["10.0.0.1", "Masq"],
          ["10.0.0.2", "Route"],
          ["10.0.0.3", "Tunnel"],
          ["10.0.0.4", "Local"],
        ]);
      }),
  },
  {
    name: "ipvsadm -Ln --thresholds agrees",
    run: () =>
      withEmptyTable(async (client) => {
        const limits = { upperThreshold: 12_345, lowerThreshold: 678 };
        await write(client, newService(web), newDestination(web, "10.0.0.1", limits));
        assert.match(ipvsadm("-Ln", "--thresholds"), /-> 10\.0\.0\.1:8080 +12345 +678 /);
      }),
  },
  {
    name: "what we change, ipvsadm shows; what ipvsadm changes, we read",
    run: () =>
      withEmptyTable(async (client) => {
        await write(client, newService(web), newDestination(web, "10.0.0.1"));
        await write(
          client,
          { kind: "set-service", service: service(web, { scheduler: "sh", ...persistent(90, 16) }) },
          { kind: "set-destination", key: web, destination: destination("10.0.0.1", { method: "DR", weight: 4 }) },
        );
        assert.deepEqual(saved(), [
          "-A -t 192.0.2.1:80 -s sh -p 90 -M 255.255.0.0",
          "-a -t 192.0.2.1:80 -r 10.0.0.1:8080 -g -w 4",
        ]);
        ipvsadm(..."-E -t 192.0.2.1:80 -s wrr".split(" "));
        ipvsadm(..."-e -t 192.0.2.1:80 -r 10.0.0.1:8080 -m -w 9 -x 7".split(" "));
        assert.deepEqual(plain(await client.dump()), [
          {
            service: service(web, { scheduler: "wrr" }),
            destinations: [destination("10.0.0.1", { weight: 9, upperThreshold: 7 })],
          },
        ]);
        ipvsadm(..."-d -t 192.0.2.1:80 -r 10.0.0.1:8080".split(" "));
        assert.deepEqual(plain(await client.dump())[0]?.destinations, []);
        await write(client, { kind: "del-service", key: web });
        assert.deepEqual(saved(), []);
      }),
  },
  {
    name: "a table saved by ipvsadm and restored by it reads the same",
    run: () =>
      withEmptyTable(async (client) => {
        // -Sn cannot say some that -A takes, and one key can be in the table once.
        const byKey = new Map(witnesses.map(({ entry }) => [JSON.stringify(entry.service.key), entry]));
        const entries = [...byKey.values()];
        await write(client, ...entries.flatMap(operationsFor));
        const before = plain(await client.dump());
        assert.deepEqual(before, sorted(entries));
        const rules = ipvsadm("-Sn");
        await client.flush();
        command("ipvsadm", ["-R"], rules);
        assert.deepEqual(plain(await client.dump()), before);
      }),
  },
  {
    name: "a netmask whose ones are not contiguous is read, and can be replaced",
    run: () =>
      withEmptyTable(async (client) => {
        ipvsadm(..."-A -t 192.0.2.1:80 -s rr -p 60 -M 255.0.255.0".split(" "));
        const [entry] = await client.dump();
        assert.deepEqual(entry?.service, service(web, persistent(60, -1)));
        await write(client, { kind: "set-service", service: service(web, persistent(60, 24)) });
        assert.deepEqual(saved(), ["-A -t 192.0.2.1:80 -s rr -p 60 -M 255.255.255.0"]);
      }),
  },
  {
    name: "ipvsadm and we agree about timeouts",
    run: () =>
      withEmptyTable(async (client) => {
        const before = await client.timeouts();
        await client.setTimeouts({ tcpS: 801, tcpFinS: 102, udpS: 203 });
        assert.match(ipvsadm("-l", "--timeout"), /: 801 102 203/);
        ipvsadm("--set", "700", "0", "200");
        assert.deepEqual(await client.timeouts(), { tcpS: 700, tcpFinS: 102, udpS: 200 });
        await client.setTimeouts(before);
      }),
  },
  {
    name: "ipvsadm and we agree about sync daemons",
    run: () =>
      withEmptyTable(async (client) => {
        await client.startDaemon({
          role: "master",
          interface: "lo",
          syncId: 12,
          maxLength: 1400,
          multicastGroup: "239.9.9.9",
          multicastPort: 9999,
          multicastTtl: 3,
        });
        const shown = ipvsadm("-l", "--daemon");
        for (const part of [
          /master sync daemon/,
          /mcast=lo/,
          /syncid=12/,
          /maxlen=1400/,
          /239\.9\.9\.9/,
          /9999/,
          /ttl=3/,
        ]) {
          assert.match(shown, part);
        }
        ipvsadm("--stop-daemon", "master");
        ipvsadm("--start-daemon", "backup", "--mcast-interface", "lo", "--syncid", "13", "--mcast-port", "7777");
        const [daemon, ...others] = await client.daemons();
        assert.deepEqual(others, []);
        assert.deepEqual(daemon && { ...daemon, maxLength: 0 }, {
          role: "backup",
          interface: "lo",
          syncId: 13,
          maxLength: 0,
          multicastGroup: "224.0.0.81",
          multicastPort: 7777,
          multicastTtl: 1,
        });
        await client.stopDaemon("backup");
        assert.equal(ipvsadm("-l", "--daemon").trim(), "");
      }),
  },
];

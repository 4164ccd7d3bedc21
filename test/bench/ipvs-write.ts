/**
 * Writes a table through ipvs-netlink and through `ipvsadm -R`, in turn, and reads it back; prints JSON. Each run has a
 * network namespace of its own: a kernel keeps removed destinations for a minute and searches them all at each new one,
 * so that whoever writes after a flush would pay for the table before.
 * Usage (root, IPVS): ipvs-write.ts [--services N] [--destinations N] [--rounds N]
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { IpvsClient, type ServiceKey, type TableOperation } from "ipvs-netlink";

/** Microseconds for each operation. */
interface Cost {
  readonly wallUs: number;
  readonly cpuUs: number;
}

const { values } = parseArgs({
  options: {
    services: { type: "string", default: "10000" },
    destinations: { type: "string", default: "4" },
    rounds: { type: "string", default: "1" },
  },
});
const services = Number(values.services);
const destinations = Number(values.destinations);
const operations = table();
const rulesDir = mkdtempSync(join(tmpdir(), "ipvs-write-"));
const rulesFile = join(rulesDir, "rules");
writeFileSync(rulesFile, operations.map(rule).join(""));

const ours: Cost[] = [];
const theirs: Cost[] = [];
const reads: Cost[] = [];
try {
  for (let round = 0; round < Number(values.rounds); round++) {
    await inNamespace(`${round}a`, async (client) => {
      ours.push(await applyCost(client));
      reads.push(await dumpCost(client));
    });
    await inNamespace(`${round}b`, async (client, netns) => {
      theirs.push(ipvsadmCost(netns));
      await verify(client);
    });
  }
} finally {
  rmSync(rulesDir, { recursive: true });
}
const best = (costs: readonly Cost[]): Cost => costs.reduce((one, other) => (other.wallUs < one.wallUs ? other : one));
const [lbctl, ipvsadm] = [best(ours), best(theirs)];
console.log(
  JSON.stringify({
    services,
    destinations,
    operations: operations.length,
    apply: { "ipvs-netlink": lbctl, "ipvsadm -R": ipvsadm },
    ratio: { wall: lbctl.wallUs / ipvsadm.wallUs, cpu: lbctl.cpuUs / ipvsadm.cpuUs },
    dump: best(reads),
  }),
);

function key(n: number): ServiceKey {
  return { kind: "address", protocol: "TCP", address: `10.9.${n >> 8}.${n & 255}`, port: 80 };
}

function table(): TableOperation[] {
  return Array.from({ length: services }, (_, n): TableOperation[] => [
    {
      kind: "new-service",
      service: { key: key(n), scheduler: "rr", schedulerFlags: [], persistence: null, onePacket: false },
    },
    ...Array.from({ length: destinations }, (_, m): TableOperation => {
      const address = `10.1.${m >> 8}.${m & 255}`;
      const limits = { upperThreshold: 0, lowerThreshold: 0 };
      return {
        kind: "new-destination",
        key: key(n),
        destination: { address, port: 8080, method: "NAT", weight: 1, ...limits, tunnel: null },
      };
    }),
  ]).flat();
}

/** The same operation for ipvsadm -R. */
function rule(operation: TableOperation): string {
  const { key: one } = operation.kind === "new-service" ? operation.service : (operation as { key: ServiceKey });
  const at = one.kind === "address" ? `${one.address}:${one.port}` : "";
  if (operation.kind !== "new-destination") return `-A -t ${at} -s rr\n`;
  const { address, port, weight } = operation.destination;
  return `-a -t ${at} -r ${address}:${port} -m -w ${weight}\n`;
}

async function inNamespace(name: string, body: (client: IpvsClient, netns: string) => Promise<void>): Promise<void> {
  const netns = `ipvs-write-${process.pid}-${name}`;
  execFileSync("ip", ["netns", "add", netns]);
  try {
    execFileSync("ip", ["-n", netns, "link", "set", "lo", "up"]);
    const client = await IpvsClient.open({ netns: `/run/netns/${netns}` });
    await body(client, netns);
    await client.flush();
    await client.close();
  } finally {
    execFileSync("ip", ["netns", "del", netns]);
  }
}

async function applyCost(client: IpvsClient): Promise<Cost> {
  return cost(operations.length, async () => {
    const refused = (await client.apply(operations)).find((result) => !result.ok);
    if (refused && !refused.ok) throw new Error(refused.message);
  });
}

async function dumpCost(client: IpvsClient): Promise<Cost> {
  return cost(operations.length, async () => {
    const entries = await client.dump();
    const count = entries.reduce((sum, entry) => sum + 1 + entry.destinations.length, 0);
    if (count !== operations.length) throw new Error(`${count} entries read of ${operations.length}`);
  });
}

async function cost(count: number, body: () => Promise<void>): Promise<Cost> {
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  await body();
  const wallUs = ((performance.now() - startMs) * 1000) / count;
  const { user, system } = process.cpuUsage(cpu);
  return { wallUs, cpuUs: (user + system) / count };
}

/** CPU of the child comes from the shell's `times`, whose second line is that of its children. */
function ipvsadmCost(netns: string): Cost {
  const startMs = performance.now();
  const output = execFileSync("ip", ["netns", "exec", netns, "sh", "-c", `ipvsadm -R <"${rulesFile}" && times`], {
    encoding: "utf8",
  });
  const wallUs = ((performance.now() - startMs) * 1000) / operations.length;
  const seconds = [...(output.trim().split("\n").at(-1) ?? "").matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, rest]) => Number(minutes) * 60 + Number(rest),
  );
  return { wallUs, cpuUs: (seconds.reduce((sum, each) => sum + each, 0) * 1e6) / operations.length };
}

async function verify(client: IpvsClient): Promise<void> {
  const found = (await client.services()).length;
  if (found !== services) throw new Error(`${found} services after ipvsadm -R, not ${services}`);
}

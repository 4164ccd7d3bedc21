import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { getPriority } from "node:os";
import { native } from "ipvs-netlink";
import { canMakeNamespaces } from "ipvs-netlink/testing";
import { afterEach, describe, expect, test } from "vitest";
import type { ControlPacket } from "../../src/bfd/packet/control-packet.ts";
import { encodeControlPacket } from "../../src/bfd/packet/encode.ts";
import * as option from "../../src/sockets/socket-options.ts";
import { until } from "./lbctl.ts";
import { cabledNodes, type VrrpNode } from "./vrrp-nodes.ts";

/** Detection takes four seconds: no session goes down because the machine stands still for two. */
const timing = { min_tx: 200, min_rx: 200, multiplier: 20 };

const realServer = async (node: VrrpNode) => (await node.status()).virtual_servers[0]?.real_servers[0];
const session = async (node: VrrpNode) => (await node.status()).bfd_instances[0];

/** Datagrams from one node to the BFD port of another, from whatever port. */
function datagrams(from: VrrpNode, to: string, packets: readonly Buffer[], ttl: number): void {
  const calls = native();
  const fd = calls.socketInNamespace(from.namespace.path, option.AF_INET, option.SOCK_DGRAM, 0);
  try {
    calls.setsockopt(fd, option.IPPROTO_IP, option.IP_TTL, option.int32(ttl));
    const address = Buffer.alloc(option.SOCKADDR_BYTES.inet);
    option.writeSocketAddress(address, 0, "inet", to, 0);
    address.writeUInt16BE(3784, 2);
    for (const packet of packets) expect(calls.sendmsg(fd, packet, address, 0)).toBe(packet.length);
  } finally {
    calls.close(fd);
  }
}

function encoded(some: Partial<ControlPacket>): Buffer {
  const buffer = Buffer.alloc(24);
  encodeControlPacket(
    {
      ...{ diagnostic: 0, state: "down", poll: false, final: false, controlPlaneIndependent: false, demand: false },
      ...{ multiplier: 3, myDiscriminator: 99, yourDiscriminator: 0 },
      ...{ desiredMinTxUs: 1_000_000, requiredMinRxUs: 200_000, requiredMinEchoRxUs: 0 },
      ...some,
    },
    buffer,
  );
  return buffer;
}

describe.skipIf(!canMakeNamespaces)("BFD_CHECK", () => {
  let nodes: readonly VrrpNode[] = [];
  afterEach(async () => {
    for (const node of nodes) await node.close();
  });

  test("a real server is up while its session is, whatever else comes to the port", async () => {
    const [director, server] = cabledNodes();
    nodes = [director, server];
    const check = { BFD_CHECK: { name: "peer" } };
    const config = (alpha: boolean) => ({
      global_defs: { bfd_process_name: "bfd-of-web", bfd_priority: -3, bfd_no_swap: true },
      // Sooner sure that nobody is there.
      bfd_instance: [{ name: "peer", neighbor_ip: "192.0.2.2", ...timing, min_tx: 1000, multiplier: 4 }],
      virtual_server: [
        {
          ...{ name: "web", address: "192.0.2.1", port: 8080, protocol: "TCP", alpha },
          real_server: [{ address: "192.0.2.2", port: 80, weight: 1, ...check }],
        },
      ],
    });
    director.configure(config(false));
    server.configure({ bfd_instance: [{ name: "director", neighbor_ip: "192.0.2.1", ...timing }] });
    const daemon = director.start();
    const becomes = (state: string, reason: RegExp) =>
      until(
        `the real server is ${state}: ${reason}`,
        async () => {
          const real = await realServer(director).catch(() => undefined);
          return real?.state === state && reason.test(real.reason);
        },
        () => daemon.log(),
      );
    await becomes("down", /session down: no packet of the neighbour yet/);
    const bfd = daemon.child("bfd");
    expect(readFileSync(`/proc/${bfd}/comm`, "utf8")).toBe("bfd-of-web\n");
    expect(getPriority(bfd)).toBe(-3);
    expect(readFileSync(`/proc/${bfd}/status`, "utf8")).toMatch(/VmLck:\s+[1-9]/);
    const there = server.start();
    await becomes("up", /./);
    await until("the check is shown as ok", async () => (await realServer(director))?.checks[0]?.reason === "ok");

    // From the neighbour's own address: garbage, another session's packets, and one that made a hop.
    const before = (await session(director))?.counters.discarded ?? 0;
    const garbage = Array.from({ length: 99 }, (_, at) => randomBytes(at + 1).fill(0xff, 0, 1));
    datagrams(server, "192.0.2.1", [...garbage, encoded({ yourDiscriminator: 1, state: "down" })], 255);
    datagrams(server, "192.0.2.1", [encoded({}), encoded({ state: "admin_down", diagnostic: 7 })], 254);
    await until("all is counted", async () => ((await session(director))?.counters.discarded ?? 0) >= before + 102);
    expect(await session(director)).toMatchObject({ state: "up", counters: { came_up: 1, went_down: 0 } });
    expect(daemon.log()).toMatch(/packet from 192\.0\.2\.2 ignored: TTL or hop limit 254, at least 255 is wanted/);

    // Another checker process takes over what is known.
    const logged = daemon.log().length;
    process.kill(daemon.child("checker"), "SIGKILL");
    await until(
      "another one runs",
      async () => /ready: /.test(daemon.log().slice(logged)),
      () => daemon.log(),
    );
    expect((await realServer(director))?.state).toBe("up");
    expect(daemon.log().slice(logged)).not.toMatch(/-> down/);

    await there.stop();
    await becomes("down", /session down: the neighbour was taken down by its administrator/);
    director.configure(config(true));
    expect((await director.lbctl("reload")).status).toBe(0);
    const again = server.start();
    await becomes("up", /./);
    const { stdout } = await director.lbctl("status");
    expect(stdout).toMatch(/BFD INSTANCE +STATE +NEIGHBOR/);
    expect(stdout).toMatch(/peer +up +192\.0\.2\.2 +1000 ms +4000 ms .* both hear each other/);

    await again.stop();
    const without = server.start("-B");
    await without.logged(/runs as process/);
    await until(
      "it runs without sessions",
      async () => (await server.status().catch(() => null))?.daemon.bfd === "off",
    );
    expect((await server.status()).bfd_instances).toEqual([]);
  });
});

import { execFileSync } from "node:child_process";
import { uniqueName } from "ipvs-netlink/testing";
import { start } from "../../e2e/lbctl.ts";

// Routers on two Ethernets, each a bridge in the namespace of the switch:
//
//        r1 .1     r2 .2     r3 .3     c .100
//   ───────┴─────────┴─────────┴─────────┴────   eth0   front 192.0.2.0/24, fe80::N/64, 2001:db8::N/64
//   ───────┴─────────┴─────────┴─────────┴────   eth1   heartbeat 198.51.100.0/24

/** A namespace of its own, with eth0 and eth1. */
export interface Node {
  readonly name: string;
  readonly number: number;
  readonly namespace: string;
  /** For `netns` of clients. */
  readonly path: string;
  /** The words that run a program in it. */
  inside(...words: readonly string[]): [string, string[]];
  /** Runs a program in it to its end; answers its output, throws with its complaint. */
  run(...words: readonly string[]): string;
  /** `ip`, one line of words. */
  ip(line: string): string;
}

export const front = (node: Pick<Node, "number">) => `192.0.2.${node.number}`;
export const heartbeat = (node: Pick<Node, "number">) => `198.51.100.${node.number}`;

const numbers = { r1: 1, r2: 2, r3: 3, c: 100 } as const;
export type NodeName = keyof typeof numbers;
export interface Ethernet {
  readonly switch: Node;
  node(name: NodeName): Node;
  /** Pulls a node's cable, or puts it back: its port at the switch goes down or up, and with it the carrier of the node's side. */
  cable(node: Node, state: "up" | "down"): void;
  delete(): Promise<void>;
}

/** Others are watched meanwhile: what takes long does not block. */
export async function buildEthernet(names: readonly NodeName[]): Promise<Ethernet> {
  const prefix = uniqueName("lbctl");
  const nodes = new Map(names.map((name) => [name, nodeNamed(`${prefix}-${name}`, name, numbers[name])]));
  const bridge = nodeNamed(`${prefix}-sw`, "sw", 0);
  const all = [bridge, ...nodes.values()];
  const cables = [...nodes.values()].flatMap(({ name, namespace }) =>
    ["eth0", "eth1"].map(
      (device) =>
        `link add ${name}_${device} netns ${bridge.namespace} type veth peer name ${device} netns ${namespace}`,
    ),
  );
  await batch([], [...all.map(({ namespace }) => `netns add ${namespace}`), ...cables]);
  const ports = [...nodes.values()].flatMap(({ name }) =>
    ["eth0", "eth1"].map((device) => `link set ${name}_${device} master ${device} up`),
  );
  await batch(
    ["-netns", bridge.namespace],
    [
      // Without snooping and delays: a port forwards from its first moment on.
      ...["eth0", "eth1"].flatMap((name) => [
        `link add ${name} type bridge forward_delay 0 mcast_snooping 0`,
        `link set ${name} addrgenmode none up`,
      ]),
      ...ports,
    ],
  );
  for (const node of nodes.values()) {
    await batch(
      ["-netns", node.namespace],
      [
        "link set lo up",
        ...["eth0", "eth1"].map((device) => `link set ${device} addrgenmode none up`),
        `address add ${front(node)}/24 dev eth0`,
        `address add ${heartbeat(node)}/24 dev eth1`,
        `address add fe80::${node.number}/64 dev eth0 nodad`,
        `address add 2001:db8::${node.number}/64 dev eth0 nodad`,
      ],
    );
  }
  return {
    switch: bridge,
    node: (name) => nodes.get(name) as Node,
    cable: ({ name }, state) => void bridge.ip(`link set ${name}_eth0 ${state}`),
    delete: () =>
      batch(
        [],
        all.map(({ namespace }) => `netns del ${namespace}`),
      ),
  };
}

function nodeNamed(namespace: string, name: string, number: number): Node {
  const inside = (...words: readonly string[]): [string, string[]] => ["ip", ["netns", "exec", namespace, ...words]];
  const options = { encoding: "utf8", stdio: "pipe" } as const;
  return {
    name,
    number,
    namespace,
    path: `/run/netns/${namespace}`,
    inside,
    run: (...words) => execFileSync(...inside(...words), options),
    ip: (line) => execFileSync("ip", ["-netns", namespace, ...line.split(" ")], options),
  };
}

async function batch(options: readonly string[], lines: readonly string[]): Promise<void> {
  const words = lines.join("\n");
  const { status, stderr } = await start("sh", ["-c", 'printf "%s\\n" "$0" | ip "$@" -batch -', words, ...options])
    .ended;
  if (status !== 0) throw new Error(`ip -batch: ${stderr}\n${words}`);
}

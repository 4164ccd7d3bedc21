import { makeNamespace, type Namespace } from "ipvs-netlink/testing";

/** A network of this machine's own kernel: a client, and nodes on one cable with it. */
export interface Network {
  /** 192.0.2.100 */
  readonly client: Namespace;
  /** 192.0.2.1 and so on, on `eth0`. */
  readonly nodes: readonly Namespace[];
  delete(): void;
}

export function makeNetwork(size: number): Network {
  const client = makeNamespace();
  const nodes = Array.from({ length: size }, makeNamespace);
  client.ip("link add br0 type bridge");
  client.ip("address add 192.0.2.100/24 dev br0");
  client.ip("link set br0 up");
  for (const [index, node] of nodes.entries()) {
    client.ip(`link add name to${index + 1} type veth peer name eth0 netns ${node.name}`);
    client.ip(`link set to${index + 1} master br0 up`);
    node.ip(`address add 192.0.2.${index + 1}/24 dev eth0`);
    node.ip("link set eth0 up");
  }
  return {
    client,
    nodes,
    delete: () => {
      for (const each of [client, ...nodes]) each.delete();
    },
  };
}

/** Machines are booted by root, from packages for x86-64; that systemd-nspawn is there is the business of the set-up. */
export function canBootMachines(): boolean {
  return process.getuid?.() === 0 && process.arch === "x64";
}

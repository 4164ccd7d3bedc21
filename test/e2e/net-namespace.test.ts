import { existsSync, readFileSync } from "node:fs";
import { canMakeNamespaces, makeNamespace } from "ipvs-netlink/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "./lbctl.ts";
import { VrrpNode, vrrpInstance } from "./vrrp-nodes.ts";

let node: VrrpNode;
let other: ReturnType<typeof makeNamespace>;

beforeEach(() => {
  node = new VrrpNode();
  other = makeNamespace();
  other.ip("link add eth0 type veth peer name peer0");
  other.ip("address add 192.0.2.1/24 dev eth0");
  for (const name of ["eth0", "peer0"]) other.ip(`link set ${name} up`);
});
afterEach(async () => {
  await node.close();
  other.delete();
});

describe.skipIf(!canMakeNamespaces)("net_namespace", () => {
  test("everything is in it, scripts too; a reload cannot change it", async () => {
    const script = `/bin/sh -c 'readlink /proc/self/ns/net > ${node.path("namespace")}'`;
    const config = (name: string) => ({
      net_namespace: name,
      vrrp_instance: [vrrpInstance("VI_1", { notify_master: script, promote_secondaries: true })],
    });
    node.configure(config(other.name));
    const daemon = node.start();
    await node.reaches("VI_1", "master");
    expect(other.ip("address show dev eth0")).toContain("192.0.2.100/24");
    // sysctls are those of the namespace.
    expect(other.run("sysctl", "-n", "net.ipv4.conf.eth0.promote_secondaries").trim()).toBe("1");
    await until("the script has run", () => existsSync(node.path("namespace")));
    await until("it has written", () => readFileSync(node.path("namespace"), "utf8") !== "");
    expect(readFileSync(node.path("namespace"), "utf8")).toBe(other.run("readlink", "/proc/self/ns/net"));
    node.configure(config(node.namespace.name));
    expect(await node.lbctl("reload")).toMatchObject({ status: 0 });
    expect(daemon.log()).toContain("net_namespace changes with a restart only");
    expect((await node.instance("VI_1"))?.state).toBe("master");
    expect(await daemon.stop()).toMatchObject({ status: 0 });
    expect(other.ip("address show dev eth0")).not.toContain("192.0.2.100/24");
  });

  test("one that does not exist is said", async () => {
    node.configure({ net_namespace: "no-such-namespace", vrrp_instance: [vrrpInstance("VI_1")] });
    await node.start().logged(/the network namespace no-such-namespace cannot be entered: ENOENT/);
  });
});

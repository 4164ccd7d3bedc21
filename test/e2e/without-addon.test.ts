import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { freePort } from "../../src/demo/free-port.ts";
import { DirectorNode, until } from "./lbctl.ts";
import { virtualServer } from "./virtual-server.ts";
import { share, WebServer } from "./web-servers.ts";

/** `play` sees a machine without a compiler, where the addon is not built. */
async function withoutAddon(play: (node: DirectorNode) => Promise<void>): Promise<void> {
  const node = new DirectorNode();
  const hidden = join(node.directory, "hide-addon.cjs");
  writeFileSync(
    hidden,
    `require("node:module")._extensions[".node"] = (_, file) => {
       throw Object.assign(new Error("hidden: " + file), { code: "MODULE_NOT_FOUND" });
     };`,
  );
  const before = process.env.NODE_OPTIONS;
  process.env.NODE_OPTIONS = `${before ?? ""} --require=${hidden}`;
  try {
    await play(node);
  } finally {
    if (before === undefined) delete process.env.NODE_OPTIONS;
    else process.env.NODE_OPTIONS = before;
    await node.close();
  }
}

/** What the demo does. */
test("the user-space data plane needs no native addon", () =>
  withoutAddon(async (node) => {
    const web = await WebServer.start("web1");
    onTestFinished(() => web.stop());
    const port = await freePort();
    node.configure({ virtual_server: [virtualServer("web", port, [web])] });
    const daemon = await node.start();
    const state = async () => (await node.status()).virtual_servers[0]?.real_servers[0]?.state;
    await until(
      "web1 is up",
      async () => (await state()) === "up",
      () => daemon.log(),
    );
    expect(await share(port, 3)).toEqual({ web1: 3 });
    expect(await node.lbctl("reload", "--json")).toMatchObject({ status: 0 });
    expect(await node.lbctl("drain", `127.0.0.1:${web.port}`)).toMatchObject({ status: 0 });
    expect(await state()).toBe("drained");
    expect(await daemon.stop()).toMatchObject({ status: 0 });
  }));

test("VRRP needs it, and says so without a stack", () =>
  withoutAddon(async (node) => {
    const instance = { name: "VI_1", interface: "lo", virtual_router_id: 51, virtual_ipaddress: ["192.0.2.1"] };
    node.configure({ vrrp_instance: [instance] });
    const daemon = node.launch();
    expect(await daemon.ended).toMatchObject({ status: 1 });
    expect(daemon.log()).toMatch(/addon of ipvs-netlink is not built: run `sh scripts\/build-addon.sh`/);
    expect(daemon.log()).toContain("VRRP, BFD and IPVS need it");
    expect(daemon.log()).not.toMatch(/^ +at /m);
  }));

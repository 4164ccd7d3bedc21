import { afterEach, beforeEach, expect, test } from "vitest";
import { freePort } from "../../src/demo/free-port.ts";
import { DirectorNode, runs } from "./lbctl.ts";
import { virtualServer } from "./virtual-server.ts";

let node: DirectorNode;
beforeEach(async () => {
  node = new DirectorNode();
  node.configure({ virtual_server: [virtualServer("web", await freePort(), [])] });
});
afterEach(() => node.close());

test("a checker process that hangs over a reload does not keep the director from stopping", {
  timeout: 120_000,
}, async () => {
  const daemon = await node.start();
  const checker = daemon.child("checker");
  process.kill(checker, "SIGSTOP");
  // Status does not need it.
  expect((await node.status()).virtual_servers).toHaveLength(1);
  const reload = node.lbctl("reload");
  daemon.signal("SIGHUP");
  await daemon.logged(/SIGHUP: reloading/);
  const { status, stderr } = await daemon.stop();
  expect(status).toBe(0);
  expect(stderr).toContain("ended before it had removed our services");
  expect(runs(checker)).toBe(false);
  expect((await reload).status).not.toBe(0);
});

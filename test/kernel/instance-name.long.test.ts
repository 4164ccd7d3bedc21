import { afterAll, beforeAll, expect, test } from "vitest";
import { directorNode, program } from "./lbctl.ts";
import { bootGuest, type Guest } from "./uml/guest.ts";
import type { Job } from "./uml/job.ts";
import { virtualServer } from "./virtual-server.ts";

let guest: Guest;
beforeAll(async () => {
  guest = await bootGuest({ modules: ["veth", "ip_vs"] });
  await guest.sh("ip netns add d1; ip -n d1 link set lo up");
});
afterAll(() => guest?.close());

const runDir = "/run/lbctl/blue";

/** As people call it: nothing tells where it is but its configuration, and the namespace. */
const lbctl = (...words: readonly string[]) =>
  guest.exec(`${program} ${words.join(" ")}`, { namespace: "d1", timeoutMs: 120_000 });

test("a director of IPVS with an instance is found, upgraded in place, and adopted by the next one", async () => {
  const node = directorNode(guest, "d1", runDir);
  node.configure({ instance: "blue", virtual_server: [virtualServer("NAT", "v4")] });
  const run = (): Job =>
    guest.start(`exec ${program} run -f ${node.configFile} --log console`, { namespace: "d1", timeoutMs: 1_000_000 });
  const isReady = (job: Job, times: number) =>
    expect.poll(() => job.stderr().match(/ready: /g)?.length ?? 0, { message: job.stderr() }).toBe(times);

  const first = run();
  await isReady(first, 1);
  const table = await node.table();
  expect(table.length).toBeGreaterThan(0);
  expect(await lbctl("status", "--names", "virtual-servers")).toMatchObject({ status: 0, stdout: "tcp-nat-v4\n" });
  const before = (await guest.sh(`cat ${runDir}/lbctl.pid`)).trim();
  const upgraded = await lbctl("upgrade");
  expect(upgraded.status, upgraded.stderr).toBe(0);
  const after = (await guest.sh(`cat ${runDir}/lbctl.pid`)).trim();
  expect(after).not.toBe(before);
  expect(await node.table()).toEqual(table);
  expect(await lbctl("reload")).toMatchObject({ status: 0 });
  expect(await guest.sh("ls /run/lbctl")).toBe("blue\n");

  await guest.sh(`kill -KILL ${after}`);
  await first.done;
  const second = run();
  await isReady(second, 1);
  expect(second.stderr()).toContain("adopted 1 service");
  expect(await node.table()).toEqual(table);
  second.signal("TERM");
  expect((await second.done).status).toBe(0);
  expect(await node.table()).toEqual([""]);
});

import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../../e2e/lbctl.ts";
import { globals, instanceText } from "../../interop/vrrp/instance-text.ts";
import { inScene } from "../../interop/vrrp/scene.ts";
import { median } from "../statistics.ts";
import { type Bench, backupPriority, masterPriority, type Subject, startRouter, vip } from "./bench.ts";

interface Outage {
  readonly requests: number;
  readonly failed: number;
  readonly takenOverMs: number;
}

/** What clients see when the master stops, or is killed and gone; the runs at once, each on an Ethernet of its own. */
export async function outage(bench: Bench, subject: Subject, how: "stop" | "kill", runs: number): Promise<void> {
  const all = await Promise.all(Array.from({ length: runs }, (_, run) => outageOnce(subject, how, run)));
  const sum = (of: (one: Outage) => number) => all.reduce((total, one) => total + of(one), 0);
  bench.record(`${how} at 1 s`, subject, {
    runs,
    requests: sum(({ requests }) => requests),
    failed: sum(({ failed }) => failed),
    takenOverMs: median(all.map(({ takenOverMs }) => takenOverMs)),
  });
}

async function outageOnce(subject: Subject, how: "stop" | "kill", run: number): Promise<Outage> {
  let outcome: Outage = { requests: 0, failed: 0, takenOverMs: Number.NaN };
  await inScene({ nodes: ["r1", "r2", "c"], addresses: [vip] }, async (scene) => {
    await Promise.all([scene.nginx("r1"), scene.nginx("r2")]);
    const text = (priority: number) => globals() + instanceText({ priority, advertMs: 1000 });
    await startRouter(scene, subject, "r2", text(backupPriority));
    const master = await startRouter(scene, subject, "r1", text(masterPriority));
    await scene.holds("r1");
    const client = await scene.client(`http://${vip}/`);
    await sleep(1_500 + run * 250);
    const atMs = performance.now();
    await (how === "stop" ? master.stop() : master.kill());
    // The machine is gone, not only its daemon.
    if (how === "kill") scene.ethernet.cable(scene.node("r1"), "down");
    await until(
      "the backup takes over",
      () => scene.watch.holders(vip).includes("r2"),
      () => scene.describe(),
    );
    const takenOverMs = performance.now() - atMs;
    await sleep(2_500);
    const { total: requests, failed } = await client.stop();
    outcome = { requests, failed, takenOverMs };
  });
  return outcome;
}

import { setTimeout as sleep } from "node:timers/promises";
import { inScene } from "../../interop/vrrp/scene.ts";
import {
  type Bench,
  backupPriority,
  manyAddresses,
  manyInstances,
  manyText,
  masterPriority,
  type Subject,
  startRouter,
  takeoversSince,
} from "./bench.ts";
import { cpuMs, family, pssMiB } from "./process-cost.ts";

const settledMs = 16_000;

/** 255 instances: CPU over some seconds when nothing changes, memory, and masterships that were lost without a reason. */
export async function load(
  bench: Bench,
  subject: Subject,
  as: "master" | "backup",
  advertMs: number,
  seconds: number,
): Promise<void> {
  await inScene({ addresses: manyAddresses }, async (scene) => {
    // Its adverts are the same whoever listens.
    const master = await startRouter(
      scene,
      as === "master" ? subject : "keepalived",
      "r1",
      manyText(masterPriority, advertMs),
    );
    await scene.holds("r1");
    const measured =
      as === "master" ? master : await startRouter(scene, subject, "r2", manyText(backupPriority, advertMs));
    // Until all have taken over, Node has compiled what runs all the time, and what the start took was given back: by lbctl
    // 5 s after it, and seconds later by V8.
    await sleep(settledMs);
    const pids = family(measured.pid);
    const from = measured.log().length;
    const [beforeMs, fromMs] = [cpuMs(pids), performance.now()];
    await sleep(seconds * 1000);
    const cpuPercent = ((cpuMs(pids) - beforeMs) / (performance.now() - fromMs)) * 100;
    bench.record(`${manyInstances} instances at ${advertMs} ms, ${as}`, subject, {
      cpuPercent,
      perAdvertUs: ((cpuPercent / 100) * 1e6) / (manyInstances * (1000 / advertMs)),
      pssMiB: pssMiB(pids),
      changes: takeoversSince(measured, from),
    });
  });
}

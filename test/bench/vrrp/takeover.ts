import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../../e2e/lbctl.ts";
import { globals, instanceText } from "../../interop/vrrp/instance-text.ts";
import { inScene } from "../../interop/vrrp/scene.ts";
import type { Frame } from "../../interop/vrrp/wire-capture.ts";
import { median } from "../statistics.ts";
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
  vip,
} from "./bench.ts";

const fields = ["frame.time_epoch", "ip.src", "vrrp.virt_rtr_id"];
const secondsOf = (frame: Frame) => Number(frame["frame.time_epoch"]);
const [ofMaster, ofBackup] = ["192.0.2.1", "192.0.2.2"] as const;
/** Three intervals and the skew (RFC 9568 section 6.1). */
const theoryMs = (advertMs: number) => advertMs * (3 + (256 - backupPriority) / 256);

/**
 * From the last advert of a master that is killed to the first of the backup, as the switch sees them. What takes seconds is measured
 * in several Ethernets at once.
 */
export async function takeover(bench: Bench, subject: Subject, advertMs: number, runs: number): Promise<void> {
  const lanes = advertMs >= 1000 ? Math.min(runs, 4) : 1;
  const shares = Array.from({ length: lanes }, (_, lane) => Math.floor((runs + lane) / lanes));
  const gaps = (await Promise.all(shares.map((share, lane) => gapsIn(subject, advertMs, share, lane / lanes)))).flat();
  bench.record(`takeover at ${advertMs} ms`, subject, {
    runs: gaps.length,
    theoryMs: theoryMs(advertMs),
    medianMs: median(gaps),
    worstMs: Math.max(...gaps),
  });
}

async function gapsIn(subject: Subject, advertMs: number, runs: number, phase: number): Promise<number[]> {
  let gaps: number[] = [];
  await inScene({ addresses: [vip] }, async (scene) => {
    const text = (priority: number) =>
      globals() + instanceText({ priority, advertMs, lines: ["garp_master_repeat 1", "garp_master_delay 0"] });
    const capture = await scene.capture();
    const killedAtS: number[] = [];
    await startRouter(scene, subject, "r2", text(backupPriority));
    await scene.holds("r2");
    for (let run = 0; run < runs; run++) {
      const master = await startRouter(scene, subject, "r1", text(masterPriority));
      await scene.holds("r1");
      // At another point of the interval each time.
      await sleep(advertMs + 300 + ((phase + run * 0.37) % 1) * advertMs);
      killedAtS.push(Date.now() / 1000);
      await master.kill();
      await until(
        "the backup takes over",
        () => scene.watch.holders(vip).includes("r2"),
        () => scene.describe(),
      );
      scene.node("r1").ip(`address flush dev eth0 to ${vip}`);
      await sleep(300);
    }
    const frames = await capture.frames("vrrp and vrrp.prio > 0", fields);
    gaps = killedAtS.flatMap((killed) => gapAfter(frames, killed) ?? []);
  });
  return gaps;
}

/** Null: nobody took over. A busy machine has changes of master that nobody asked for: only the one that follows a kill counts. */
function gapAfter(frames: readonly Frame[], killedS: number): number | null {
  const first = frames.findIndex((frame) => frame["ip.src"] === ofBackup && secondsOf(frame) > killedS);
  const to = frames[first];
  const from = frames.slice(0, Math.max(0, first)).findLast((frame) => frame["ip.src"] === ofMaster);
  return from === undefined || to === undefined ? null : (secondsOf(to) - secondsOf(from)) * 1000;
}

/** The same of 255 instances at once: their first adverts, and when the last of their addresses was announced. */
export async function takeoverOfMany(bench: Bench, subject: Subject, advertMs: number): Promise<void> {
  await inScene({ addresses: manyAddresses }, async (scene) => {
    const master = await scene.keepalived("r1", manyText(masterPriority, advertMs));
    await scene.holds("r1");
    const backup = await startRouter(scene, subject, "r2", manyText(backupPriority, advertMs));
    // Until all hear, and Node has compiled what runs all the time.
    await sleep(6_000);
    const capture = await scene.capture();
    await sleep(1_000);
    const from = backup.log().length;
    const killedS = Date.now() / 1000;
    await master.kill();
    await until(
      "all take over",
      () => takeoversSince(backup, from) >= manyInstances && scene.watch.holders(manyAddresses[1] ?? "").includes("r2"),
      () => scene.describe(),
    );
    await sleep(1_000);
    const announced = `arp and arp.isgratuitous and arp.src.proto_ipv4 == ${manyAddresses[1]}`;
    const frames = await capture.frames(`(vrrp and vrrp.prio > 0) or (${announced})`, fields);
    const lastS = frames.findLast((frame) => frame["ip.src"] === ofMaster);
    const byId = Map.groupBy(
      frames.filter((frame) => frame["ip.src"] !== ""),
      (frame) => frame["vrrp.virt_rtr_id"],
    );
    const gaps = [...byId.values()].flatMap((each) => gapAfter(each, killedS) ?? []);
    const arp = frames.find((frame) => frame["ip.src"] === "" && secondsOf(frame) > killedS);
    bench.record(`takeover of 255 at ${advertMs} ms`, subject, {
      instances: gaps.length,
      theoryMs: theoryMs(advertMs),
      medianMs: median(gaps),
      worstMs: Math.max(...gaps),
      announcedAfterMs:
        arp === undefined || lastS === undefined ? Number.NaN : (secondsOf(arp) - secondsOf(lastS)) * 1000,
    });
  });
}

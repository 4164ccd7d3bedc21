import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Guest } from "../uml/guest.ts";
import type { JobResult } from "../uml/job.ts";
import { type Step, shows, stepsOf } from "./guide.ts";

const checkout = join(import.meta.dirname, "../../..");
const folder = join(checkout, "docs/guides");

/** What may be asked again until the answer is the one that the guide shows: states take their time. */
const asks = /^(curl|ip |ipvsadm -L|journalctl|lbctl (status|events|doctor)|for )/;

/** Builds the network of the guides, in which `backOnly` have no eth0; a guest holds one. */
export async function buildGuideNetwork(guest: Guest, backOnly: readonly string[]): Promise<void> {
  const here = import.meta.dirname;
  await guest.sh(
    `modprobe -a ipip macvlan; sh "${here}/nodes.sh" "${here}/programs" "${checkout}" ${backOnly.join(" ")}`,
    {
      timeoutMs: 120_000,
    },
  );
}

/** Follows a guide word for word; rejects at the first step whose result is not what the guide shows. */
export async function followGuide(guest: Guest, name: string): Promise<void> {
  const path = join(folder, name);
  for (const step of stepsOf(readFileSync(path, "utf8"))) {
    for (const node of step.nodes) await follow(guest, node, step, `docs/guides/${basename(path)}:${step.line}`);
  }
}

async function follow(guest: Guest, node: string, step: Step, place: string): Promise<void> {
  if (step.kind === "file") {
    const copy = join(guest.sharedDir, "guide-file");
    writeFileSync(copy, step.text);
    const { status, stderr } = await onNode(
      guest,
      node,
      `mkdir -p "$(dirname ${step.path})" && cat "${copy}" >${step.path}`,
    );
    if (status !== 0) throw new Error(`${place}: ${node}: ${step.path} cannot be written: ${stderr}`);
    return;
  }
  const deadlineMs = performance.now() + 120_000;
  for (;;) {
    const { status, stdout, stderr } = await onNode(guest, node, step.command);
    const done = step.output.length === 0 ? status === 0 : shows(`${stdout}\n${stderr}`, step.output);
    if (done) return;
    if (!asks.test(step.command) || performance.now() > deadlineMs) {
      const shown = `wanted:\n${step.output.join("\n") || "(status 0)"}\nshown (status ${status}):\n${stdout}${stderr}`;
      throw new Error(`${place}: ${node}: ${step.command}\n${shown}`);
    }
    await sleep(200);
  }
}

/** A command line as somebody types it who is logged in on the node. */
export function onNode(guest: Guest, node: string, command: string): Promise<JobResult> {
  const script = join(guest.sharedDir, "guide-command");
  mkdirSync(guest.sharedDir, { recursive: true });
  writeFileSync(script, `. /run/environment\nexport PATH\ncd /etc\n${command}\n`);
  const enter = `nsenter --target "$(cat /run/nodes/${node})" --mount --net --uts`;
  return guest.exec(`${enter} bash "${script}" </dev/null`, { timeoutMs: 300_000 });
}

import { cpus, loadavg } from "node:os";
import { textTable } from "../../../src/cli/text-table.ts";
import type { NodeName } from "../../interop/vrrp/ethernet.ts";
import { globals, instanceText } from "../../interop/vrrp/instance-text.ts";
import type { VrrpRouter } from "../../interop/vrrp/routers.ts";
import type { Scene } from "../../interop/vrrp/scene.ts";

export type Subject = "lbctl" | "keepalived";
export const subjects: readonly Subject[] = ["keepalived", "lbctl"];
export const vip = "192.0.2.50";
export const [masterPriority, backupPriority] = [200, 100] as const;

export interface Row {
  readonly what: string;
  readonly subject: Subject;
  readonly values: Readonly<Record<string, number>>;
}

/** What was measured so far, and a line about it while it goes on. */
export class Bench {
  readonly rows: Row[] = [];
  readonly quick: boolean;
  readonly #startedMs = performance.now();

  constructor(quick: boolean) {
    this.quick = quick;
  }

  progress(text: string): void {
    process.stderr.write(`${((performance.now() - this.#startedMs) / 1000).toFixed(0).padStart(5)} s  ${text}\n`);
  }

  record(what: string, subject: Subject, values: Readonly<Record<string, number>>): void {
    const rounded = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, round(value)]));
    this.rows.push({ what, subject, values: rounded });
    this.progress(`${what}, ${subject}: ${JSON.stringify(rounded)}`);
  }

  /** Rows with the same values are one table. */
  report(): string {
    const sections = [...Map.groupBy(this.rows, ({ values }) => Object.keys(values).join()).values()].map((group) => {
      const names = Object.keys(group[0]?.values ?? {});
      const cells = group.map(({ what, subject, values }) => [
        what,
        subject,
        ...names.map((name) => String(values[name])),
      ]);
      return textTable(
        [["", "", ...names], ...cells],
        names.map((_, at) => at + 2),
      ).join("\n");
    });
    const machine = `${cpus().length} x ${cpus()[0]?.model}, load ${loadavg()[0]?.toFixed(1)}, Node ${process.versions.node}`;
    return [machine, ...sections].join("\n\n");
  }
}

export function startRouter(scene: Scene, subject: Subject, name: NodeName, text: string): Promise<VrrpRouter> {
  return subject === "lbctl" ? scene.lbctl(name, text) : scene.keepalived(name, text);
}

export const manyInstances = 255;
/** Those of the first and the last instance. */
export const manyAddresses = ["10.9.0.1", `10.9.${manyInstances - 1}.1`];

/** 255 instances with an address each; `options` are lines of global_defs. */
export function manyText(priority: number, advertMs: number, options: readonly string[] = []): string {
  const instances = Array.from({ length: manyInstances }, (_, nth) =>
    instanceText({
      name: `VI_${nth + 1}`,
      virtualRouterId: nth + 1,
      priority,
      advertMs,
      addresses: [`10.9.${nth}.1/32`],
      lines: ["garp_master_delay 0", "garp_master_repeat 1"],
    }),
  );
  return globals(...options) + instances.join("");
}

/** How often it became master since its log was so long. */
export function takeoversSince(router: VrrpRouter, from: number): number {
  return (
    router
      .log()
      .slice(from)
      .match(/ -> master after|Entering MASTER STATE/g)?.length ?? 0
  );
}

export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

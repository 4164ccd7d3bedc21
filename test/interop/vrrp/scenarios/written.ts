import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canMakeNamespaces } from "ipvs-netlink/testing";
import { describe, expect } from "vitest";
import { loadConfig } from "../../../../src/config/load.ts";
import { lbctl } from "../../../e2e/lbctl.ts";
import type { LoadSummary } from "../../../kernel/guest/client-load-summary.ts";
import type { NodeName } from "../ethernet.ts";
import type { Form, LbctlRouter } from "../routers.ts";
import type { Scene } from "../scene.ts";

/** One configuration, written by hand in both languages. */
export type Written = Readonly<Record<Form, string>>;

const forms: readonly Form[] = ["keepalived.conf", "yaml"];

/** The same tests with both texts, at the same time. */
export const inBothForms = (canMakeNamespaces ? describe.concurrent : describe.skip).each(forms);

/** Starts lbctl from one of the two texts, once it is sure that the other one means the same. */
export async function run(
  scene: Scene,
  name: NodeName,
  written: Written,
  form: Form,
  wrapper?: readonly string[],
): Promise<LbctlRouter> {
  await expectSameMeaning(written);
  return scene.lbctl(name, written[form], form, wrapper === undefined ? {} : { wrapper });
}

/** Both texts are understood, and as the same. */
export async function expectSameMeaning(written: Written): Promise<void> {
  const [one, other] = await Promise.all(
    forms.map((form) => inFile(written, form, (file) => loadConfig(file, { offline: true }))),
  );
  if (!one?.ok || !other?.ok) throw new Error(JSON.stringify([one, other], null, 2));
  expect({ model: other.model, vrrp: other.vrrp }).toEqual({ model: one.model, vrrp: one.vrrp });
}

/** What `lbctl validate` says of one of the texts. */
export function validate(written: Written, form: Form): Promise<string> {
  return inFile(written, form, async (file) => {
    const { stdout, stderr } = await lbctl(["validate", "--offline", "-f", file]);
    return stdout + stderr;
  });
}

async function inFile<T>(written: Written, form: Form, use: (file: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "lbctl-written-"));
  try {
    const file = join(directory, form === "yaml" ? "lbctl.yaml" : "keepalived.conf");
    writeFileSync(file, written[form]);
    return await use(file);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** An executable of its own; `text` is for /bin/sh. */
export function script(scene: Scene, name: string, text: string): string {
  const file = join(scene.directory, name);
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o755);
  return file;
}

/** Clients were served by these, and lost no more than what was under way when an address changed its holder. */
export function expectServed(scene: Scene, address: string, load: LoadSummary, by: readonly string[]): void {
  const { total, ok, byServer, failures } = load;
  expect(Object.keys(byServer).sort()).toEqual([...by]);
  const changes = scene.watch.holderChanges(address);
  if (!isSteady(scene)) return;
  expect(failures.slice(2 * changes), `${ok} of ${total} requests, ${changes} changes`).toEqual([]);
}

/** The machine did not stand still for as long as clients notice in the moment of a change. */
export function isSteady(scene: Scene): boolean {
  return scene.watch.stalledMs() < 1_000;
}

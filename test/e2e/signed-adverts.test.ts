import { readdirSync } from "node:fs";
import { join } from "node:path";
import { canMakeNamespaces } from "ipvs-netlink/testing";
import { describe, expect, test } from "vitest";
import { requestControl } from "../../src/control/client.ts";
import type { StatusDocument, VrrpInstanceStatus } from "../../src/control/status-document.ts";
import { runDir } from "../../src/supervisor/program/run-dir.ts";
import { inScene } from "../interop/vrrp/scene.ts";
import type { Frame, WireCapture } from "../interop/vrrp/wire-capture.ts";
import { type Step, stepsIn, stepsOf } from "../kernel/guides/guide.ts";
import { until } from "./lbctl.ts";
import { sectionOf, textOf } from "./page.ts";
import { Prompt } from "./prompt.ts";

// docs/guides/signed-adverts.md, typed on two routers: signatures are rolled out and keys changed, and lb1 is master all the time.

const page = "docs/guides/signed-adverts.md";
const vip = "192.0.2.50";
const config = "/etc/lbctl/lbctl.yaml";
const names = ["lb1", "lb2"] as const;
type Name = (typeof names)[number];
type Routers = Readonly<Record<Name, Prompt>>;

/** Asked where the prompt's machine has its control socket, without the time that Node takes to start. */
async function instanceOf(router: Prompt): Promise<VrrpInstanceStatus> {
  const run = `/proc/${(await router.ask("echo $$")).answer.trim()}/root/run/lbctl`;
  const [own = ""] = readdirSync(run);
  const status: StatusDocument = await requestControl(runDir(join(run, own)).controlSocket, "GET /v1/status", null);
  return status.vrrp_instances[0] as VrrpInstanceStatus;
}

/** Waits until the backup has heard the master as both are now. */
async function hearsMore(backup: Prompt): Promise<void> {
  const heard = async () => (await instanceOf(backup)).counters.advertisements_received ?? 0;
  const before = await heard();
  await until("the backup hears the master", async () => (await heard()) > before);
}

async function take(routers: Routers, name: Name, step: Step): Promise<void> {
  const router = routers[name];
  if (step.kind === "file") return router.write(step.path, asOn(name, step.text));
  await router.follow(step, page);
  const key = /\/etc\/lbctl\/vrrp-\d\.key/.exec(step.command)?.[0];
  if (!step.command.includes("openssl rand") || key === undefined) return;
  // It is copied by a safe way.
  const { answer } = await router.ask(`cat ${key}`);
  for (const other of names.filter((each) => each !== name)) {
    await routers[other].write(key, answer);
    await routers[other].type(`chmod 600 ${key}`);
  }
}

/** What a file of the page is on this router. */
function asOn(name: Name, text: string): string {
  expect(text).toContain("priority: 150             # 100 on lb2");
  return name === "lb1" ? text : text.replace("priority: 150", "priority: 100");
}

/** A section, each step on each of its routers; a reload is heard by the backup before the next one. */
async function follow(routers: Routers, title: string): Promise<void> {
  const steps = stepsOf(sectionOf(page, title));
  expect(steps.length, title).toBeGreaterThan(1);
  for (const step of steps) {
    for (const name of step.nodes) {
      await take(routers, name as Name, step);
      if (step.kind === "command" && step.command.includes("reload")) await hearsMore(routers.lb2);
    }
  }
}

/** Of adverts of one address behind Ethernet and IPv4: 12 octets of message, and a trailer of 28 whose second octet is the key's id. */
const kinds = ["ip.len == 32", "ip.len == 60 and frame[47] == 01", "ip.len == 60 and frame[47] == 02"];

/** What was on the wire: adverts of lb1 only; first not signed, then with the one key, then with the other. */
async function expectOnTheWire(capture: WireCapture): Promise<void> {
  const fields = ["frame.number", "ip.src"];
  const frames = await capture.frames("vrrp", fields);
  expect(new Set(frames.map((frame) => frame["ip.src"]))).toEqual(new Set(["192.0.2.1"]));
  const byKind: (readonly Frame[])[] = [];
  for (const kind of kinds) byKind.push(await capture.frames(`vrrp and ${kind}`, fields));
  for (const each of byKind) expect(each.length).toBeGreaterThan(2);
  expect(byKind.flat()).toEqual(frames);
}

describe.skipIf(!canMakeNamespaces)(page, () => {
  test("from nothing to enforce, and another key: the master stays master", () =>
    inScene({ addresses: [vip] }, async (scene) => {
      const prompt = (name: "r1" | "r2") => new Prompt(scene.node(name).namespace, {}, "--log console");
      const routers: Routers = { lb1: prompt("r1"), lb2: prompt("r2") };
      const { lb1, lb2 } = routers;
      scene.alongside({ stop: () => Promise.all([lb1.close(), lb2.close()]) });
      const capture = await scene.capture();
      const [pair] = stepsOf(textOf(page));
      if (pair?.kind !== "file") throw new Error("the page does not begin with a pair");
      for (const name of names) await take(routers, name, pair);
      await lb1.leaveRunning("lbctl run", /vrrp VI_1 \w+ -> master/);
      await lb2.leaveRunning("lbctl run", /vrrp VI_1 \w+ -> backup/);
      await scene.holds("r1");
      scene.watch.begin();

      await follow(routers, "A key");
      await follow(routers, "From nothing to enforce");
      await follow(routers, "Another key");

      expect(scene.watch.violations({ noneMs: 0, severalMs: 0 })).toEqual([]);
      const noneRefused = { authentication_mismatch: 0, authentication_failure: 0 };
      expect((await instanceOf(lb1)).counters).toMatchObject({ ...noneRefused, become_master: 1, release_master: 0 });
      expect((await instanceOf(lb2)).counters).toMatchObject({ ...noneRefused, become_master: 0 });
      expect(lb2.output).toContain("advert from 192.0.2.1: not signed, which auth_hmac permits");
      await expectOnTheWire(capture);
      await expectShownWhenItGoesWrong(routers);
      await scene.holds("r1");
    }));
});

/** What the page says of a router that does not sign, of one whose key nobody knows, and of one that is right again. */
async function expectShownWhenItGoesWrong({ lb1, lb2 }: Routers): Promise<void> {
  const reload = async (change: string) =>
    expect(await lb1.type(`sed -i '${change}' ${config} && lbctl reload`)).toMatchObject({ status: 0 });
  const [status] = stepsIn(sectionOf(page, "When it goes wrong"));
  if (status === undefined) throw new Error("the page shows no status");
  await reload("s/mode: enforce/mode: receive-only/");
  await lb2.follow(status, page);
  const key3 = "sed s/^hex:../hex:00/ /etc/lbctl/vrrp-2.key >/etc/lbctl/vrrp-3.key";
  expect(await lb1.type(`(umask 077; ${key3})`)).toMatchObject({ status: 0 });
  await reload(
    "s/mode: .*/mode: enforce/; s/2 file:.*2.key/3 file:\\/etc\\/lbctl\\/vrrp-3.key/; s/active_key: 2/active_key: 3/",
  );
  await lb2.says(/advert from 192\.0\.2\.1 ignored: signed with key 3, which is not among ours/);
  const { authentication_mismatch: mismatch, authentication_failure: failure } = (await instanceOf(lb2)).counters;
  expect([mismatch, failure].every((count) => (count ?? 0) > 0)).toBe(true);
  await lb1.type("cp /etc/lbctl/vrrp-2.key /etc/lbctl/vrrp-3.key");
  await reload("s/3 file:/2 file:/; s/active_key: 3/active_key: 2/");
}

import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { until } from "../../../e2e/lbctl.ts";
import type { Form, LbctlRouter } from "../routers.ts";
import { inScene, type Scene } from "../scene.ts";
import { expectServed, inBothForms, run, script, validate, type Written } from "./written.ts";

// S5: three nodes with a check each, for memcached, and nobody wants the address back.

const vip = "192.0.2.50";

type Preempt = "on_failure" | "never";

/** Null: a failed check is a fault. */
type Weight = -150 | null;

const threeNodes = (priority: number, command: string, preempt: Preempt, weight: Weight = -150): Written => ({
  "keepalived.conf": `global_defs {
    vrrp_version 3
    script_user root
}
vrrp_script chk_memcached {
    script "${command}"
    interval 1
    timeout 10
    ${weight === null ? "" : `weight ${weight}`}
}
vrrp_instance VI_1 {
    state BACKUP
    ${preempt === "never" ? "nopreempt" : "preempt on_failure"}
    interface eth0
    virtual_router_id 51
    priority ${priority}
    advert_int 1
    track_script {
        chk_memcached
    }
    virtual_ipaddress {
        ${vip}/24
    }
}
`,
  yaml: `global_defs: { vrrp_version: 3, script_user: root }
vrrp_script:
  - { name: chk_memcached, script: ${JSON.stringify(command)}, interval: 1, timeout: 10${weight === null ? "" : `, weight: ${weight}`} }
vrrp_instance:
  - name: VI_1
    state: BACKUP
    ${preempt === "never" ? "nopreempt: true" : "preempt: on_failure"}
    interface: eth0
    virtual_router_id: 51
    priority: ${priority}
    advert_int: 1
    track_script: [chk_memcached]
    virtual_ipaddress: [${vip}/24]
`,
});

type Name = "r1" | "r2" | "r3";

/** Three nodes, the first of which has a check that fails while there is the file `bad`. */
async function start(
  scene: Scene,
  form: Form,
  preempt: Preempt,
  check: string,
  weight?: Weight,
): Promise<Record<Name, LbctlRouter>> {
  await Promise.all((["r1", "r2", "r3"] as const).map((name) => scene.nginx(name)));
  const r1 = await run(scene, "r1", threeNodes(200, check, preempt, weight), form);
  await scene.holds("r1");
  const r2 = await run(scene, "r2", threeNodes(180, "/bin/true", preempt, weight), form);
  const r3 = await run(scene, "r3", threeNodes(60, "/bin/true", preempt, weight), form);
  await Promise.all([r2, r3].map((each) => each.heard(200)));
  return { r1, r2, r3 };
}

/** Which of the two backups: the better one, unless the machine kept it waiting for longer than their skew times differ. */
async function taker(scene: Scene): Promise<Exclude<Name, "r1">> {
  const holder = () => scene.watch.holders(vip).join();
  await until(
    "a backup has it",
    () => ["r2", "r3"].includes(holder()),
    () => scene.describe(),
  );
  return holder() === "r3" ? "r3" : "r2";
}

/** The check of r1 is good again, and it leaves the address where it is. */
async function staysBackup(scene: Scene, routers: Record<Name, LbctlRouter>, holder: Name): Promise<void> {
  await until("its priority is back", async () => (await routers.r1.instance()).priority === 200);
  await routers[holder].advertises(4);
  expect(scene.watch.holders(vip)).toEqual([holder]);
  await routers.r1.becomes("backup");
}

/** A check that drops the node's own adverts while it fails, which it does while there is the file `bad`. */
function silencer(scene: Scene, bad: string): string {
  const rules = [
    "add table ip own",
    "add chain ip own out { type filter hook output priority 0; }",
    "flush chain ip own out",
    "add rule ip own out ip protocol vrrp drop",
  ].join("; ");
  const check = `if [ -e ${bad} ]; then nft '${rules}'; exit 1; fi; nft delete table ip own 2>/dev/null; exit 0`;
  return script(scene, "check.sh", check);
}

inBothForms("S5 from %s", (form) => {
  test.concurrent("preempt on_failure: a healthy backup takes over, and keeps it", () =>
    inScene({ nodes: ["r1", "r2", "r3", "c"], addresses: [vip] }, async (scene) => {
      const bad = join(scene.directory, "bad");
      const routers = await start(scene, form, "on_failure", script(scene, "check.sh", `[ ! -e ${bad} ]`));
      const client = await scene.client(`http://${vip}/`);
      await client.served("r1");
      writeFileSync(bad, "");
      const holder = await taker(scene);
      await client.served(holder);
      await routers.r1.heard(holder === "r2" ? 180 : 60);
      rmSync(bad);
      await staysBackup(scene, routers, holder);
      await routers[holder].stop();
      await scene.holds("r1");
      await client.served("r1");
      expectServed(scene, vip, await client.stop(), ["r1", holder]);
    }));

  test("nopreempt with a weight: never moves, and that is said", async () => {
    const said = await validate(threeNodes(200, "/bin/true", "never"), form);
    expect(said).toContain("[nopreempt-with-weight]");
    expect(said).toContain("preempt on_failure");
  });

  test.concurrent("the workaround: a script drops the node's own adverts with a packet filter", () =>
    inScene({ nodes: ["r1", "r2", "r3", "c"], addresses: [vip] }, async (scene) => {
      const bad = join(scene.directory, "bad");
      const routers = await start(scene, form, "never", silencer(scene, bad));
      const { r1 } = routers;
      const client = await scene.client(`http://${vip}/`);
      await client.served("r1");
      writeFileSync(bad, "");
      await r1.daemon.logged(/adverts cannot be sent: EPERM \(a packet filter drops them/);
      const holder = await taker(scene);
      await client.served(holder);
      await until("failed sends are counted", async () => ((await r1.instance()).counters.send_errors ?? 0) > 0);
      rmSync(bad);
      await staysBackup(scene, routers, holder);
      expectServed(scene, vip, await client.stop(), ["r1", holder]);
    }));

  test.concurrent("the workaround without a weight: the failed check is a fault, too", () =>
    inScene({ nodes: ["r1", "r2", "r3"], addresses: [vip] }, async (scene) => {
      const bad = join(scene.directory, "bad");
      const routers = await start(scene, form, "never", silencer(scene, bad), null);
      const { r1 } = routers;
      writeFileSync(bad, "");
      await r1.becomes("fault");
      // Nobody hears that it resigns.
      await r1.daemon.logged(/adverts cannot be sent: EPERM \(a packet filter drops them/);
      const holder = await taker(scene);
      rmSync(bad);
      await r1.becomes("backup");
      await staysBackup(scene, routers, holder);
    }));
});

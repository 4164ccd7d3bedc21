import { appendFileSync, chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { canMakeNamespaces } from "ipvs-netlink/testing";
import { describe, expect, test } from "vitest";
import { lbctl, until } from "../../e2e/lbctl.ts";
import { globals, instanceText } from "./instance-text.ts";
import { contentOf, type Form } from "./routers.ts";
import { inScene, type Scene } from "./scene.ts";

// What users of such a system build, with lbctl on every node, from a keepalived.conf and from YAML.

const vip = "192.0.2.50";
const forms: readonly Form[] = ["keepalived.conf", "yaml"];

/** An executable of its own; `text` is for /bin/sh. */
function script(scene: Scene, name: string, text: string): string {
  const file = join(scene.directory, name);
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o755);
  return file;
}

describe.skipIf(!canMakeNamespaces).each(forms)("from %s", { timeout: 120_000 }, (form) => {
  test.concurrent("a web pair: the master stops and comes back, and clients do not notice", () =>
    inScene({ nodes: ["r1", "r2", "c"], addresses: [vip] }, async (scene) => {
      await Promise.all([scene.nginx("r1"), scene.nginx("r2")]);
      const config = (priority: number, state: "MASTER" | "BACKUP") =>
        globals() + instanceText({ priority, state, lines: ["garp_master_delay 1"] });
      await scene.lbctl("r2", config(90, "BACKUP"), form);
      const first = await scene.lbctl("r1", config(100, "MASTER"), form);
      await scene.holds("r1");
      scene.watch.begin();
      const client = await scene.client(`http://${vip}/`);
      await sleep(500);
      await first.stop();
      await scene.holds("r2");
      await sleep(500);
      await scene.lbctl("r1", config(100, "MASTER"), form);
      await scene.holds("r1");
      await sleep(500);
      const { total, ok, byServer, failures } = await client.stop();
      expect(scene.watch.violations({ noneMs: 1_500, severalMs: 300 })).toEqual([]);
      expect(Object.keys(byServer).sort()).toEqual(["r1", "r2"]);
      // A connection that was open in the moment of a change ends there, for the other node does not know it.
      expect(failures.slice(2), `${ok} of ${total}`).toEqual([]);
    }));

  test.concurrent("both BACKUP with preempt_delay: the address stays until the delay is over", () =>
    inScene({ addresses: [vip] }, async (scene) => {
      const high = globals() + instanceText({ priority: 100, lines: ["preempt_delay 4"] });
      await scene.lbctl("r2", globals() + instanceText({ priority: 80 }), form);
      const first = await scene.lbctl("r1", high, form);
      await scene.holds("r1");
      await first.stop();
      await scene.holds("r2");
      scene.watch.begin();
      const startedMs = performance.now();
      const again = await scene.lbctl("r1", high, form);
      await sleep(2_000);
      expect((await again.instance()).state).toBe("backup");
      expect((await again.instance()).reason).toMatch(/preempt_delay|delay/);
      await scene.holds("r1");
      expect(performance.now() - startedMs).toBeGreaterThan(4_000);
      expect(scene.watch.violations({ noneMs: 300, severalMs: 300 })).toEqual([]);
    }));

  test.concurrent("nginx hot standby: two failures lower the priority, one success brings it back", () =>
    inScene({ nodes: ["r1", "r2", "c"], addresses: [vip] }, async (scene) => {
      const [, second] = await Promise.all([scene.nginx("r2"), scene.nginx("r1")]);
      const check = script(scene, "check.sh", `kill -0 $(cat ${second.pidFile})`);
      const checked = (weight: number) =>
        globals("script_user root", "enable_script_security") +
        [
          `vrrp_script chk_nginx {`,
          `  script "${check}"`,
          "  interval 1",
          `  weight ${weight}`,
          "  fall 2",
          "  rise 1",
          "}",
          "",
        ].join("\n") +
        instanceText({ priority: 101, lines: ["track_script {", "  chk_nginx", "}"] });
      const other = await scene.lbctl("r2", globals() + instanceText({ priority: 100 }), form);
      const ours = await scene.lbctl("r1", checked(-5), form);
      await scene.holds("r1");
      for (let nth = 0; nth < 2; nth++) {
        const server = nth === 0 ? second : await scene.nginx("r1");
        if (nth > 0) {
          await scene.holds("r1");
          expect((await ours.instance()).priority).toBe(101);
        }
        await server.stop();
        await scene.holds("r2");
        await ours.becomes("backup");
        expect(await ours.instance()).toMatchObject({
          priority: 96,
          base_priority: 101,
          contributions: [{ source: "script chk_nginx", weight: -5, active: true }],
        });
        await other.becomes("master");
      }
    }));

  test.concurrent("a check that is a shell pipeline", () =>
    inScene({ addresses: [vip] }, async (scene) => {
      const flag = join(scene.directory, "flag");
      writeFileSync(flag, "haproxy\n");
      const text =
        globals("script_user root") +
        `vrrp_script chk {\n  script "cat ${flag} | grep haproxy || exit 1"\n  interval 1\n  fall 1\n  rise 1\n}\n` +
        instanceText({ priority: 101, lines: ["track_script {", "  chk", "}"] });
      const ours = await scene.lbctl("r1", text, form);
      await scene.holds("r1");
      writeFileSync(flag, "nothing\n");
      await ours.becomes("fault");
      expect((await ours.instance()).reason).toContain("chk");
      appendFileSync(flag, "haproxy\n");
      await scene.holds("r1");
    }));

  test.concurrent("a check stops the daemon that runs it: the address is given back, the peer has it", () =>
    inScene({ addresses: [vip] }, async (scene) => {
      const pid = join(scene.directory, "lbctl-r1/run/lbctl.pid");
      const flag = join(scene.directory, "broken");
      const check = script(scene, "check.sh", `[ -e ${flag} ] || exit 0; kill $(cat ${pid}); sleep 30`);
      const text =
        globals("script_user root") +
        `vrrp_script chk {\n  script "${check}"\n  interval 1\n  weight -5\n}\n` +
        instanceText({ priority: 101, lines: ["track_script {", "  chk", "}"] });
      await scene.lbctl("r2", globals() + instanceText({ priority: 100 }), form);
      const ours = await scene.lbctl("r1", text, form);
      await scene.holds("r1");
      scene.watch.begin();
      writeFileSync(flag, "");
      await scene.holds("r2");
      expect((await ours.daemon.ended).status).toBe(0);
      expect(scene.watch.violations({ noneMs: 1_000, severalMs: 300 })).toEqual([]);
    }));

  test.concurrent("three nodes, no failback: preempt on_failure", () =>
    inScene({ nodes: ["r1", "r2", "r3"], addresses: [vip] }, async (scene) => {
      const flags = { r1: join(scene.directory, "r1-bad"), r2: join(scene.directory, "r2-bad") };
      const text = (priority: number, flag: string) =>
        globals("script_user root") +
        `vrrp_script chk {\n  script "${script(scene, `check${priority}.sh`, `[ ! -e ${flag} ]`)}"\n  interval 1\n  weight -50\n}\n` +
        instanceText({ priority, lines: ["preempt on_failure", "track_script {", "  chk", "}"] });
      const first = await scene.lbctl("r1", text(150, flags.r1), form);
      const second = await scene.lbctl("r2", text(140, flags.r2), form);
      await scene.lbctl("r3", text(130, join(scene.directory, "never")), form);
      await scene.holds("r1");
      // A moment in which all hear the master at its full priority.
      await sleep(1_000);
      scene.watch.begin();
      writeFileSync(flags.r1, "");
      await scene.holds("r2");
      rmSync(flags.r1);
      await until("its priority is back", async () => (await first.instance()).priority === 150);
      await sleep(1_500);
      expect(scene.watch.holders(vip)).toEqual(["r2"]);
      await first.becomes("backup");
      await second.stop();
      await scene.holds("r1");
      expect(scene.watch.violations({ noneMs: 1_500, severalMs: 300 })).toEqual([]);
    }));

  test.concurrent("active-active: each is master of one and backup of the other", () =>
    inScene({ addresses: [vip, "192.0.2.60"] }, async (scene) => {
      const text = (one: number, other: number) =>
        globals() +
        instanceText({ priority: one }) +
        instanceText({ name: "VI_2", virtualRouterId: 34, priority: other, addresses: ["192.0.2.60/24"] });
      const [first] = await Promise.all([
        scene.lbctl("r1", text(150, 100), form),
        scene.lbctl("r2", text(100, 150), form),
      ]);
      await scene.holds("r1", [vip]);
      await scene.holds("r2", ["192.0.2.60"]);
      scene.watch.begin();
      await first.stop();
      await scene.holds("r2");
      await scene.lbctl("r1", text(150, 100), form);
      await scene.holds("r1", [vip]);
      expect(scene.watch.holders("192.0.2.60")).toEqual(["r2"]);
      expect(scene.watch.violations({ noneMs: 1_500, severalMs: 300 })).toEqual([]);
    }));

  test.concurrent("a sync group moves as one", () =>
    inScene({ addresses: [vip, "198.51.100.50"] }, async (scene) => {
      const text = (priority: number) =>
        globals() +
        "vrrp_sync_group VG {\n  group {\n    outside\n    inside\n  }\n}\n" +
        instanceText({ name: "outside", priority }) +
        instanceText({
          name: "inside",
          priority,
          virtualRouterId: 52,
          interface: "eth1",
          addresses: ["198.51.100.50/24"],
        });
      await scene.lbctl("r2", text(100), form);
      const ours = await scene.lbctl("r1", text(150), form);
      await scene.holds("r1");
      scene.watch.begin();
      scene.node("r1").ip("link set eth1 down");
      await scene.holds("r2");
      await ours.becomes("fault", "outside");
      scene.node("r1").ip("link set eth1 up");
      await scene.holds("r1");
      expect(scene.watch.violations({ noneMs: 2_500, severalMs: 500 })).toEqual([]);
      expect(contentOf(ours.configFile)).toContain("inside");
    }));
});

test("a misspelt keyword of a check is told with what was meant", async () => {
  const directory = mkdtempSync(join(tmpdir(), "lbctl-vrrp-"));
  const file = join(directory, "keepalived.conf");
  writeFileSync(file, `vrrp_script chk {\n  script "/bin/true"\n  fail 1\n}\n${instanceText({ priority: 100 })}`);
  const { status, stdout, stderr } = await lbctl(["validate", "-f", file]);
  expect(status).not.toBe(0);
  expect(stdout + stderr).toMatch(/:3:3: .*fail[\s\S]*fall/);
  rmSync(directory, { recursive: true });
});

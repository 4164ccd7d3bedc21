import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { canMakeNamespaces } from "ipvs-netlink/testing";
import { describe, expect, test } from "vitest";
import { start, until } from "../../e2e/lbctl.ts";
import { globals, instanceText } from "./instance-text.ts";
import { contentOf } from "./routers.ts";
import { script } from "./scenarios/written.ts";
import { inScene } from "./scene.ts";

const vip = "192.0.2.50";

/** Takes connections and never says a word; for `node -e`. */
const silentServer = "require('net').createServer().listen(25, '127.0.0.1', () => console.log('ready'))";

describe.skipIf(!canMakeNamespaces)("scripts, FIFOs and mail servers of the worst kind", { timeout: 180_000 }, () => {
  test("do not keep a master from being master, nor from ending", () =>
    inScene({ addresses: [vip] }, async (scene) => {
      const silent = start(...scene.node("r1").inside(process.execPath, "-e", silentServer));
      scene.alongside({
        stop: async () => {
          silent.signal("SIGKILL");
          await silent.ended;
        },
      });
      await until("the silent server listens", () => silent.stdout().includes("ready"), silent.stderr);
      const fifo = join(scene.directory, "fifo");
      const calls = join(scene.directory, "calls");
      const hangs = script(scene, "hangs.sh", `echo hangs >>${calls}; trap '' TERM; sleep 600`);
      const prints = script(scene, "prints.sh", `echo prints >>${calls}; head -c 8000000 /dev/zero | tr '\\0' x`);
      const forks = script(
        scene,
        "forks.sh",
        `echo forks >>${calls}; for n in 1 2 3 4 5; do (sleep 20) & done; exit 0`,
      );
      const text =
        globals(
          ...["script_user root", "notify_script_timeout 2", `vrrp_notify_fifo ${fifo}`, "smtp_alert"],
          ...["notification_email {", "  ops@example.org", "}", "smtp_server 127.0.0.1 25", "smtp_connect_timeout 2"],
        ) +
        [
          ...["hangs", "prints", "forks"].flatMap((name) => [
            `vrrp_script ${name} {`,
            `  script "${{ hangs, prints, forks }[name as "hangs"]}"`,
            "  interval 1",
            "  timeout 1",
            "  weight 1",
            "  init_fail",
            "}",
          ]),
          "",
        ].join("\n") +
        instanceText({
          priority: 150,
          advertMs: 1_000,
          lines: [
            ...["track_script {", "  hangs", "  prints", "  forks", "}"],
            ...[`notify_backup "${hangs}"`, `notify_master "${prints}"`, `notify "${forks}"`],
          ],
        });
      const other = await scene.lbctl("r2", globals() + instanceText({ priority: 100, advertMs: 1_000 }));
      const ours = await scene.lbctl("r1", text);
      await scene.holds("r1");
      await other.becomes("backup");
      // The one that hangs is not good; the others are, whatever they print or leave behind.
      await until(
        "two checks are good",
        async () => (await ours.instance()).priority === 152,
        () => ours.log(),
      );
      await until("the scripts of the master have run", () => contentOf(calls).split("prints").length > 4);
      expect(statSync(fifo).isFIFO()).toBe(true);
      expect((await ours.instance()).state).toBe("master");
      expect(scene.watch.holders(vip)).toEqual(["r1"]);
      const startedMs = performance.now();
      await ours.stop();
      // Scripts that wait and mail have 5 s each.
      expect(performance.now() - startedMs).toBeLessThan(60_000);
      expect((await ours.daemon.ended).status).toBe(0);
      await scene.holds("r2");
      expect(existsSync(fifo)).toBe(false);
    }));

  test("a vrrp_script that does not exist: keepalived goes on without it, here it counts as failed", () =>
    inScene({ addresses: [vip] }, async (scene) => {
      const missing = [
        "vrrp_script check {",
        `  script "${join(scene.directory, "missing.sh")}"`,
        "  interval 1",
        "}",
        "",
      ];
      const text = (virtualRouterId: number, address: string) =>
        [globals("script_user root"), ...missing].join("\n") +
        instanceText({
          ...{ priority: 100, virtualRouterId, addresses: [address] },
          lines: ["track_script {", "  check", "}"],
        });
      const theirs = await scene.keepalived("r2", text(52, "192.0.2.60/24"));
      await theirs.becomes("MASTER");
      const ours = await scene.lbctl("r1", text(51, "192.0.2.50/24"));
      await ours.becomes("fault");
      expect((await ours.instance()).reason).toBe("script check is bad");
      expect(ours.log()).toMatch(/script-missing.*missing\.sh does not exist/);
    }));
});

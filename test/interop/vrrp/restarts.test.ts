import { setTimeout as sleep } from "node:timers/promises";
import { canMakeNamespaces } from "ipvs-netlink/testing";
import { describe, expect, test } from "vitest";
import { runs, until } from "../../e2e/lbctl.ts";
import { globals, instanceText } from "./instance-text.ts";
import { inScene, type Scene } from "./scene.ts";

// A director that ends and is started again at once, beside keepalived, which waits to take over.

const vip = "192.0.2.50";
const config = (priority: number) => globals() + instanceText({ priority });
const inPair = (play: (scene: Scene) => Promise<void>) => () => inScene({ addresses: [vip] }, play);

/** After so long without an advert keepalived takes over: three intervals of a second, and the skew. */
const peerWaitsMs = 3_600;
const serviceManager = ["env", "NOTIFY_SOCKET=@lbctl-nobody-listens"];

describe.skipIf(!canMakeNamespaces)("a restart", () => {
  test.concurrent(
    "-V leaves the addresses, as keepalived's does, and who is back in time is master all along",
    inPair(async (scene) => {
      const [flags, text] = [["-V"], config(150)];
      const first = await scene.lbctl("r1", text, undefined, { flags });
      await first.becomes("master");
      await scene.holds("r1");
      const theirs = await scene.keepalived("r2", config(100));
      await theirs.becomes("BACKUP");
      const heard = theirs.log().length;
      scene.watch.begin();
      const stoppedMs = performance.now();
      await first.stop();
      const again = await scene.lbctl("r1", text, undefined, { flags });
      const awayMs = performance.now() - stoppedMs;
      await again.becomes("master");
      await sleep(peerWaitsMs);
      await scene.holds("r1");
      // Where a process takes longer to start, or the machine stands still, its peer is right to take over.
      if (awayMs + scene.watch.stalledMs() > peerWaitsMs / 2) return;
      expect(scene.watch.violations({ noneMs: 0, severalMs: 0 })).toEqual([]);
      expect(theirs.log().slice(heard)).not.toContain("MASTER STATE");
      expect(again.log()).toContain("initialize -> master");
    }),
  );

  test.concurrent(
    "-V and a start that comes too late: the address is beside the peer's until then, as keepalived leaves it, and goes",
    inPair(async (scene) => {
      const flags = ["-V"];
      const text = globals() + instanceText({ priority: 150, lines: ["nopreempt"] });
      const first = await scene.lbctl("r1", text, undefined, { flags });
      await first.becomes("master");
      const theirs = await scene.keepalived("r2", config(100), { flags });
      await theirs.becomes("BACKUP");
      await first.stop();
      const both = () => scene.watch.holders(vip).join() === "r1,r2";
      await until("both have it", both, () => scene.describe());
      await theirs.becomes("MASTER");
      const again = await scene.lbctl("r1", text, undefined, { flags });
      await scene.holds("r2");
      await again.becomes("backup");
      await theirs.stop();
      await again.becomes("master");
      // Theirs stays as ours did.
      await until("both have it", both, () => scene.describe());
      await scene.keepalived("r2", config(100), { flags });
      await scene.holds("r1");
    }),
  );

  test.concurrent(
    "a service manager starts the supervisor again after SIGKILL: the address stays, and the peer hears nothing of it",
    inPair(async (scene) => {
      const options = { wrapper: serviceManager };
      const first = await scene.lbctl("r1", config(150), undefined, options);
      await first.becomes("master");
      const theirs = await scene.keepalived("r2", config(100));
      await theirs.becomes("BACKUP");
      const heard = theirs.log().length;
      const vrrp = first.vrrpPid();
      scene.watch.begin();
      const killedMs = performance.now();
      process.kill(first.daemon.pid, "SIGKILL");
      const again = await scene.lbctl("r1", config(150), undefined, options);
      const awayMs = performance.now() - killedMs;
      await again.becomes("master");
      await until("the one before ends", () => !runs(vrrp));
      await sleep(peerWaitsMs);
      await scene.holds("r1");
      // It waits for half a minute.
      if (awayMs + scene.watch.stalledMs() > 25_000) return;
      expect(scene.watch.violations({ noneMs: 0, severalMs: 0 })).toEqual([]);
      expect(theirs.log().slice(heard)).not.toContain("MASTER STATE");
      expect(again.log()).toContain("initialize -> master");
    }),
  );

  test.concurrent(
    "started again with another address in the file, and a new member in its sync group: the old one goes, the group stays master",
    inPair(async (scene) => {
      const options = { wrapper: serviceManager };
      const other = "192.0.2.51";
      const group = (names: string) => `vrrp_sync_group VG {\n  group {\n${names}\n  }\n}\n`;
      const before = config(150) + group("VI_1");
      const joined = instanceText({ name: "VI_0", priority: 150, virtualRouterId: 52, addresses: ["192.0.2.52/24"] });
      const after = joined + before.replaceAll(vip, other).replace("VI_1\n  }", "VI_0\nVI_1\n  }");
      const first = await scene.lbctl("r1", before, undefined, options);
      await first.becomes("master");
      process.kill(first.daemon.pid, "SIGKILL");
      const killedMs = performance.now();
      const again = await scene.lbctl("r1", after, undefined, options);
      for (const name of ["VI_0", "VI_1"]) await again.becomes("master", name);
      const wasSoon = performance.now() - killedMs + scene.watch.stalledMs() < 25_000;
      if (wasSoon) expect((await again.instance("VI_0")).reason).toContain("new in sync group VG, which is master");
      const addresses = () => scene.node("r1").run("ip", "-4", "-o", "address", "show");
      await until(
        "it has the new address alone",
        () => addresses().includes(other) && !addresses().includes(`${vip}/`),
      );
    }),
  );

  test.concurrent(
    "a service manager does not start the supervisor again: its VRRP process resigns, when told to at once",
    inPair(async (scene) => {
      const ours = await scene.lbctl("r1", config(150), undefined, { wrapper: serviceManager });
      await ours.becomes("master");
      const theirs = await scene.keepalived("r2", config(100));
      await theirs.becomes("BACKUP");
      const vrrp = ours.vrrpPid();
      process.kill(ours.daemon.pid, "SIGKILL");
      process.kill(vrrp, "SIGTERM");
      await scene.holds("r2");
      await until("it ends", () => !runs(vrrp));
    }),
  );
});

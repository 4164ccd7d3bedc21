import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { start as startProgram, until } from "../../../e2e/lbctl.ts";
import type { Node } from "../ethernet.ts";
import { contentOf } from "../routers.ts";
import { inScene, type Scene } from "../scene.ts";
import { expectServed, inBothForms, run, script, validate, type Written } from "./written.ts";

// S8, a sync group with scripts and mail; S12, vrrp_strict.

const outside = "192.0.2.50";
const inside = "198.51.100.50";
const states = ["master", "backup", "fault"] as const;

/** `told`: a script that is given what to write down in front of what it is told. */
const group = (router: string, priority: number, told: string): Written => ({
  "keepalived.conf": `global_defs {
    router_id ${router}
    vrrp_version 3
    script_user root
    notification_email {
        ops@example.org
    }
    notification_email_from ${router}@example.org
    smtp_server 127.0.0.1 25
}
vrrp_sync_group VG {
    group {
        outside
        inside
    }
    ${states.map((state) => `notify_${state} "${told} ${state}"`).join("\n    ")}
    notify "${told} any"
    smtp_alert
}
vrrp_instance outside {
    interface eth0
    virtual_router_id 51
    priority ${priority}
    advert_int 1
    virtual_ipaddress {
        ${outside}/24
    }
}
vrrp_instance inside {
    interface eth1
    virtual_router_id 52
    priority ${priority}
    advert_int 1
    virtual_ipaddress {
        ${inside}/24
    }
}
`,
  yaml: `global_defs:
  router_id: ${router}
  vrrp_version: 3
  script_user: root
  notification_email: [ops@example.org]
  notification_email_from: ${router}@example.org
  smtp_server: 127.0.0.1 25
vrrp_sync_group:
  - name: VG
    group: [outside, inside]
    ${states.map((state) => `notify_${state}: ${told} ${state}`).join("\n    ")}
    notify: ${told} any
    smtp_alert: true
vrrp_instance:
  - name: outside
    interface: eth0
    virtual_router_id: 51
    priority: ${priority}
    advert_int: 1
    virtual_ipaddress: [${outside}/24]
  - name: inside
    interface: eth1
    virtual_router_id: 52
    priority: ${priority}
    advert_int: 1
    virtual_ipaddress: [${inside}/24]
`,
});

const strict = (isStrict: boolean): Written => ({
  "keepalived.conf": `global_defs {
    router_id LVS_DEVEL
    ${isStrict ? "vrrp_strict" : "! vrrp_strict"}
}
vrrp_instance VI_1 {
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority 100
    advert_int 1
    virtual_ipaddress {
        ${outside}/24
    }
}
`,
  yaml: `global_defs: { router_id: LVS_DEVEL${isStrict ? ", vrrp_strict: true" : ""} }
vrrp_instance:
  - name: VI_1
    state: BACKUP
    interface: eth0
    virtual_router_id: 51
    priority: 100
    advert_int: 1
    virtual_ipaddress: [${outside}/24]
`,
});

const mailServer = join(import.meta.dirname, "../../../e2e/mail-server.py");

/** A mail server on the node itself, as a relay would be; answers the file that it writes mails to. */
async function mailRelay(scene: Scene, node: Node): Promise<string> {
  const file = join(scene.directory, `${node.name}-mails`);
  const server = startProgram(...node.inside("/usr/bin/python3", mailServer, "25", file));
  scene.alongside({
    stop: async () => {
      server.signal("SIGTERM");
      await server.ended;
    },
  });
  await until("the mail server listens", () => server.stdout().includes("ready"), server.stderr);
  return file;
}

inBothForms("from %s", (form) => {
  test.concurrent("S8: a sync group moves as one; scripts and mail tell of it", () =>
    inScene({ nodes: ["r1", "r2", "c"], addresses: [outside, inside] }, async (scene) => {
      const r1 = scene.node("r1");
      await Promise.all([scene.nginx("r1"), scene.nginx("r2")]);
      const mails = await mailRelay(scene, r1);
      const calls = join(scene.directory, "calls");
      const note = script(scene, "note.sh", `echo "$*" >>${calls}`);
      await run(scene, "r2", group("lb2", 100, script(scene, "nothing.sh", "exit 0")), form);
      const ours = await run(scene, "r1", group("lb1", 150, note), form);
      await scene.holds("r1");
      const client = await scene.client(`http://${outside}/`);
      await client.served("r1");
      r1.ip("link set eth1 down");
      await scene.holds("r2");
      await Promise.all([ours.becomes("fault", "outside"), ours.becomes("fault", "inside")]);
      await client.served("r2");
      r1.ip("link set eth1 up");
      await scene.holds("r1");
      await client.served("r1");
      expectServed(scene, outside, await client.stop(), ["r1", "r2"]);
      const expected = ["BACKUP", "MASTER", "FAULT", "BACKUP", "MASTER"];
      const seen = () =>
        contentOf(calls)
          .split("\n")
          .filter((line) => line.startsWith("any"));
      await until(
        "the scripts have heard it",
        () => seen().length >= expected.length,
        () => contentOf(calls),
      );
      expect(contentOf(calls).trim().split("\n")).toEqual(
        expected.flatMap((state) => [state.toLowerCase(), `any GROUP VG ${state} 0`]),
      );
      const subjects = () => [...contentOf(mails).matchAll(/^Subject: (.*)$/gm)].map(([, subject]) => subject?.trim());
      const ofGroup = (state: string) => `[lb1] VRRP Group VG - Entering ${state} state`;
      const wanted = ["MASTER", "FAULT", "BACKUP"].map(ofGroup);
      await until(
        "mail has come",
        () => wanted.every((subject) => subjects().includes(subject)),
        () => contentOf(mails),
      );
      expect(contentOf(mails)).toContain("FROM lb1@example.org\nTO ops@example.org");
      expect(subjects().filter((subject) => subject === ofGroup("FAULT"))).toHaveLength(1);
    }));

  test.concurrent("S12: in strict mode the address cannot be pinged, which is explained; without it can", () =>
    inScene({ nodes: ["r1", "c"], addresses: [outside] }, async (scene) => {
      await scene.nginx("r1");
      const [r1, c] = [scene.node("r1"), scene.node("c")];
      const asks = (...words: readonly string[]) =>
        startProgram(...c.inside(...words)).ended.then(({ status }) => status);
      const answers = async () => [
        await asks("busybox", "ping", "-c", "1", "-W", "2", outside),
        await asks("curl", "-sf", "-m", "2", `http://${outside}/`),
      ];
      const ours = await run(scene, "r1", strict(true), form);
      await scene.holds("r1");
      expect(await answers()).not.toContain(0);
      const rules = r1.run("nft", "list", "table", "ip", "lbctl");
      expect(rules).toContain(outside);
      expect(rules).toContain("drop");
      expect(ours.log()).toMatch(/strict-unreachable\]: .*/);
      const said = await validate(strict(true), form);
      expect(said).toMatch(/strict-unreachable/);
      expect(said).toMatch(/ping/);
      await ours.reload(strict(false)[form]);
      await until("the address answers", async () => (await answers()).every((status) => status === 0));
      expect(await validate(strict(false), form)).not.toMatch(/strict/);
      await ours.stop();
      expect(() => r1.run("nft", "list", "table", "ip", "lbctl")).toThrow();
      expect(existsSync(join(ours.runDir, "control.sock"))).toBe(false);
    }));
});

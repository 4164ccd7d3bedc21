import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Daemon, type DirectorNode, directorNode } from "./lbctl.ts";
import { startRealServers } from "./real-servers.ts";
import { back, buildTopology, front, type RealServerName, vips } from "./topology.ts";
import { bootGuest, type Guest } from "./uml/guest.ts";
import { checkTiming, virtualServer } from "./virtual-server.ts";

const { delay_loop, retry, delay_before_retry, connect_timeout, warmup } = checkTiming;
const names: readonly RealServerName[] = ["r1", "r2", "r3"];

/** The same services as `virtualServer` writes in YAML, with everything that the language of keepalived.conf offers. */
const checker = `# Included: the template of a real server.
$REAL_SERVER= \\
  real_server \${ADDRESS} 80 { \\
    weight 1 \\
    HTTP_GET { \\
      url { \\
        path /index.html \\
        status_code 200 \\
      } \\
      connect_timeout ${connect_timeout} \\
      retry ${retry} \\
      delay_before_retry ${delay_before_retry} \\
      warmup ${warmup} \\
    } \\
  }
`;
const keepalivedConf = `! Web hot standby: direct routing and NAT
include templates/*.inc
$NETWORK=${back("r1").v4.replace(/\.\d+$/, "")}
global_defs {
  router_id lb1
}
virtual_server ${vips.nat.v4} 80
{
  protocol TCP
  lb_algo rr
  lb_kind NAT
  delay_loop ${delay_loop}
  ~LST(HOST, ${names.map((name) => back(name).v4.split(".").at(-1)).join(", ")}) $REAL_NAT
}
virtual_server ${vips.dr.v4} 80 {
  protocol TCP
  lvs_sched rr
  lvs_method DR
  delay_loop ${delay_loop}
  ~LST(ADDRESS, ${names.map((name) => front(name).v4).join(", ")}) $REAL_SERVER
  @main sorry_server ${front("r1").v4} 80
  @^main lvs_sched wrr
}
`;

const natServer = `$REAL_NAT= \\
  $ADDRESS=\${NETWORK}.\${HOST} \\
  $REAL_SERVER
`;

let guest: Guest;
let node: DirectorNode;
let daemon: Daemon;
let file: string;

beforeAll(async () => {
  guest = await bootGuest();
  await buildTopology(guest);
  await startRealServers(guest, names);
  node = directorNode(guest, "d1");
  file = join(guest.sharedDir, "lb.conf");
  await guest.sh(`mkdir -p ${join(guest.sharedDir, "templates")}`);
  writeFileSync(join(guest.sharedDir, "templates/server.inc"), checker);
  writeFileSync(join(guest.sharedDir, "templates/server-nat.inc"), natServer);
  writeFileSync(file, keepalivedConf);
  daemon = await node.start("-f", file, "-i", "main");
});
afterAll(() => guest?.close());

const sorted = (output: string) => output.trim().split("\n").sort();

describe("lbctl run -f lb.conf", () => {
  test.each(["nat", "dr"] as const)("%s: requests reach every real server", async (method) => {
    const url = `http://${vips[method].v4}/index.html`;
    const get = `curl -gsS -m 5 -H "Connection: close" ${url} ${url} ${url}`;
    expect(sorted(await guest.sh(get, { namespace: "c" }))).toEqual(names);
  });

  test("plan finds nothing to do, reload applies what was edited, a broken file is refused with its place", async () => {
    const planned = await node.lbctl("plan", "-f", file, "--json");
    expect(JSON.parse(planned.stdout)).toMatchObject({ operations: [] });
    writeFileSync(file, keepalivedConf.replace("lb_algo rr", "lb_algo wrr"));
    const reloaded = await node.lbctl("reload", "--json");
    expect(JSON.parse(reloaded.stdout)).toMatchObject({ generation: 2, operations: { "set-service": 1 } });
    writeFileSync(file, keepalivedConf.replace("lb_kind NAT", "lb_kind NAT {"));
    const refused = await node.lbctl("reload");
    expect(refused.status).toBe(3);
    expect(refused.stderr).toContain(`${file}:11:3: error[unclosed-block]: the block of lb_kind is never closed`);
    writeFileSync(file, keepalivedConf);
    expect((await node.lbctl("reload")).status).toBe(0);
  });

  test("the table is that of the same services in YAML", async () => {
    const table = await node.table();
    await daemon.stop();
    const sorry_server = { address: front("r1").v4, port: 80 };
    node.configure({ virtual_server: [virtualServer("NAT", "v4"), virtualServer("DR", "v4", { sorry_server })] });
    daemon = await node.start();
    expect(table).toEqual(await node.table());
    expect(table).toHaveLength(8);
  });
});

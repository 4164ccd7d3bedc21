import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { canMakeNamespaces, makeNamespace } from "ipvs-netlink/testing";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { freePort } from "../../src/demo/free-port.ts";
import { childrenOf, Daemon, DirectorNode, program, start, until } from "./lbctl.ts";
import { virtualServer } from "./virtual-server.ts";
import { ask, WebServer } from "./web-servers.ts";

const node = new DirectorNode();
let web: WebServer;
let daemon: Daemon;
let port: number;

/** Port 0: the kernel chooses, and the log says which. */
const listensOn = /metrics and the status page are served on (http:\/\/127\.0\.0\.1:\d+)\//g;
const urls = () => [...daemon.log().matchAll(listensOn)].map(([, url]) => url ?? "");
const get = (path: string) => fetch(`${urls().at(-1)}${path}`);

async function metric(name: string): Promise<number | undefined> {
  const line = (await (await get("/metrics")).text()).split("\n").find((each) => each.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.split(" ").at(-1));
}

const becomes = (name: string, value: number) => {
  let last: unknown;
  return until(
    `${name} is ${value}`,
    async () => {
      last = await metric(name).catch(String);
      return last === value;
    },
    () => `${last}\n${daemon.log()}`,
  );
};

const configure = (metrics: object) =>
  node.configure({ global_defs: metrics, virtual_server: [virtualServer("web", port, [web])] });

const webProcess = () =>
  childrenOf(daemon.pid).find((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith("lbctl: web"));

const isRoot = process.getuid?.() === 0;
const ids = (id: number | undefined) => Array(4).fill(id).join("\t");
const ownIds = ids(process.getuid?.());
const noRights = { CapPrm: "0000000000000000", CapEff: "0000000000000000", NoNewPrivs: "1" };
/** What proc(5) says of the main thread, and of the others, where they are otherwise. */
const nobody = [{ ...noRights, Uid: ids(65_534), Gid: ids(65_534), Groups: "" }];

function rightsOf(pid: number): Record<string, string>[] {
  const threads = isRoot ? readdirSync(`/proc/${pid}/task`) : [pid];
  const rights = threads.map((thread) => {
    const text = readFileSync(`/proc/${pid}/task/${thread}/status`, "utf8");
    const lines = [...text.matchAll(/^(Uid|Gid|Groups|CapPrm|CapEff):\t(.*)$/gm)];
    const main = readFileSync(`/proc/${pid}/status`, "utf8");
    const noNew = /^NoNewPrivs:\t(.*)$/m.exec(main)?.[1] ?? "";
    return { ...Object.fromEntries(lines.map(([, name, value]) => [name, value?.trim()])), NoNewPrivs: noNew };
  });
  return [...new Map(rights.map((each) => [JSON.stringify(each), each])).values()];
}

beforeAll(async () => {
  web = await WebServer.start("web");
  port = await freePort();
  configure({ metrics_address: 0 });
  daemon = await node.start();
  await until(
    "it listens",
    () => urls().length === 1,
    () => daemon.log(),
  );
});
afterAll(async () => {
  await node.close();
  await web?.stop();
});

describe("metrics and the status page", () => {
  test("follow what happens: a server's end, traffic, an operator, a refused reload", async () => {
    const of = `{virtual_server="web",real_server="127.0.0.1:${web.port}"}`;
    await becomes(`lbctl_real_server_up${of}`, 1);
    expect(await ask(port)).toBe("web");
    await becomes('lbctl_virtual_server_connections_total{virtual_server="web"}', 1);
    await node.lbctl("drain", `127.0.0.1:${web.port}`);
    await becomes(`lbctl_real_server_enabled${of}`, 0);
    await becomes('lbctl_overrides{kind="drained"}', 1);
    await node.lbctl("undrain", `127.0.0.1:${web.port}`);
    await web.stop();
    await becomes(
      `lbctl_real_server_last_error{virtual_server="web",real_server="127.0.0.1:${web.port}",class="refused"}`,
      1,
    );
    await becomes('lbctl_virtual_server_up{virtual_server="web"}', 0);
    await web.resume();
    await becomes('lbctl_virtual_server_up{virtual_server="web"}', 1);
    configure({ metrics_address: "nowhere" });
    await node.lbctl("reload");
    await becomes('lbctl_reloads_total{result="refused"}', 1);
    await becomes("lbctl_last_reload_successful", 0);
    const page = (await (await get("/page.json")).json()) as {
      notices: readonly { text: string }[];
      events: unknown[];
    };
    expect(page.notices.map(({ text }) => text).join()).toContain("The configuration on disk was refused");
    expect(page.events.length).toBeGreaterThan(2);
  });

  test("their process has nothing that could be changed with it, and its end is nobody else's", async () => {
    const processes = (await (await get("/metrics")).text()).match(
      /lbctl_process_resident_memory_bytes\{process="\w+"/g,
    );
    expect(processes).toHaveLength(childrenOf(daemon.pid).length + 1);
    const before = webProcess() ?? 0;
    expect(rightsOf(before)).toEqual(isRoot ? nobody : [expect.objectContaining({ ...noRights, Uid: ownIds })]);
    const fds = (await (await get("/metrics")).text()).match(/lbctl_process_open_fds\{process="\w+"\} [1-9]/g);
    expect(fds).toHaveLength(processes?.length ?? 0);
    // Its niceness, proc(5).
    expect(readFileSync(`/proc/${before}/stat`, "utf8").split(") ")[1]?.split(" ")[16]).toBe("10");
    process.kill(before, "SIGKILL");
    await until(
      "it listens again",
      () => urls().length === 2,
      () => daemon.log(),
    );
    await becomes('lbctl_process_restarts_total{process="web"}', 1);
    await becomes('lbctl_process_restarts_total{process="dataplane"}', 0);
    await becomes('lbctl_process_up{process="dataplane"}', 1);
    await becomes('lbctl_virtual_server_up{virtual_server="web"}', 1);
    expect((await get("/healthz")).status).toBe(200);
    expect(await ask(port)).toBe("web");
  });

  test("a scrape asks the checks for nothing", async () => {
    const checker = daemon.child("checker");
    process.kill(checker, "SIGSTOP");
    try {
      const scraped = await get("/metrics");
      expect(scraped.status).toBe(200);
      const wanted = `lbctl_real_server_up{virtual_server="web",real_server="127.0.0.1:${web.port}"} 1`;
      expect(await scraped.text()).toContain(wanted);
    } finally {
      process.kill(checker, "SIGCONT");
    }
    await becomes('lbctl_virtual_server_up{virtual_server="web"}', 1);
  });

  // No scrape takes longer than one that never ends: both processes that work on it stand still.
  test("checks go on, and what they find is carried out, while a scrape is under way", async () => {
    const scraping = [daemon.pid, daemon.child("web")];
    for (const pid of scraping) process.kill(pid, "SIGSTOP");
    const scrape = get("/metrics");
    scrape.catch(() => {});
    try {
      const before = web.asked;
      await until("it is checked again and again", () => web.asked >= before + 3);
      web.answerWith(503);
      await until("nobody is sent there", async () => (await ask(port).catch(() => null)) === null);
      web.answerWith(200);
      await until("it has its place again", async () => (await ask(port).catch(() => null)) === "web");
    } finally {
      web.answerWith(200);
      for (const pid of scraping) process.kill(pid, "SIGCONT");
    }
    // Whoever waited gets an answer or is told to ask again.
    await scrape.catch(() => {});
    await becomes('lbctl_virtual_server_up{virtual_server="web"}', 1);
  });

  test("a reload moves them, and one that names no address ends them", async () => {
    const other = await freePort();
    configure({ metrics_address: `127.0.0.1:${other}` });
    expect(await node.lbctl("reload")).toMatchObject({ status: 0 });
    await until(
      "it listens there",
      () => urls().at(-1) === `http://127.0.0.1:${other}`,
      () => daemon.log(),
    );
    await becomes("lbctl_configuration_generation", 2);
    configure({});
    expect(await node.lbctl("reload")).toMatchObject({ status: 0 });
    await until("there is no web process", () => webProcess() === undefined);
    await expect(fetch(`http://127.0.0.1:${other}/`)).rejects.toThrow();
  });

  test("a port that is taken is an error in the log, and nothing else suffers", async () => {
    const squatter = createServer((_, response) => response.end("me"));
    await new Promise<void>((resolve) => squatter.listen(0, "127.0.0.1", resolve));
    const { port: taken } = squatter.address() as { port: number };
    configure({ metrics_address: taken });
    expect(await node.lbctl("reload")).toMatchObject({ status: 0 });
    await daemon.logged(
      /error .*cannot serve metrics and the status page on 127\.0\.0\.1:\d+: another program listens/,
    );
    expect(await ask(port)).toBe("web");
    await new Promise((resolve) => squatter.close(resolve));
  });

  test.skipIf(!canMakeNamespaces)("ports below 1024 are had by nobody, one after the other", async () => {
    const [namespace, other] = [makeNamespace(), new DirectorNode()];
    onTestFinished(async () => {
      await other.close();
      namespace.delete();
    });
    other.configure({ global_defs: { metrics_address: 80 } });
    const words = [program, "run", "-f", other.configFile, "--run-dir", other.runDir, "--log", "console"];
    const inside = start("ip", ["netns", "exec", namespace.name, ...words]);
    const director = new Daemon(inside);
    onTestFinished(() => director.kill());
    await director.logged(/served on http:\/\/127\.0\.0\.1:80\//);
    expect(rightsOf(director.child("web"))).toEqual(nobody);
    other.configure({ global_defs: { metrics_address: 81 } });
    director.signal("SIGHUP");
    await director.logged(/served on http:\/\/127\.0\.0\.1:81\//);
    expect(rightsOf(director.child("web"))).toEqual(nobody);
  });

  test("what is no address is said with a hint before anything starts", async () => {
    const ended = await node.lbctl("run", "-f", node.configFile, "--metrics-address", "localhost:1");
    expect(ended).toMatchObject({ status: 2, stderr: expect.stringContaining("host names are not resolved") });
  });
});

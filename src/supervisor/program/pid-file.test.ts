import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { AlreadyRunning, claimPidFile, namespaceOfDirector } from "./pid-file.ts";
import { networkNamespace } from "./run-dir.ts";

const directory = mkdtempSync(join(tmpdir(), "lbctl-pid-"));
const path = join(directory, "lbctl.pid");
const children: ChildProcess[] = [];
let stale: string[] = [];

beforeEach(() => {
  stale = [];
  rmSync(path, { force: true });
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill("SIGKILL");
    await once(child, "exit");
  }
});
afterAll(() => rmSync(directory, { recursive: true }));

const claim = () => claimPidFile(path, (why) => stale.push(why));

/** A process that calls itself so, and lives until the test ends. */
async function processCalled(name: string, ...wrapper: readonly string[]): Promise<number> {
  const script = `require("fs").writeFileSync("/proc/self/comm", "${name}"); console.log(process.pid); setInterval(() => {}, 1e6)`;
  const [file = "", ...words] = [...wrapper, process.execPath, "-e", script];
  const child = spawn(file, words, { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  const [pid] = await once(child.stdout ?? child, "data");
  return Number(String(pid));
}

describe("namespaceOfDirector", () => {
  test("is that of the process in the file, as long as it is an lbctl", async () => {
    expect(namespaceOfDirector(path)).toBeNull();
    const pid = await processCalled("lbctl");
    writeFileSync(path, `${pid}\n`);
    expect(namespaceOfDirector(path)).toBe(networkNamespace());
    const other = await processCalled("sleepy");
    writeFileSync(path, `${other}\n`);
    expect(namespaceOfDirector(path)).toBeNull();
    writeFileSync(path, "nonsense");
    expect(namespaceOfDirector(path)).toBeNull();
  });
});

describe("claimPidFile", () => {
  test("writes our process id for everybody to read, and takes it away again", async () => {
    const { release } = await claim();
    expect(readFileSync(path, "utf8")).toBe(`${process.pid}\n`);
    expect(statSync(path).mode & 0o777).toBe(0o644);
    release();
    expect(existsSync(path)).toBe(false);
    expect(stale).toEqual([]);
  });

  test("an lbctl that lives in this network namespace is not pushed aside", async () => {
    const pid = await processCalled("lbctl");
    writeFileSync(path, `${pid}\n`);
    const error = await claim().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(AlreadyRunning);
    expect(error).toMatchObject({ pid, message: `lbctl already runs as process ${pid} (pid file ${path})` });
    expect(readFileSync(path, "utf8")).toBe(`${pid}\n`);
  });

  test("a process that is gone", async () => {
    const pid = await processCalled("lbctl");
    children[0]?.kill("SIGKILL");
    await once(children[0] ?? process, "exit");
    writeFileSync(path, `${pid}\n`);
    await claim();
    expect(stale).toEqual([`process ${pid} is gone`]);
    expect(readFileSync(path, "utf8")).toBe(`${process.pid}\n`);
  });

  test("another program that was given the number since", async () => {
    const pid = await processCalled("sleepy");
    writeFileSync(path, `${pid}\n`);
    await claim();
    expect(stale).toEqual([`process ${pid} is "sleepy", not lbctl`]);
  });

  test.skipIf(process.getuid?.() !== 0)("an lbctl of another network namespace (needs root)", async () => {
    const pid = await processCalled("lbctl", "unshare", "--net");
    writeFileSync(path, `${pid}\n`);
    await claim();
    expect(stale).toEqual([`process ${pid} is the lbctl of another network namespace`]);
  });

  test.each(["", "hello", "-1", "0", "99999999999999999999"])("a file that says %j names nobody", async (content) => {
    writeFileSync(path, content);
    await claim();
    expect(readFileSync(path, "utf8")).toBe(`${process.pid}\n`);
    expect(stale).toEqual([]);
  });

  test("our own number, as after a crash in a container where we are always process 1", async () => {
    writeFileSync(path, `${process.pid}\n`);
    await claim();
    expect(stale).toEqual([]);
  });

  test("a successor's file is not taken away", async () => {
    const { release } = await claim();
    writeFileSync(path, "123456\n");
    release();
    expect(readFileSync(path, "utf8")).toBe("123456\n");
    rmSync(path);
    release();
  });

  test("a directory that is not there is an error of the system", async () => {
    await expect(claimPidFile(join(directory, "absent", "lbctl.pid"), () => {})).rejects.toThrow("ENOENT");
  });
});

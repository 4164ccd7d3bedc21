import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Program, runProgram } from "./program.ts";

let directory = "";
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "lbctl-program-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function shell(text: string, rest: Partial<Program> = {}) {
  const argv = ["/bin/sh", "-c", text] as const;
  return runProgram({ argv, environment: { PATH: "/usr/bin:/bin" }, credentials: null, timeoutMs: 60_000, ...rest });
}

function isAlive(pid: number): boolean {
  // A zombie that its new parent has not reaped yet is dead.
  try {
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, "latin1"));
  } catch {
    return false;
  }
}

function isPipe(fd: string): boolean {
  try {
    return /^(pipe:|socket:|anon_inode:\[pidfd)/.test(readlinkSync(`/proc/self/fd/${fd}`));
  } catch {
    return false;
  }
}

describe("runProgram", () => {
  test("exit status, both outputs, exactly the environment that it was given", async () => {
    const { end, output, tookMs } = await shell("echo out; echo err >&2; env; exit 3", { environment: { A: "b c" } });
    expect(end).toEqual({ kind: "exited", status: 3 });
    expect(output.split("\n")).toEqual(expect.arrayContaining(["out", "err", "A=b c"]));
    expect(output).not.toContain("HOME=");
    expect(tookMs).toBeGreaterThan(0);
  });

  test("arguments arrive as they are", async () => {
    const argv = ["/usr/bin/printf", "%s|", "a b", "", "$HOME", "'\"", "é"] as const;
    const { output } = await runProgram({ argv, environment: {}, credentials: null, timeoutMs: 20_000 });
    expect(output).toBe("a b||$HOME|'\"|é|");
  });

  test("has no descriptor of ours, a session of its own, / as directory, and no more files than usual", async () => {
    const { output } = await shell('ls /proc/$$/fd; pwd; ulimit -n; cut -d" " -f5,6 /proc/$$/stat; echo $$; umask');
    const lines = output.trim().split("\n");
    expect(lines.slice(0, -5)).toEqual(["0", "1", "2"]);
    const [pwd, files, ids, pid, umask] = lines.slice(-5);
    expect([pwd, Number.parseInt(umask ?? "", 8), ids]).toEqual(["/", process.umask(), `${pid} ${pid}`]);
    expect(Number(files)).toBeLessThanOrEqual(1024);
  });

  test("one that may not be killed is waited for", async () => {
    const kill = vi.spyOn(process, "kill").mockImplementation(() => {
      throw Object.assign(new Error("kill EPERM"), { code: "EPERM" });
    });
    try {
      const { end } = await shell("sleep 1; exit 0", { timeoutMs: 100 });
      expect(end).toEqual({ kind: "timed_out", afterMs: 100 });
      expect(kill).toHaveBeenCalled();
    } finally {
      kill.mockRestore();
    }
  });

  test.runIf(process.getuid?.() === 0)("runs with the rights of somebody else, groups included", async () => {
    const credentials = { uid: 65534, gid: 65534, groups: [12, 34] };
    const { output } = await shell("id -u; id -g; id -G; grep CapEff /proc/self/status", { credentials });
    expect(output.trim().split("\n")).toEqual(["65534", "65534", "65534 12 34", "CapEff:\t0000000000000000"]);
  });

  test.each([
    ["/nonexistent/program", "ENOENT"],
    ["/etc/passwd", "EACCES"],
    ["/etc", "EACCES"],
  ])("%s cannot be started: %s", async (path, errno) => {
    const finished = await runProgram({ argv: [path], environment: {}, credentials: null, timeoutMs: 1_000 });
    expect(finished.end).toEqual({ kind: "not_started", errno });
  });

  test("the signal that ended it", async () =>
    expect((await shell("kill -USR1 $$")).end).toEqual({ kind: "killed", signal: "SIGUSR1" }));

  test("one that takes too long is ended, with what it started", async () => {
    const { end, output } = await shell("sleep 1000 & echo $!; wait", { timeoutMs: 3_000 });
    expect(end).toEqual({ kind: "timed_out", afterMs: 3_000 });
    expect(Number(output)).toBeGreaterThan(0);
    await expect.poll(() => isAlive(Number(output))).toBe(false);
  });

  test("one that will not end is killed", async () => {
    const { end, tookMs } = await shell("trap '' TERM; while :; do sleep 0.1; done", { timeoutMs: 1_000 });
    expect(end).toEqual({ kind: "timed_out", afterMs: 1_000 });
    expect(tookMs).toBeGreaterThan(2_000);
  });

  test("megabytes of output are read and forgotten", async () => {
    const { end, output } = await shell("head -c 20000000 /dev/zero | tr '\\0' x");
    expect(end).toEqual({ kind: "exited", status: 0 });
    expect(output).toBe("x".repeat(4_096));
  });

  test("what it leaves behind lives on and does not hold us up", async () => {
    const { end, output } = await shell("sleep 1000 & echo $!");
    expect(end).toEqual({ kind: "exited", status: 0 });
    expect(isAlive(Number(output))).toBe(true);
    process.kill(Number(output));
  });

  test("it goes on when nobody reads its output any more", async () => {
    const done = join(directory, "done");
    const script = join(directory, "script");
    writeFileSync(script, `#!/bin/sh\nkill -9 $1\nsleep 0.2\necho lost\necho lost\necho yes > ${done}\n`, {
      mode: 0o755,
    });
    // A parent that the script kills, as one that stops lbctl does.
    const parent = join(directory, "parent.ts");
    const program = JSON.stringify(join(import.meta.dirname, "program.ts"));
    writeFileSync(
      parent,
      `import { runProgram } from ${program};
       await runProgram({ argv: [${JSON.stringify(script)}, String(process.pid)], environment: { PATH: "/usr/bin:/bin" }, credentials: null, timeoutMs: 60_000 });`,
    );
    const end = await shell(`${process.execPath} ${parent}`);
    expect(end.end).toEqual({ kind: "exited", status: 137 });
    await expect.poll(() => readFileSync(done, "utf8")).toBe("yes\n");
  });

  test("many at once leave no process and no descriptor", async () => {
    // Those of a program: pipes. Whatever else this process opens meanwhile is not looked at.
    const pipes = () => readdirSync("/proc/self/fd").filter(isPipe).length;
    await shell("exit 0");
    const before = pipes();
    const all = await Promise.all(Array.from({ length: 100 }, (_, index) => shell(`exit ${index}`)));
    expect(all.map(({ end }) => end)).toEqual(all.map((_, status) => ({ kind: "exited", status })));
    const children = readFileSync(`/proc/self/task/${process.pid}/children`, "latin1").trim();
    for (const pid of children.split(" ").filter(Boolean)) expect(isAlive(Number(pid))).toBe(true);
    await expect.poll(pipes).toBeLessThanOrEqual(before);
  });
});

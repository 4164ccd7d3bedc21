import { mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { namedRunDirs, networkNamespace, runDir } from "./run-dir.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const inode = /\d+/.exec(readlinkSync("/proc/self/ns/net"))?.[0];
const as = (uid: number) => vi.spyOn(process, "getuid").mockReturnValue(uid);

describe("runDir", () => {
  test("has every file of a director", () => {
    expect(runDir("/x")).toEqual({
      path: "/x",
      controlSocket: "/x/control.sock",
      dataplaneSocket: "/x/dataplane.sock",
      pidFile: "/x/lbctl.pid",
    });
  });

  test("is of the network namespace; root's is below /run", () => {
    as(0);
    expect(runDir().path).toBe(`/run/lbctl/net-${inode}`);
  });

  test.each([
    ["/run/user/1000", "/run/user/1000/lbctl"],
    ["", "/tmp/lbctl-1000"],
    [undefined, "/tmp/lbctl-1000"],
  ])("of a user is in the session's directory (%s), or in one of its own", (session, base) => {
    as(1000);
    vi.stubEnv("XDG_RUNTIME_DIR", session);
    expect(runDir().path).toBe(`${base}/net-${inode}`);
  });
});

describe("namedRunDirs", () => {
  test("are the directories of instances, not those of namespaces, nor files", () => {
    const base = mkdtempSync(join(tmpdir(), "lbctl-run-"));
    try {
      for (const name of ["blue", "net-4026531840"]) mkdirSync(join(base, name));
      writeFileSync(join(base, "file"), "");
      expect(namedRunDirs(base)).toEqual([{ instance: "blue", dir: runDir(join(base, "blue")) }]);
      expect(namedRunDirs(join(base, "none"))).toEqual([]);
    } finally {
      rmSync(base, { recursive: true });
    }
  });
});

describe("networkNamespace", () => {
  test("of this process and of a given one", () => {
    expect(networkNamespace()).toBe(inode);
    expect(networkNamespace(process.pid)).toBe(inode);
  });

  test("of a process that is gone is not known", () => expect(networkNamespace(2 ** 22 + 1)).toBeNull());
});

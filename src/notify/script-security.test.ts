import { describe, expect, test } from "vitest";
import { checkScript, describeScriptProblem, type PathFact, type Runner } from "./script-security.ts";

const root: Runner = { uid: 0, gid: 0, groups: [] };
const alice: Runner = { uid: 1000, gid: 1000, groups: [44] };

function directory(path: string, rest: Partial<PathFact> = {}): PathFact {
  return { path, kind: "directory", uid: 0, gid: 0, mode: 0o755, ...rest };
}

function file(rest: Partial<PathFact> = {}): PathFact {
  return { path: "/opt/check", kind: "file", uid: 0, gid: 0, mode: 0o755, ...rest };
}

function problems(runner: Runner, ...facts: readonly PathFact[]): string[] {
  return checkScript([directory("/"), ...facts], runner).map(describeScriptProblem);
}

describe("checkScript", () => {
  test("nothing against a program of root in directories of root", () => {
    expect(problems(root, directory("/opt"), file())).toEqual([]);
    expect(problems(alice, directory("/opt"), file())).toEqual([]);
    expect(problems(root, directory("/tmp", { mode: 0o1777 }), file())).toEqual([]);
    expect(problems(root, file({ mode: 0o775 }))).toEqual([]);
  });

  test("names the part of the path, its owner and its mode, and the remedy", () => {
    expect(problems(root, directory("/opt", { uid: 1000 }), file({ mode: 0o777 }))).toEqual([
      "/opt can be written by user 1000 (owner 1000, group 0, mode 0755), who could replace the program: chown root /opt",
      "/opt/check can be written by everybody (owner 0, group 0, mode 0777), who could replace the program: chmod o-w /opt/check",
    ]);
    expect(problems(root, file({ gid: 50, mode: 0o775 }))).toEqual([
      "/opt/check can be written by group 50 (owner 0, group 50, mode 0775), who could replace the program: chmod g-w /opt/check",
    ]);
  });

  test("what a user owns may run as that user only", () => {
    expect(problems(alice, directory("/home/alice", { uid: 1000 }), file({ uid: 1000 }))).toEqual([]);
    expect(problems(root, directory("/home/alice", { uid: 1000 }), file())).toHaveLength(1);
  });

  test.each<[Runner, number, number, number, boolean]>([
    [root, 1, 1, 0o001, true],
    [root, 0, 0, 0o644, false],
    [alice, 1000, 0, 0o100, true],
    [alice, 1000, 0, 0o011, false],
    [alice, 0, 44, 0o710, true],
    [alice, 0, 1000, 0o701, false],
    [alice, 0, 0, 0o701, true],
    [alice, 0, 0, 0o710, false],
  ])("%j may execute what %i:%i has with mode %o: %s", (runner, uid, gid, mode, may) => {
    const found = checkScript([file({ uid, gid, mode })], runner).some(({ kind }) => kind === "not_executable");
    expect(found).toBe(!may);
  });

  test("one that is not there, or no file, is nothing else", () => {
    expect(problems(root, file({ kind: "missing" }))).toEqual(["/opt/check does not exist"]);
    expect(problems(root, directory("/opt", { mode: 0o777 }))).toEqual(["/opt is not a file"]);
  });
});

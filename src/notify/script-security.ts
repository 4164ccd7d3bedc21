/** What stat says of one part of a path, or that there is none. */
export interface PathFact {
  readonly path: string;
  readonly kind: "directory" | "file" | "other" | "missing";
  readonly uid: number;
  readonly gid: number;
  /** Permission bits, sticky bit included. */
  readonly mode: number;
}

export type ScriptProblem =
  | { readonly kind: "missing"; readonly path: string }
  | { readonly kind: "not_a_file"; readonly path: string }
  | { readonly kind: "not_executable"; readonly path: string; readonly uid: number; readonly mode: number }
  /** Somebody else could put another program there. */
  | { readonly kind: "writable_by_others"; readonly fact: PathFact; readonly by: "owner" | "group" | "everybody" };

/** Who a script is to run as. */
export interface Runner {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

/**
 * What speaks against running a program. `facts` are those of each part of its path, symbolic links followed, the root
 * first and the program last. Who owns a part or may write to it can decide what runs: they must be no more than root and, for a
 * script that runs as somebody else, that user.
 */
export function checkScript(facts: readonly PathFact[], runner: Runner): ScriptProblem[] {
  const missing = facts.find(({ kind }) => kind === "missing");
  if (missing !== undefined) return [{ kind: "missing", path: missing.path }];
  const program = facts.at(-1);
  if (program === undefined) return [];
  if (program.kind !== "file") return [{ kind: "not_a_file", path: program.path }];
  const problems: ScriptProblem[] = [];
  if (!mayExecute(program, runner)) {
    problems.push({ kind: "not_executable", path: program.path, uid: program.uid, mode: program.mode });
  }
  for (const fact of facts) {
    const by = writableBy(fact, runner.uid);
    if (by !== null) problems.push({ kind: "writable_by_others", fact, by });
  }
  return problems;
}

function mayExecute({ uid, gid, mode }: PathFact, runner: Runner): boolean {
  if (runner.uid === 0) return (mode & 0o111) !== 0;
  if (runner.uid === uid) return (mode & 0o100) !== 0;
  if (runner.gid === gid || runner.groups.includes(gid)) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
}

function writableBy({ kind, uid, gid, mode }: PathFact, runnerUid: number): "owner" | "group" | "everybody" | null {
  // In a sticky directory only the owner of a file may replace it.
  const sticky = kind === "directory" && (mode & 0o1000) !== 0;
  if ((mode & 0o002) !== 0 && !sticky) return "everybody";
  if ((mode & 0o020) !== 0 && gid !== 0 && !sticky) return "group";
  return uid === 0 || uid === runnerUid ? null : "owner";
}

/** The sentence for people: which part of the path, whose it is, its mode, and what to do. */
export function describeScriptProblem(problem: ScriptProblem): string {
  switch (problem.kind) {
    case "missing":
      return `${problem.path} does not exist`;
    case "not_a_file":
      return `${problem.path} is not a file`;
    case "not_executable":
      return `${problem.path} is not executable for the user it is to run as (owner ${problem.uid}, mode ${octal(problem.mode)}): chmod +x ${problem.path}`;
    case "writable_by_others": {
      const { path, uid, gid, mode } = problem.fact;
      const remedy = {
        owner: `chown root ${path}`,
        group: `chmod g-w ${path}`,
        everybody: `chmod o-w ${path}`,
      }[problem.by];
      const who = { owner: `user ${uid}`, group: `group ${gid}`, everybody: "everybody" }[problem.by];
      return `${path} can be written by ${who} (owner ${uid}, group ${gid}, mode ${octal(mode)}), who could replace the program: ${remedy}`;
    }
  }
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}

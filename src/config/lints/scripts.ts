import { checkScript, describeScriptProblem, type ScriptProblem } from "../../notify/script-security.ts";
import type { Problem } from "../expand/problem.ts";
import { quote } from "../quote.ts";
import type { HostFacts } from "./host-facts.ts";
import type { LintContext } from "./lint.ts";
import { leftToShell } from "./shell-syntax.ts";
import { defaultUsers, type PlacedScript, programOf, scriptsOf } from "./written-scripts.ts";

/** Command lines that will not do what they say. What is true of a program is said where it stands first. */
export function* scripts({ config, host }: LintContext): Iterable<Problem> {
  const said = new Set<string>();
  for (const placed of scriptsOf(config)) {
    for (const problem of [...shellProblems(placed), ...(host === null ? [] : programProblems(placed, host))]) {
      const identity = `${placed.command}\0${problem.code}\0${problem.message}`;
      if (said.has(identity)) continue;
      said.add(identity);
      yield { path: placed.path, word: 0, ...problem };
    }
  }
}

type Finding = Pick<Problem, "message" | "hint"> & { readonly code: Problem["code"] };

function shellProblems({ command }: PlacedScript): Finding[] {
  const left = leftToShell(command);
  if (left === null) return [];
  const message = `no shell reads this command line: the program gets ${quote(left)} as it stands`;
  return [{ code: "shell-syntax", message, hint: `for a shell: sh -c '...'; if it is meant so: quote it, '${left}'` }];
}

const codes = {
  missing: "script-missing",
  not_a_file: "script-not-executable",
  not_executable: "script-not-executable",
  writable_by_others: "script-writable",
} as const satisfies Record<ScriptProblem["kind"], Problem["code"]>;

function programProblems({ command, user }: PlacedScript, host: HostFacts): Finding[] {
  const program = programOf(command);
  const facts = program === null ? undefined : host.programs[program];
  if (program === null || facts === undefined) return [];
  if (facts === null) {
    const hint = "write its whole path, or install the package that has it";
    return [{ code: "script-missing", message: `no directory of the PATH has the program ${program}`, hint }];
  }
  const names = user === null ? defaultUsers : [user];
  const runner = names.map((name) => host.users[name]).find((each) => each != null);
  // That the user is missing is no fault of the program.
  if (runner === undefined) return [];
  return checkScript(facts, runner).map((problem) => {
    const [what = "", hint = null] = describeScriptProblem(problem).split(/: (?=ch)/);
    const path = problem.kind === "writable_by_others" ? problem.fact.path : problem.path;
    const message = path === program ? what : `${program}: ${what}`;
    return { code: codes[problem.kind], message, hint };
  });
}

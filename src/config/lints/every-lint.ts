import type { Problem } from "../expand/problem.ts";
import { hashSchedulers } from "./hash-schedulers.ts";
import type { Lint, LintContext } from "./lint.ts";

const lints: readonly Lint[] = [hashSchedulers];

/** Everything that the lints have to say. */
export function lint(context: LintContext): Problem[] {
  return lints.flatMap((each) => [...each(context)]);
}

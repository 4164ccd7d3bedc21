import { diagnosticCodes } from "../diagnostic-codes.ts";
import type { Remark } from "../diagnostics.ts";
import type { Path } from "../locate.ts";

/** Something that is wrong, or probably wrong, about settings that are well-formed one by one. */
export interface Problem extends Remark {
  readonly path: Path;
  /** Which of the words behind the keyword it is about; all of them when it is left out. */
  readonly word?: number;
}

export function isFatal({ code }: Problem): boolean {
  return diagnosticCodes[code].severity === "error";
}

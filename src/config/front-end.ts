import { sourceOf } from "./source.ts";
import { remarkOnKeepalivedSyntax } from "./yaml/keepalived-syntax.ts";

export type FrontEnd = "keepalived" | "yaml";

/** The language of a configuration file: by the end of its name, and by what stands in it where the name says nothing. */
export function frontEndOf(file: string, text: string): FrontEnd {
  if (/\.ya?ml$/i.test(file)) return "yaml";
  if (/\.conf$/i.test(file)) return "keepalived";
  return remarkOnKeepalivedSyntax(sourceOf(file, text)) === null ? "yaml" : "keepalived";
}

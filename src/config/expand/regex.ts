import { type BodyPattern, compileBodyPattern } from "@lbctl/checkers";
import { impossibleRegexOptions } from "../keywords/rows/url.ts";
import type { WrittenHttpGet } from "../keywords/table.ts";
import type { Path } from "../locate.ts";
import type { Problem } from "./problem.ts";

type WrittenUrl = WrittenHttpGet["url"][number];

const settings = ["regex_no_match", "regex_options", "regex_min_offset", "regex_max_offset"] as const;

/** What the body must match, if anything; what cannot be searched for is a problem. `path` is that of the url. */
export function expandRegex(url: WrittenUrl, path: Path, problems: Problem[]): { readonly regex?: BodyPattern } {
  if (url.regex === undefined) {
    for (const name of settings.filter((each) => url[each] !== undefined)) {
      problems.push({ path: [...path, name], code: "no-effect", message: `${name} changes nothing without regex` });
    }
    return {};
  }
  const { regex_options: options = [], regex_min_offset: minOffset = 0, regex_max_offset: maxOffset = null } = url;
  for (const option of impossibleRegexOptions.filter((each) => options.includes(each))) {
    const message = `regex option ${option} has no counterpart in RE2, which searches in linear time`;
    problems.push({ path: [...path, "regex_options"], code: "unsupported-regex", message, hint: "leave it out" });
  }
  if (maxOffset !== null && maxOffset < minOffset) {
    const message = `regex_max_offset ${maxOffset} is below regex_min_offset ${minOffset}: nothing could match`;
    problems.push({ path: [...path, "regex_max_offset"], code: "conflicting-keywords", message });
  }
  const regex = { regex: url.regex, noMatch: url.regex_no_match ?? false, options, minOffset, maxOffset };
  const compiled = compileBodyPattern(regex);
  if (compiled.ok) return { regex };
  const message = `the regular expression cannot be searched for: ${compiled.message}`;
  const hint = "RE2 has neither backreferences nor lookaround, so that no page can hang the checks";
  problems.push({ path: [...path, "regex"], code: "unsupported-regex", message, hint });
  return {};
}

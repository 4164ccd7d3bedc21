import { type Entries, keyword } from "../keyword.ts";
import { choices } from "../values/choice.ts";
import { flag } from "../values/flag.ts";
import { INT32_MAX, integer } from "../values/integer.ts";
import { options } from "../values/options.ts";
import { regexText } from "../values/text.ts";

/** Those that change what matches in a way that RE2 has not. */
export const impossibleRegexOptions = ["allow_empty_class", "alt_bsux", "alt_circumflex", "ucp"] as const;

/** The options of pcre2_compile that keepalived takes. */
const regexOptions = [
  "allow_empty_class",
  "alt_bsux",
  "auto_callout",
  "caseless",
  "dollar_endonly",
  "dotall",
  "dupnames",
  "extended",
  "firstline",
  "match_unset_backref",
  "multiline",
  "never_ucp",
  "never_utf",
  "no_auto_capture",
  "no_auto_possess",
  "no_dotstar_anchor",
  "no_start_optimize",
  "ucp",
  "ungreedy",
  "utf",
  "never_backslash_c",
  "alt_circumflex",
  "alt_verbnames",
  "use_offset_limit",
] as const;

const stackSizes = options({
  name: "octets octets",
  expected: "two numbers of octets: at the start and at most",
  unnamed: { start: integer(1, INT32_MAX), max: integer(1, INT32_MAX) },
  needed: 2,
  options: {},
});

/** Search in the body of an answer. */
export const regexRows = {
  regex: keyword(regexText, { summary: "regular expression that the body must match" }),
  regex_no_match: keyword(flag, { summary: "the body must not match", default: false }),
  regex_options: keyword(choices(regexOptions), { summary: "options of the regular expression, as PCRE2 names them" }),
  regex_stack: keyword(stackSizes, { summary: "stack of the matcher", noEffect: "the matcher needs none" }),
  regex_min_offset: keyword(integer(0, INT32_MAX), {
    summary: "octet of the body that the search begins at",
    default: 0,
  }),
  regex_max_offset: keyword(integer(0, INT32_MAX), {
    summary: "octet of the body that a match begins at the latest",
    defaultText: "the end",
  }),
} as const satisfies Entries;

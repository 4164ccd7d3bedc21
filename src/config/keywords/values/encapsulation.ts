import { further, invalid, type ParsedValue, type ValueType, valid } from "../value-type.ts";
import { address } from "./address.ts";
import { integer, UINT32_MAX } from "./integer.ts";
import { typeOfService } from "./network-words.ts";
import { text } from "./text.ts";

const octet = integer(0, 255);
const ip = {
  id: text("id", "a number", /^(?:0x[0-9a-f]{1,16}|[0-9]{1,20})$/i, null),
  dst: address,
  src: address,
  tos: typeOfService,
  dsfield: typeOfService,
  ttl: octet,
  hoplimit: octet,
  flags: integer(0, UINT32_MAX),
} as const;

/** What follows `encap`: the type, then a value or options by name (ip-route(8), "encap"). */
const kinds: Readonly<Record<string, ValueType<unknown> | Readonly<Record<string, ValueType<unknown>>>>> = {
  mpls: text("labels", "labels with / between them: 100/200", /^[0-9]+(?:\/[0-9]+)*$/, null),
  ila: text("locator", "a locator such as 1:2:3:4", /^[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){3}$/i, null),
  ip,
  ip6: { ...ip, tc: typeOfService },
};

/** The words behind `encap` that belong to it. */
export function encapsulation(words: readonly string[]): ParsedValue<readonly string[]> {
  const [type = ""] = words;
  const kind = Object.hasOwn(kinds, type) ? kinds[type] : undefined;
  if (kind === undefined) return invalid(`encap is ${Object.keys(kinds).join(", ")}`);
  if (isType(kind)) {
    const parsed = kind.parse(words.slice(1, 2));
    return parsed.ok ? valid(words.slice(0, 2)) : { ...further(parsed, 1), hint: `expected ${kind.expected}` };
  }
  let at = 1;
  for (; at < words.length; at += 2) {
    const option = Object.hasOwn(kind, words[at] as string) ? kind[words[at] as string] : undefined;
    if (option === undefined) break;
    const parsed = option.parse(words.slice(at + 1, at + 2));
    if (!parsed.ok) return { ...further(parsed, at + 1), hint: `expected ${option.expected}` };
  }
  return at === 1 ? invalid(`${type} has options such as dst and src`) : valid(words.slice(0, at));
}

function isType(kind: NonNullable<(typeof kinds)[string]>): kind is ValueType<unknown> {
  return typeof kind.parse === "function";
}

import { invalid, missing, type ParsedValue, type ValueProblem, type ValueType, valid } from "../value-type.ts";

/** Octets as keepalived reads them: hex digits by twos, a single one between blanks is an octet of its own. */
function hexOctets(name: string, digit: RegExp, example: string): ValueType<string> {
  return {
    name,
    expected: `hex digits, in groups if wanted: "${example}"`,
    shape: "words",
    parse: (words): ParsedValue<string> => {
      if (words.length === 0) return missing();
      const strange = words.findIndex((word) => !digit.test(word));
      if (strange >= 0) return invalid("only hex digits, and blanks between them", strange);
      return valid(words.flatMap((word) => octets(word.toLowerCase())).join(""));
    },
    format: String,
    input(z) {
      return z.union([z.string(), z.number()]);
    },
  };
}

function octets(group: string): string[] {
  return (group.match(/..?/g) ?? []).map((octet) => octet.padStart(2, "0"));
}

export const payload = hexOctets("hex octets", /^[0-9a-f]+$/i, "c0ffee 01");

const mask = hexOctets("hex octets, x for any digit", /^[0-9a-fx]+$/i, "c0ff xx 01");

/** The answer that must come; null when any will do. A digit x matches all. */
export const replyMask: ValueType<string | null> = {
  ...mask,
  name: `[${mask.name}]`,
  expected: `nothing, or ${mask.expected}, x for any digit`,
  parse: (words) => (words.length === 0 ? valid(null) : mask.parse(words)),
  format: (value) => value ?? "",
  input(z) {
    return z.union([z.null(), mask.input(z)]);
  },
};

export interface HmacKey {
  readonly id: number;
  /** As written: text, `hex:` and digits, or `file:` and a path. */
  readonly key: string;
}

/** `1 hex:00..` or `2 file:/path`, as often as there are keys. */
export const hmacKeys: ValueType<readonly HmacKey[]> = {
  name: "id key",
  expected: "an id from 1 to 255 and a key: text, hex:<digits> or file:<path>",
  shape: "words",
  parse: (words): ParsedValue<readonly HmacKey[]> => {
    if (words.length === 0) return missing();
    const keys: HmacKey[] = [];
    for (let at = 0; at < words.length; at += 2) {
      const [id = "", key] = words.slice(at, at + 2);
      const problem = keyProblem(id, key, keys);
      if (problem !== null) return { ...problem, word: at + problem.word };
      keys.push({ id: Number(id), key: key as string });
    }
    return valid(keys);
  },
  format: (keys) => keys.map(({ id, key }) => `${id} ${key}`).join(" "),
  input(z) {
    return z.union([z.string(), z.array(z.string())]);
  },
};

function keyProblem(id: string, key: string | undefined, keys: readonly HmacKey[]): ValueProblem | null {
  if (!/^[0-9]+$/.test(id)) return invalid("the id comes first");
  if (Number(id) < 1 || Number(id) > 255)
    return { ok: false, code: "out-of-range", word: 0, hint: "an id is 1 to 255" };
  if (keys.some((each) => each.id === Number(id))) return invalid(`id ${Number(id)} is taken`);
  if (key === undefined) return invalid("a key follows the id");
  if (/\s|\p{Cc}/u.test(key)) return invalid("a key has no blanks; write it as hex:<digits>", 1);
  if (key.startsWith("file:")) return key.startsWith("file:/") ? null : invalid("file: takes an absolute path", 1);
  const octets = key.startsWith("hex:") ? (key.length - 4) / 2 : Buffer.byteLength(key);
  if (key.startsWith("hex:") && !/^hex:(?:[0-9a-f]{2})+$/i.test(key))
    return invalid("hex: takes pairs of hex digits", 1);
  return octets >= 32 && octets <= 64 ? null : invalid("a key has 32 to 64 octets", 1);
}

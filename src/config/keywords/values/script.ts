import { invalid, missing, type ParsedValue, tooMany, type ValueType, valid } from "../value-type.ts";

/** A program to run. The command line is split when it is run; whose rights it has may be said behind it. */
export interface Script {
  readonly command: string;
  readonly user: string | null;
  readonly group: string | null;
}

export interface UserGroup {
  readonly user: string;
  readonly group: string | null;
}

const NAME = /^[^\s:\p{Cc}]{1,32}$/u;
const COMMAND = /^[^\p{Cc}]*[^\s\p{Cc}][^\p{Cc}]*$/u;

/** `"/path/to/script arguments" [user [group]]`. */
export const script: ValueType<Script> = {
  name: "script [user [group]]",
  expected: "a command line, then the user and the group to run it as",
  shape: "list",
  fields: ["script", "user", "group"],
  parse: parseScript,
  format: ({ command, user, group }) => [command, user, group].filter((each) => each !== null).join("\n"),
  input(z) {
    const fields = z.strictObject({ script: z.string(), user: z.string().optional(), group: z.string().optional() });
    return z.union([z.string(), z.array(z.string()).min(1).max(3), fields]);
  },
};

function parseScript(words: readonly string[]): ParsedValue<Script> {
  const [command, user, group] = words;
  if (command === undefined) return missing();
  if (words.length > 3) return tooMany(3);
  if (!COMMAND.test(command)) return invalid("the path of a program, with its arguments");
  const strange = [user, group].findIndex((name) => name !== undefined && !NAME.test(name));
  if (strange >= 0) return invalid(`${strange === 0 ? "a user" : "a group"} is a single word`, strange + 1);
  return valid({ command, user: user ?? null, group: group ?? null });
}

/** A script that may be left out: the keyword alone has a meaning of its own. */
export const optionalScript: ValueType<Script | null> = {
  ...script,
  name: "[script [user [group]]]",
  expected: `nothing, or ${script.expected}`,
  shape: "list",
  parse: (words) => (words.length === 0 ? valid(null) : parseScript(words)),
  format: (value) => (value === null ? "" : script.format(value)),
  input(z) {
    return z.union([z.null(), script.input(z)]);
  },
};

/** `user [group]`. */
export const userGroup: ValueType<UserGroup> = {
  name: "user [group]",
  expected: "a user, then perhaps a group",
  shape: "words",
  fields: ["user", "group"],
  parse: (words) => {
    const [user, group] = words;
    if (user === undefined) return missing();
    if (words.length > 2) return tooMany(2);
    const strange = words.findIndex((name) => !NAME.test(name));
    return strange >= 0 ? invalid(null, strange) : valid({ user, group: group ?? null });
  },
  format: ({ user, group }) => (group === null ? user : `${user} ${group}`),
  input(z) {
    return z.union([z.string(), z.strictObject({ user: z.string(), group: z.string().optional() })]);
  },
};

export interface Fifo {
  readonly path: string;
  readonly user: string | null;
  readonly group: string | null;
}

/** `/path/of/fifo [user [group]]`. */
export const fifo: ValueType<Fifo> = {
  name: "path [user [group]]",
  expected: "the absolute path of a FIFO, then its owner and group",
  shape: "words",
  fields: ["path", "user", "group"],
  parse: (words) => {
    const [path, ...owner] = words;
    if (path === undefined) return missing();
    if (!/^\/[^"\p{Cc}]+$/u.test(path)) return invalid("an absolute path");
    if (owner.length === 0) return valid({ path, user: null, group: null });
    const parsed = userGroup.parse(owner);
    return parsed.ok ? valid({ path, ...parsed.value }) : { ...parsed, word: parsed.word + 1 };
  },
  format: ({ path, user, group }) =>
    [path.includes(" ") ? `"${path}"` : path, user, group].filter((each) => each !== null).join(" "),
  input(z) {
    const owner = { user: z.string().optional(), group: z.string().optional() };
    return z.union([z.string(), z.strictObject({ path: z.string(), ...owner })]);
  },
};

/** A declaration with what tells it from others of its name. */
export interface Digested {
  readonly path: string;
  readonly name: string;
  readonly digest: string;
}

/** The text that is kept: a version, and what was so under it. */
export function recordOf(version: number, declarations: readonly Digested[]): string {
  return [`version ${version}`, ...declarations.map(line), ""].join("\n");
}

/** What is otherwise than on record, a line each; none when all is as recorded. */
export function changesOf(record: string, version: number, declarations: readonly Digested[]): readonly string[] {
  const [head = "", ...lines] = record.split("\n").filter(Boolean);
  const before = new Map(lines.map((each) => [each.slice(each.indexOf(" ") + 1), each]));
  const now = new Map(declarations.map((each) => [`${each.path} ${each.name}`, line(each)]));
  const changes = [...now].flatMap(([key, text]) => {
    if (before.get(key) === text) return [];
    return [`${key} ${before.has(key) ? "has changed" : "is new"}`];
  });
  const gone = [...before.keys()].filter((key) => !now.has(key)).map((key) => `${key} is gone`);
  const renumbered = head === `version ${version}` ? [] : [`the record is of ${head}`];
  return [...renumbered, ...changes, ...gone];
}

function line({ path, name, digest }: Digested): string {
  return `${digest} ${path} ${name}`;
}

import type { Problem } from "../expand/problem.ts";
import type { Config } from "../keywords/table.ts";
import type { Path } from "../locate.ts";
import { instancesOf } from "./instances.ts";
import type { LintContext } from "./lint.ts";
import { isReadableByAll, modeText } from "./passwords.ts";

interface KeyFile {
  readonly block: Path;
  readonly id: number;
  readonly file: string;
}

/** The files that keys of auth_hmac are in. Each is said once of what is wrong with it. */
export function* keyFiles({ config, host }: LintContext): Iterable<Problem> {
  const said = new Set<string>();
  for (const { block, id, file } of host === null ? [] : keyFilesOf(config)) {
    const facts = host?.keyFiles[file];
    if (facts === undefined || said.has(file)) continue;
    said.add(file);
    if ("problem" in facts) {
      yield {
        path: block,
        code: "key-file-unusable",
        message: `key ${id} is not in ${file}: ${facts.problem}`,
        hint: "what it should sign goes out unsigned, and what others sign with it is refused: two masters",
      };
    } else if (isReadableByAll(facts.mode)) {
      yield {
        path: block,
        code: "password-readable",
        message: `every user of this host can read the key in ${file} (mode ${modeText(facts.mode)})`,
        hint: `chmod o-r ${file}`,
      };
    }
  }
}

/** Every place in the configuration that names one. */
export function keyFilesOf(config: Config): KeyFile[] {
  return instancesOf(config).flatMap(({ written: { auth_hmac: hmac }, path }) =>
    (hmac?.key ?? [])
      .filter(({ key }) => key.startsWith("file:"))
      .map(({ id, key }) => ({ block: [...path, "auth_hmac"], id, file: key.slice("file:".length) })),
  );
}

import type { Config } from "../keywords/table.ts";
import type { Source } from "../source.ts";
import type { HostQuestions } from "./host-facts.ts";
import { keyFilesOf } from "./key-files.ts";
import { secretsOf } from "./passwords.ts";
import { defaultUsers, programOf, scriptsOf } from "./written-scripts.ts";

/** What the lints want to know of this host for this configuration. Relative paths mean nothing before the daemon runs. */
export function hostQuestions(config: Config, sources: readonly Source[]): HostQuestions {
  const scripts = scriptsOf(config);
  const commands = new Set(scripts.map(({ command }) => command));
  const programs = new Set([...commands].map(programOf));
  const users = new Set(scripts.flatMap(({ user }) => (user === null ? defaultUsers : [user])));
  return {
    programs: [...programs].filter(
      (program) => program !== null && (program.startsWith("/") || !program.includes("/")),
    ) as string[],
    users: [...users],
    files: secretsOf(config).length > 0 ? sources.map(({ file }) => file) : [],
    keyFiles: [...new Set(keyFilesOf(config).map(({ file }) => file))],
  };
}

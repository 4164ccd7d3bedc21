import type { NotifySettings, UserAndGroup } from "../config/notify-model.ts";
import type { ScriptCommand } from "../config/vrrp-model.ts";
import type { Severity } from "../log/record.ts";
import { type Account, accountOf, UnknownAccount } from "./accounts.ts";
import { parseCommandLine } from "./command-line.ts";
import { scriptEnvironment, searchPath } from "./environment.ts";
import { findOnPath, pathFacts } from "./path-facts.ts";
import { type FinishedProgram, runProgram } from "./program.ts";
import { scriptArguments } from "./script-arguments.ts";
import type { NotRun } from "./script-request.ts";
import { checkScript, describeScriptProblem } from "./script-security.ts";

export interface FinishedScript {
  readonly end: FinishedProgram["end"] | NotRun;
  readonly output: string;
  readonly tookMs: number;
}

export interface RunOptions {
  /** Behind those that the command line has. */
  readonly moreArguments: readonly string[];
  /** Null: as long as it likes. */
  readonly timeoutMs: number | null;
  /** Called once when its program has been started, or will not be. */
  readonly onBegun?: () => void;
  /** Ends it early. */
  readonly signal?: AbortSignal;
}

type Log = (severity: Severity, message: string) => void;

/** Who scripts run as when nobody says, if there is such a user (keepalived.conf(5), script_user). */
const usualUser = "keepalived_script";

class Refusal extends Error {}

/** Runs command lines of the configuration as the users that it names, with script security. */
export class ScriptRunner {
  readonly #settings: NotifySettings;
  readonly #log: Log;
  readonly #accounts = new Map<string, Promise<Account>>();
  /** What has been said: once for each configuration is enough. */
  readonly #warned = new Set<string>();
  #defaultAccount: Promise<Account> | null = null;

  constructor(settings: NotifySettings, log: Log) {
    this.#settings = settings;
    this.#log = log;
  }

  /** Resolves when it has ended, or was not run; never rejects. */
  async run(script: ScriptCommand, options: RunOptions): Promise<FinishedScript> {
    const { moreArguments, timeoutMs, signal } = options;
    let running: Promise<FinishedProgram>;
    try {
      const argv = this.#argv(script, moreArguments);
      const account = await this.accountOf(script.user === null ? null : { user: script.user, group: script.group });
      this.#check(script.command, argv[0], account);
      const environment = scriptEnvironment(account);
      const credentials = ownRights(account) ? null : account.credentials;
      running = runProgram({
        argv,
        environment,
        credentials,
        timeoutMs,
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (!(error instanceof Refusal) && !(error instanceof UnknownAccount)) this.#log("error", stackOf(error));
      return { end: { kind: "not_run", message }, output: "", tookMs: 0 };
    } finally {
      options.onBegun?.();
    }
    return running;
  }

  #argv({ command }: ScriptCommand, moreArguments: readonly string[]): [string, ...string[]] {
    const line = parseCommandLine(command);
    const argv = scriptArguments(line, moreArguments);
    if (argv === null) throw new Refusal(`its command line is ${line.kind === "invalid" ? line.problem : "empty"}`);
    const [program, ...rest] = argv;
    if (program.startsWith("/")) return [program, ...rest];
    if (program.includes("/")) throw new Refusal(`${program} is neither a whole path nor the name of a program`);
    const path = findOnPath(program, searchPath);
    if (path === null) throw new Refusal(`no directory of ${searchPath} has the program ${program}`);
    return [path, ...rest];
  }

  /** Null: who scripts run as when nobody says. @throws UnknownAccount */
  accountOf(user: UserAndGroup | null): Promise<Account> {
    if (user !== null) return this.#lookUp(user);
    this.#defaultAccount ??= this.#findDefault();
    return this.#defaultAccount;
  }

  #lookUp({ user, group }: UserAndGroup): Promise<Account> {
    const key = `${user}\0${group ?? ""}`;
    const known = this.#accounts.get(key);
    if (known !== undefined) return known;
    const account = accountOf(user, group);
    this.#accounts.set(key, account);
    // Users may be made while we run.
    account.catch(() => this.#accounts.delete(key));
    return account;
  }

  async #findDefault(): Promise<Account> {
    if (this.#settings.scriptUser !== null) return this.#lookUp(this.#settings.scriptUser);
    const own = process.getuid?.() ?? 0;
    if (own === 0) {
      try {
        return await this.#lookUp({ user: usualUser, group: null });
      } catch (error) {
        if (!(error instanceof UnknownAccount)) throw error;
        this.#warnOnce(`there is no script_user and no user ${usualUser}: scripts that name no user run as root`);
      }
    }
    return this.#lookUp({ user: String(own), group: null });
  }

  /** @throws Refusal */
  #check(command: string, path: string, account: Account): void {
    const { uid } = account.credentials;
    if (!ownRights(account) && process.getuid?.() !== 0) {
      throw new Refusal(`only root can run scripts as ${account.name}, and lbctl runs as user ${process.getuid?.()}`);
    }
    const enforced = this.#settings.scriptSecurity && uid === 0;
    if (!enforced && this.#warned.has(`${command}\0${uid}`)) return;
    this.#warned.add(`${command}\0${uid}`);
    for (const problem of checkScript(pathFacts(path), account.credentials)) {
      const part = problem.kind === "writable_by_others" ? problem.fact.path : problem.path;
      const what = `${part === path ? "" : `${path}: `}${describeScriptProblem(problem)}`;
      if (problem.kind !== "writable_by_others" || enforced) throw new Refusal(what);
      if (uid === 0) this.#warnOnce(`${command} runs as root, and ${what}; enable_script_security would refuse it`);
    }
  }

  #warnOnce(message: string): void {
    if (this.#warned.has(message)) return;
    this.#warned.add(message);
    this.#log("warning", message);
  }
}

/** Those that this process has anyhow. */
function ownRights({ credentials }: Account): boolean {
  return credentials.uid !== 0 && credentials.uid === process.getuid?.();
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

import { type ChildProcess, spawn } from "node:child_process";
import { uniqueName } from "ipvs-netlink/testing";
import { until } from "./lbctl.ts";

/** Somebody who types one command line after the other into one bash: its variables and jobs stay. */
export class Typist {
  readonly #bash: ChildProcess;
  #output = "";
  #ended = false;

  /** `enter`: what bash is started by, for example ["ip", "netns", "exec", name]. */
  constructor(enter: readonly string[], directory: string, environment: NodeJS.ProcessEnv = process.env) {
    const [program = "", ...words] = [...enter, "bash", "--norc"];
    // A group of its own: what the commands leave running ends with it.
    this.#bash = spawn(program, words, { cwd: directory, env: environment, detached: true });
    for (const stream of [this.#bash.stdout, this.#bash.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#output += text;
      });
    }
    this.#bash.on("close", () => {
      this.#ended = true;
    });
    this.#bash.stdin?.write("exec 2>&1\n");
  }

  /** All that was printed, also by what runs in the background. */
  get output(): string {
    return this.#output;
  }

  /** Types a line and waits until bash asks for the next one. */
  async type(line: string): Promise<{ readonly status: number; readonly output: string }> {
    const from = this.#output.length;
    const mark = uniqueName("typed");
    const pattern = new RegExp(`${mark} (\\d+)\\n`);
    this.#bash.stdin?.write(`${line}\necho "${mark} $?"\n`);
    const said = () => this.#output.slice(from);
    await until(`"${line}" ends`, () => this.#ended || pattern.test(said()), said);
    const status = Number(pattern.exec(said())?.[1] ?? Number.NaN);
    return { status, output: said().replace(pattern, "") };
  }

  /** Ends bash and what it left running. */
  async close(): Promise<void> {
    if (!this.#ended && this.#bash.pid !== undefined) {
      try {
        process.kill(-this.#bash.pid, "SIGKILL");
      } catch {
        // It has ended by itself.
      }
    }
    await until("bash is gone", () => this.#ended);
  }
}

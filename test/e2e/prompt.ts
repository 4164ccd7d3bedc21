import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { type CommandStep, shows } from "../kernel/guides/guide.ts";
import { program, until } from "./lbctl.ts";
import { Typist } from "./typist.ts";

/** /etc is a copy, /run and /var/lib are empty, and the programs of the first folder go before others. */
const enter = `mount -t tmpfs none /run && mount -t tmpfs none /var/lib && cp -a /etc "$1/etc" && mount --bind "$1/etc" /etc &&
  rm -rf /etc/lbctl /etc/keepalived && mkdir /etc/lbctl /etc/keepalived && PATH="$1/bin:$PATH" && export PATH && shift && exec "$@"`;

/**
 * Somebody at the prompt of a machine where lbctl is installed, with a network namespace and files of its own: commands are
 * typed as the documents have them.
 */
export class Prompt {
  readonly #directory = mkdtempSync(join(tmpdir(), "lbctl-prompt-"));
  readonly #typist: Typist;

  /** `programs`: what stands in for programs that the machine does not have, by name. `options`: of lbctl run. */
  constructor(
    namespace: string,
    programs: Readonly<Record<string, string>> = {},
    options = "--dataplane userspace --log console",
  ) {
    const bin = join(this.#directory, "bin");
    mkdirSync(bin);
    // Others than root work there, too.
    chmodSync(this.#directory, 0o711);
    const lbctl = `case $1 in run) shift; set -- run ${options} "$@";; esac\nexec ${program} "$@"`;
    for (const [name, text] of Object.entries({ lbctl, ...programs }))
      writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    const isolated = ["ip", "netns", "exec", namespace, "unshare", "--mount", "sh", "-c", enter, "sh", this.#directory];
    this.#typist = new Typist(isolated, this.#directory);
  }

  get output(): string {
    return this.#typist.output;
  }

  /** Writes a file of the machine. */
  async write(path: string, text: string): Promise<void> {
    const copy = join(this.#directory, "file");
    writeFileSync(copy, text);
    expect(await this.type(`cp ${copy} ${path}`)).toMatchObject({ status: 0 });
  }

  type(line: string): Promise<{ readonly status: number; readonly output: string }> {
    return this.#typist.type(line);
  }

  /** Types a command, and has its answer apart from what others print meanwhile. */
  async ask(line: string): Promise<{ readonly status: number; readonly answer: string }> {
    const { status } = await this.type(`${line} >answer`);
    return { status, answer: readFileSync(join(this.#directory, "answer"), "utf8") };
  }

  /** Types a command whose answer has no end, and has its first line. */
  async firstOf(line: string): Promise<{ readonly status: number; readonly answer: string }> {
    const answer = () => readFileSync(join(this.#directory, "stream"), "utf8");
    await this.type(": >stream");
    const { status } = await this.type(`${line} >>stream & endless=$!`);
    await until(`${line} answers`, () => answer().includes("\n"));
    await this.type("kill $endless");
    return { status, answer: answer().split("\n")[0] ?? "" };
  }

  /** Types a command that goes on until it is interrupted, and waits for a line of its log. */
  async leaveRunning(line: string, logs: RegExp): Promise<void> {
    await this.type(`${line} &`);
    await this.says(logs);
  }

  /** Waits until this was printed, also by what runs in the background. */
  says(pattern: RegExp): Promise<void> {
    return until(
      `${pattern}`,
      () => pattern.test(this.output),
      () => this.output,
    );
  }

  /** Types a command of a page until it does what the page shows. What only asks may be asked again. */
  async follow({ command, output, line }: CommandStep, page: string): Promise<string> {
    const asks = /^(lbctl (status|events|doctor|probe)|ip netns exec \w+ lbctl status)/.test(command);
    let last = await this.type(command);
    const done = () => (output.length > 0 ? shows(last.output, output) : last.status === 0);
    await until(
      `${page}:${line}: ${command}`,
      async () => {
        if (!done() && asks) last = await this.type(command);
        return done() || !asks;
      },
      () => `${last.output}\nwanted:\n${output.join("\n")}\n${this.output}`,
    );
    expect(done(), `${page}:${line}: ${command}\n${last.output}`).toBe(true);
    return last.output;
  }

  async close(): Promise<void> {
    await this.#typist.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

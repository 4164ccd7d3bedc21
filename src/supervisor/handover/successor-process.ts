import { type ChildProcess, spawn } from "node:child_process";
import { ControlError } from "../../control/api.ts";
import { type FromSuccessor, successorVariable, type ToSuccessor } from "./messages.ts";
import { upgradeFailed } from "./upgrade-failed.ts";

type Kind = FromSuccessor["kind"];
type Said<K extends Kind> = Extract<FromSuccessor, { readonly kind: K }>;

/** The predecessor's end of the channel to the program that takes over. */
export class SuccessorProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  #waiting: {
    readonly kind: Kind;
    readonly resolve: (said: FromSuccessor) => void;
    readonly reject: (error: Error) => void;
  } | null = null;
  #failure: Error | null = null;

  constructor([program = "", ...words]: readonly string[], environment: NodeJS.ProcessEnv) {
    // JSON: between two versions of Node the other way to say things might differ.
    this.#child = spawn(program, words, {
      stdio: ["inherit", "inherit", "inherit", "ipc"],
      serialization: "json",
      env: { ...environment, [successorVariable]: "1" },
    });
    this.#exited = new Promise((resolve) => {
      this.#child.once("error", (error) => {
        this.#fail(upgradeFailed(`${program} cannot be started: ${error.message}`));
        if (this.#child.pid === undefined) resolve();
      });
      this.#child.once("exit", (code, signal) => {
        const how = signal === null ? `exit status ${code}` : `signal ${signal}`;
        this.#fail(upgradeFailed(`the new program ended too early (${how}): its last words are in the log`));
        resolve();
      });
    });
    this.#child.on("message", (message) => this.#hear(message as FromSuccessor));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Says something, and waits for the answer of that kind. @throws ControlError */
  async ask<K extends Kind>(message: ToSuccessor, answer: K, withinMs: number): Promise<Said<K>> {
    const answered = this.hear(answer, withinMs);
    this.#child.send(message, () => {});
    return answered;
  }

  /** @throws ControlError */
  async hear<K extends Kind>(kind: K, withinMs: number): Promise<Said<K>> {
    if (this.#failure !== null) throw this.#failure;
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise((resolve, reject) => {
        timer = setTimeout(() => {
          reject(upgradeFailed(`the new program has not said "${kind}" within ${withinMs / 1000} s`));
        }, withinMs);
        this.#waiting = { kind, resolve: (said) => resolve(said as Said<K>), reject };
      });
    } finally {
      clearTimeout(timer);
      this.#waiting = null;
    }
  }

  /** Gives up waiting for it. */
  abort(error: Error): void {
    this.#fail(error);
  }

  /** Ends it, and resolves when it is gone. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exited;
  }

  /** From now on it is nobody's child. */
  letGo(): void {
    if (this.#child.connected) this.#child.disconnect();
    this.#child.unref();
  }

  #hear(said: FromSuccessor): void {
    if (said.kind === "refused") {
      const { code, message, hint, diagnostics } = said;
      this.#fail(new ControlError(code, message, hint, diagnostics));
    } else if (this.#waiting?.kind === said.kind) this.#waiting.resolve(said);
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#waiting?.reject(this.#failure);
  }
}

import { openSync } from "node:fs";
import { version } from "../../version.ts";
import type { RunEnd } from "../run-end.ts";
import type { Resumed } from "../vrrp/vrrp-messages.ts";
import { type Beginning, type Estates, estateVersion, type Part, unpack } from "./estate.ts";
import { type Carries, type FromSuccessor, type Places, successorVariable, type ToSuccessor } from "./messages.ts";

/** A part that the predecessor has left. `estate` is null where it is not understood, or the predecessor is gone. */
export interface Left<P extends Part> {
  readonly part: P;
  readonly estate: Estates[P] | null;
  readonly resumed: Resumed;
}

type Begin = Extract<ToSuccessor, { readonly kind: "begin" }>;

/** The successor's end of the channel to the director that runs. */
export class Succession {
  readonly #process: NodeJS.Process;
  readonly #heard: ToSuccessor[] = [];
  #onHeard: (() => void) | null = null;
  #isOrphan = false;
  #hasSettled = false;
  #begin: Begin | null = null;

  private constructor(process: NodeJS.Process) {
    this.#process = process;
    process.on("message", (message) => {
      this.#heard.push(message as ToSuccessor);
      this.#onHeard?.();
    });
    process.on("disconnect", () => {
      this.#isOrphan = true;
      this.#onHeard?.();
    });
  }

  /** Null where this process was started by somebody else than a director. */
  static async begin(process: NodeJS.Process): Promise<Succession | null> {
    const isSuccessor = process.env[successorVariable] !== undefined;
    delete process.env[successorVariable];
    if (!isSuccessor || process.send === undefined) return null;
    const succession = new Succession(process);
    const begin = await succession.#next();
    if (begin?.kind !== "begin") return null;
    succession.#begin = begin;
    return succession;
  }

  get places(): Places {
    return this.#told.places;
  }

  get carries(): Carries {
    return this.#told.estateVersion === estateVersion ? "everything" : "adoption";
  }

  /** What the predecessor works from; null: this program does not understand it. */
  get beginning(): Beginning | null {
    return this.carries === "everything" ? unpack<Beginning>(this.#told.beginning) : null;
  }

  /** The path of the namespace of the kernel's table as it is also when the predecessor has gone. */
  ipvsNetns(): string | null {
    const { ipvsNetns } = this.places;
    return ipvsNetns === null ? null : `/proc/${this.#process.pid}/fd/${openSync(ipvsNetns, "r")}`;
  }

  /** The director is this process now, or the one before it is gone. */
  get hasSettled(): boolean {
    return this.#hasSettled;
  }

  standingBy(): void {
    this.#say({ kind: "standing_by", version, carries: this.carries });
  }

  /** Waits for a part that the predecessor leaves. */
  async next<P extends Part>(part: P): Promise<Left<P>> {
    const message = await this.#next();
    if (message?.kind !== "take" || message.part !== part) return { part, estate: null, resumed: [] };
    const estate = this.carries === "everything" ? unpack<Estates[P]>(message.estate) : null;
    return { part, estate, resumed: message.resumed };
  }

  taken(part: Part): void {
    this.#say({ kind: "taken", part });
  }

  settled(reload: Extract<FromSuccessor, { kind: "settled" }>["reload"]): void {
    this.#hasSettled = true;
    // Not before it is written: Node drops what waits in a channel that is closed.
    this.#say({ kind: "settled", reload }, () => {
      if (this.#process.connected) this.#process.disconnect?.();
    });
  }

  /** It ends, and has changed nothing. Resolves when that was said. */
  async refuse(end: Exclude<RunEnd, { readonly kind: "stopped" }>): Promise<void> {
    const hint = "The lbctl that runs goes on as if nothing had happened.";
    const refusal: FromSuccessor =
      end.kind === "config"
        ? {
            ...{ kind: "refused", code: "config-invalid", hint },
            message: "the configuration file is not valid for the new program",
            diagnostics: end.diagnostics,
          }
        : {
            kind: "refused",
            code: "upgrade-failed",
            message: `the new program: ${end.message}`,
            hint: `${end.hint} ${hint}`,
          };
    await new Promise<void>((resolve) => {
      if (this.#isOrphan || this.#process.send === undefined) return resolve();
      this.#process.send(refusal, undefined, undefined, () => resolve());
    });
  }

  get #told(): Begin {
    return this.#begin as Begin;
  }

  /** Null when the predecessor is gone. */
  async #next(): Promise<ToSuccessor | null> {
    while (this.#heard.length === 0 && !this.#isOrphan) {
      await new Promise<void>((resolve) => {
        this.#onHeard = resolve;
      });
    }
    return this.#heard.shift() ?? null;
  }

  #say(message: FromSuccessor, onWritten: () => void = () => {}): void {
    if (!this.#isOrphan) this.#process.send?.(message, undefined, undefined, onWritten);
  }
}

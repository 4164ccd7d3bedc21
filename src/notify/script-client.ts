import type { ScriptRequest, ScriptResult } from "./script-request.ts";

/**
 * For a process that has scripts run by another: matches results with requests. Pure but for its own memory; `send` hands a
 * request to the channel, and who reads the channel calls `finished`.
 */
export class ScriptClient {
  readonly #send: (request: ScriptRequest) => void;
  readonly #waiting = new Map<number, (result: ScriptResult) => void>();
  #nextId = 1;

  constructor(send: (request: ScriptRequest) => void) {
    this.#send = send;
  }

  /** Resolves with what became of it; never rejects. */
  run(request: Omit<ScriptRequest, "id">): Promise<ScriptResult> {
    const id = this.#nextId++;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#send({ ...request, id });
    });
  }

  finished(result: ScriptResult): void {
    this.#waiting.get(result.id)?.(result);
    this.#waiting.delete(result.id);
  }

  /** Whoever ran them is gone. */
  lost(message: string): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const [id, resolve] of waiting) resolve({ id, end: { kind: "not_run", message }, output: "", tookMs: 0 });
  }
}

import type { NotifySettings } from "../config/notify-model.ts";
import type { Severity } from "../log/record.ts";
import { type Job, ScriptQueue } from "./script-queue.ts";
import type { ScriptRequest } from "./script-request.ts";
import { ScriptRunner } from "./script-runner.ts";
import type { FromScripts, ToScripts } from "./scripts-messages.ts";

/** Scripts that somebody waits for, of all targets together. */
const requestsAtOnce = 256;

/** What runs in the scripts process: whatever others want run. */
export class ScriptsProcess {
  readonly #send: (message: FromScripts) => void;
  readonly #requests = new ScriptQueue<ScriptRequest>(requestsAtOnce);
  #runner: ScriptRunner;

  constructor(send: (message: FromScripts) => void, settings: NotifySettings) {
    this.#send = send;
    this.#runner = this.#runnerFor(settings);
  }

  receive(message: ToScripts): void {
    switch (message.kind) {
      case "configure":
        this.#runner = this.#runnerFor(message.settings);
        break;
      case "run":
        this.#start(this.#requests.add({ target: targetOf(message.request), work: message.request }));
        break;
    }
  }

  #start(job: Job<ScriptRequest> | null): void {
    if (job !== null) void this.#run(job.work).then(() => this.#start(this.#requests.finished(job.target)));
  }

  async #run({ id, script, moreArguments, timeoutMs }: ScriptRequest): Promise<void> {
    const finished = await this.#runner.run(script, { moreArguments, timeoutMs });
    this.#send({ kind: "result", result: { id, ...finished } });
  }

  #runnerFor(settings: NotifySettings): ScriptRunner {
    return new ScriptRunner(settings, (severity, message) => this.#log(severity, message));
  }

  #log(severity: Severity, message: string): void {
    this.#send({ kind: "log", severity, message });
  }
}

/** One without a target is a target of its own. */
function targetOf({ id, target }: ScriptRequest): string {
  return target === null ? `#${id}` : `=${target}`;
}

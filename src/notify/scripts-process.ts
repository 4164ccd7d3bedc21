import type { NotifySettings } from "../config/notify-model.ts";
import type { Severity } from "../log/record.ts";
import { Notifier } from "./notifier.ts";
import { type Job, ScriptQueue } from "./script-queue.ts";
import type { ScriptRequest } from "./script-request.ts";
import { ScriptRunner } from "./script-runner.ts";
import type { FromScripts, ToScripts } from "./scripts-messages.ts";

/** Scripts that somebody waits for, of all targets together. */
const requestsAtOnce = 256;

/** What runs in the scripts process: whatever others want run or told. */
export class ScriptsProcess {
  readonly #send: (message: FromScripts) => void;
  readonly #requests = new ScriptQueue<ScriptRequest>(requestsAtOnce);
  readonly #notifier: Notifier;
  #runner: ScriptRunner;

  constructor(send: (message: FromScripts) => void, settings: NotifySettings) {
    this.#send = send;
    this.#runner = this.#runnerFor(settings);
    this.#notifier = new Notifier(settings, this.#runner, (severity, message) => this.#log(severity, message));
  }

  receive(message: ToScripts): void {
    switch (message.kind) {
      case "configure":
        this.#runner = this.#runnerFor(message.settings);
        this.#notifier.configure(message.settings, this.#runner);
        break;
      case "run":
        this.#start(this.#requests.add({ target: targetOf(message.request), work: message.request }));
        break;
      case "notify":
        for (const notification of message.notifications) this.#notifier.tell(notification);
        break;
      case "stop":
        void this.#notifier.close(message.graceMs).finally(() => process.disconnect());
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

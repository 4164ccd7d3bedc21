import { fileURLToPath } from "node:url";
import type { Logger } from "../../log/logger.ts";
import { type ChildCare, KeptChild } from "../children/kept-child.ts";
import type { RunDir } from "../program/run-dir.ts";
import { DataPlaneUnavailable } from "./open-data-plane.ts";

const startTimeoutMs = 60_000;
const endGraceMs = 2_000;

/** The user-space data plane, as a child that is kept running. */
export class DataplaneProcess {
  readonly #child: KeptChild<object, { readonly kind: "ready" }>;
  readonly #ready = Promise.withResolvers<void>();
  #wasReady = false;

  /** `onRestarted` is called when a new process listens, with an empty table. */
  constructor({ dataplaneSocket }: RunDir, log: Logger, care: ChildCare, onRestarted: () => void) {
    this.#child = new KeptChild({
      entry: fileURLToPath(new URL("../../dataplane/main.ts", import.meta.url)),
      args: [dataplaneSocket],
      care,
      greeting: () => ({ kind: "start" }),
      onMessage: () => {
        if (this.#wasReady) {
          log.notice("the data plane runs again");
          onRestarted();
        }
        this.#wasReady = true;
        this.#ready.resolve();
      },
      onExit: ({ pid, cause, restartInMs }) => {
        if (!this.#wasReady) this.#ready.reject(cannotStart(`its process ended (${cause})`));
        if (restartInMs === null) return;
        log.error(
          `the data plane process ${pid} ended (${cause}) and its connections with it; a new one starts in ${restartInMs} ms`,
          { event: "process_ended", process: "dataplane" },
        );
      },
    });
  }

  /** Resolves when it listens. @throws DataPlaneUnavailable */
  async start(): Promise<void> {
    this.#child.start();
    const timer = setTimeout(
      () => this.#ready.reject(cannotStart(`no answer within ${startTimeoutMs / 1000} s`)),
      startTimeoutMs,
    );
    try {
      await this.#ready.promise;
    } catch (error) {
      await this.end();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  end(): Promise<void> {
    return this.#child.end(endGraceMs, "disconnect");
  }
}

function cannotStart(why: string): DataPlaneUnavailable {
  return new DataPlaneUnavailable(`the user-space data plane did not start: ${why}`, "Its last words are above.");
}

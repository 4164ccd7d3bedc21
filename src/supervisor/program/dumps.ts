import type { DumpSettings } from "../../config/program-model.ts";
import { type ConfigurationInForce, configurationLines, stateDump, statsDump } from "../../control/dump-documents.ts";
import { type CountedProcesses, keepalivedJson } from "../../control/keepalived-json.ts";
import type { StatusDocument } from "../../control/status-document.ts";
import { writeFileAtomic } from "../../files/atomic-write.ts";
import type { Logger } from "../../log/logger.ts";
import type { InstanceView } from "../../vrrp/process/instance-view.ts";
import { dumpPath } from "./dump-path.ts";

export interface DumpsOptions {
  readonly runDir: string;
  readonly status: () => Promise<StatusDocument>;
  readonly instances: () => Promise<readonly InstanceView[]>;
  readonly counted: () => readonly CountedProcesses[];
  readonly log: Logger;
}

const fallbacks = { state: "lbctl.data", stats: "lbctl.stats", json: "lbctl.json" } as const;

/** Writes what the director knows into files, when a signal asks for it. Failures are logged. */
export class Dumps {
  readonly #options: DumpsOptions;
  #configuration: ConfigurationInForce;

  constructor(configuration: ConfigurationInForce, options: DumpsOptions) {
    this.#configuration = configuration;
    this.#options = options;
  }

  configure(configuration: ConfigurationInForce): void {
    this.#configuration = configuration;
  }

  /** SIGUSR1. */
  state(): Promise<void> {
    return this.#write("state", async () => stateDump(await this.#options.status(), this.#configuration, now()));
  }

  /** SIGUSR2. */
  stats(): Promise<void> {
    return this.#write("stats", async () => statsDump(await this.#options.status(), now()));
  }

  /** SIGRTMIN+2. */
  json(): Promise<void> {
    const { instances, counted } = this.#options;
    return this.#write("json", async () => {
      const { vrrp, program } = this.#configuration;
      return keepalivedJson(program.dumps.jsonVersion, vrrp, await instances(), counted());
    });
  }

  /** -d. */
  logConfiguration(): void {
    for (const line of configurationLines(this.#configuration)) this.#options.log.notice(line);
  }

  async #write(what: keyof typeof fallbacks, document: () => Promise<unknown>): Promise<void> {
    const { runDir, log } = this.#options;
    const { dumps, instance, netNamespace } = this.#configuration.program;
    const configured = pathOf(dumps, what);
    const path = dumpPath(
      { configured, fallback: fallbacks[what] },
      runDir,
      dumps.useInstance ? [instance, netNamespace] : [],
    );
    try {
      await writeFileAtomic(path, `${JSON.stringify(await document(), null, 2)}\n`, { mode: 0o666 & ~process.umask() });
      log.notice(`dumped ${names[what]} to ${path}`);
    } catch (error) {
      log.error(`cannot dump ${names[what]} to ${path}: ${(error as Error).message}`);
    }
  }
}

const names = { state: "the state", stats: "the statistics", json: "VRRP as JSON" } as const;

function pathOf({ stateFile, statsFile, jsonFile }: DumpSettings, what: keyof typeof fallbacks): string | null {
  return { state: stateFile, stats: statsFile, json: jsonFile }[what];
}

function now(): string {
  return new Date().toISOString();
}

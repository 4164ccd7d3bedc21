import { realpathSync, statSync } from "node:fs";
import { resolve } from "node:path";

/** Set by what starts lbctl: the path that it was started by, which may lead elsewhere after an upgrade. */
const programVariable = "LBCTL_PROGRAM";

/** The program of this process, to be started again as it is on the disk by then. */
export class OwnProgram {
  readonly #command: readonly string[];
  readonly #files: readonly string[];
  readonly #stamp: string;

  private constructor(command: readonly string[], files: readonly string[]) {
    this.#command = command;
    this.#files = files;
    this.#stamp = stampOf(files);
  }

  /** Takes the variable out of the environment: what we run is not started by it. */
  static take(process: Pick<NodeJS.Process, "env" | "argv" | "execPath" | "execArgv" | "cwd">): OwnProgram {
    const { env, argv, execPath, execArgv } = process;
    const started = env[programVariable];
    delete env[programVariable];
    const [, script = "", ...words] = argv;
    const files = [execPath, script];
    if (started === undefined || started === "") {
      return new OwnProgram([execPath, ...execArgv, script, ...words], files);
    }
    const path = resolve(process.cwd(), started);
    return new OwnProgram([path, ...words], [path, ...files]);
  }

  /** With its arguments. */
  get command(): readonly string[] {
    return this.#command;
  }

  /** For the environment of another process of this program. */
  get variables(): NodeJS.ProcessEnv {
    const [path = ""] = this.#files;
    return this.#command[0] === path && this.#files.length === 3 ? { [programVariable]: path } : {};
  }

  /** Whether the files of the program are not those that this process was started from. */
  get hasChanged(): boolean {
    return stampOf(this.#files) !== this.#stamp;
  }
}

function stampOf(files: readonly string[]): string {
  return files.map(stamp).join("\n");
}

function stamp(path: string): string {
  try {
    const found = realpathSync(path);
    const { dev, ino, size, mtimeMs } = statSync(found);
    return `${found} ${dev} ${ino} ${size} ${mtimeMs}`;
  } catch {
    return `${path} is gone`;
  }
}

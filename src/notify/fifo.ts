import { execFile } from "node:child_process";
import { closeSync, constants, fchownSync, fstatSync, openSync, unlinkSync, writeSync } from "node:fs";
import { promisify } from "node:util";

const run = promisify(execFile);

const { O_RDWR, O_NONBLOCK, O_NOFOLLOW } = constants;

export interface FifoOwner {
  readonly uid: number;
  readonly gid: number;
}

/** What went wrong with a FIFO, for people. */
export class FifoProblem extends Error {}

/** A FIFO that lines are written to, whether or not somebody reads it. */
export class Fifo {
  readonly path: string;
  readonly #fd: number;
  readonly #isOurs: boolean;
  #lost = 0;

  private constructor(path: string, fd: number, isOurs: boolean) {
    this.path = path;
    this.#fd = fd;
    this.#isOurs = isOurs;
  }

  /** One that is missing is made, for its owner alone. @throws FifoProblem when something else is there */
  static async open(path: string, owner: FifoOwner): Promise<Fifo> {
    // That it is there already is no fault; whatever else is wrong, the next call says.
    const isOurs = await run("mkfifo", ["-m", "600", "--", path]).then(
      () => true,
      () => false,
    );
    let fd: number;
    try {
      // Opened for both directions it needs no reader, and what is written waits for one (fifo(7)).
      fd = openSync(path, O_RDWR | O_NONBLOCK | O_NOFOLLOW);
    } catch (error) {
      throw new FifoProblem(`${path} cannot be opened as a FIFO: ${(error as NodeJS.ErrnoException).code}`);
    }
    if (fstatSync(fd).isFIFO()) {
      // By descriptor: under this path there may be something else by now.
      if (isOurs && process.getuid?.() === 0) fchownSync(fd, owner.uid, owner.gid);
      return new Fifo(path, fd, isOurs);
    }
    closeSync(fd);
    throw new FifoProblem(`${path} is not a FIFO: remove it, or name another path`);
  }

  /**
   * Writes a line, whole or not at all, and never waits: when nobody reads, 64 KiB wait in the kernel and what comes after is
   * lost. Answers how many lines had been lost when it was the first to fit again; null while lines are being lost.
   */
  write(line: string): number | null {
    try {
      // Up to PIPE_BUF octets are written at once or not at all (pipe(7)).
      writeSync(this.#fd, `${line}\n`);
      const lost = this.#lost;
      this.#lost = 0;
      return lost;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      this.#lost++;
      return null;
    }
  }

  /** Lines that did not fit since one last did. */
  get lost(): number {
    return this.#lost;
  }

  /** Closes it, and removes it if it was made here. */
  close(): void {
    closeSync(this.#fd);
    if (!this.#isOurs) return;
    try {
      unlinkSync(this.path);
    } catch {
      // Somebody else did.
    }
  }
}

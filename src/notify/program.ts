import { Socket } from "node:net";
import { constants } from "node:os";
import { errnoName, native } from "ipvs-netlink";

/** Whose rights a program has. */
export interface Credentials {
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups. */
  readonly groups: readonly number[];
}

export interface Program {
  /** The path first. */
  readonly argv: readonly [string, ...string[]];
  readonly environment: Readonly<Record<string, string>>;
  /** Null: ours. */
  readonly credentials: Credentials | null;
  /** How long it may run; then its process group is asked to end (SIGTERM) and, soon after, killed. Null: for ever. */
  readonly timeoutMs: number | null;
  /** Ends it in the same way. */
  readonly signal?: AbortSignal;
}

export type ProgramEnd =
  | { readonly kind: "exited"; readonly status: number }
  | { readonly kind: "killed"; readonly signal: string }
  /** It did not end in time, whatever became of it then. */
  | { readonly kind: "timed_out"; readonly afterMs: number }
  | { readonly kind: "not_started"; readonly errno: string };

export interface FinishedProgram {
  readonly end: ProgramEnd;
  /** The beginning of what it wrote to standard output and error. */
  readonly output: string;
  readonly tookMs: number;
}

/** From SIGTERM to SIGKILL. */
const graceMs = 2_000;
const outputOctets = 4_096;
/** How long the output of one that has ended may stay open before it counts as complete. */
const leftOpenMs = 50;
const signalled = 256;

/**
 * Runs a program in a session of its own, with no descriptor of ours but its output, and with SIGPIPE ignored: it goes on when
 * this process is gone. Resolves when it has ended, even if what it left behind keeps the output open; never rejects.
 */
export async function runProgram(program: Program): Promise<FinishedProgram> {
  const { argv, environment, credentials, timeoutMs, signal } = program;
  const startedMs = performance.now();
  const finished = (end: ProgramEnd, output = ""): FinishedProgram => {
    return { end, output, tookMs: performance.now() - startedMs };
  };
  const ends = new Int32Array(2);
  const piped = native().pipe(ends);
  if (piped < 0) return finished({ kind: "not_started", errno: errnoName(-piped) });
  const [readEnd = -1, writeEnd = -1] = ends;
  const { uid, gid, groups } = credentials ?? { uid: -1, gid: -1, groups: [] };
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  const pid = new Int32Array(1);
  const pidfd = native().spawn(strings(argv), strings(variables), Int32Array.of(uid, gid, writeEnd, ...groups), pid);
  native().close(writeEnd);
  if (pidfd < 0) {
    native().close(readEnd);
    return finished({ kind: "not_started", errno: errnoName(-pidfd) });
  }
  const output = collectOutput(readEnd);
  const timedOut = await ended(pidfd, pid[0] as number, timeoutMs, signal);
  const status = native().reap(pidfd);
  native().close(pidfd);
  const text = await output.text();
  if (timedOut) return finished({ kind: "timed_out", afterMs: timeoutMs as number }, text);
  if (status >= signalled) return finished({ kind: "killed", signal: signalName(status - signalled) }, text);
  return finished({ kind: "exited", status }, text);
}

/** Waits for the end, and brings it about when it is due. Says whether its time was up. */
function ended(pidfd: number, group: number, timeoutMs: number | null, signal?: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    let timedOut = false;
    let asked = false;
    let timer: NodeJS.Timeout | null = null;
    const ask = (): void => {
      asked = true;
      if (timer !== null) clearTimeout(timer);
      signalGroup(group, "SIGTERM");
      timer = setTimeout(() => signalGroup(group, "SIGKILL"), graceMs);
    };
    if (timeoutMs !== null) {
      timer = setTimeout(() => {
        timedOut = true;
        ask();
      }, timeoutMs);
    }
    if (signal?.aborted) ask();
    else signal?.addEventListener("abort", ask);
    native().watch(pidfd, 1, () => {
      native().unwatch(pidfd);
      if (timer !== null) clearTimeout(timer);
      signal?.removeEventListener("abort", ask);
      // What it started and left in its group gets no second chance.
      if (asked) signalGroup(group, "SIGKILL");
      resolve(timedOut);
    });
  });
}

/** The id stays taken until the program is reaped, so this meets nobody else. */
function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch (error) {
    // EPERM: it runs with rights that we have not (sudo, and no CAP_KILL here), and ends when it likes.
    if (!["ESRCH", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}

/** Keeps the beginning and reads on to the end, or else a program that writes much would wait for us. */
function collectOutput(fd: number) {
  native().detach(fd);
  const socket = new Socket({ fd, readable: true, writable: false });
  const parts: Buffer[] = [];
  let kept = 0;
  socket.on("data", (data) => {
    if (kept < outputOctets) parts.push(data.subarray(0, outputOctets - kept));
    kept += data.length;
  });
  socket.on("error", () => {});
  socket.unref();
  return {
    /** What is there by now: the program has ended, what it left behind may still write. */
    text: () =>
      new Promise<string>((resolve) => {
        const done = (): void => resolve(Buffer.concat(parts).toString());
        if (socket.readableEnded || socket.destroyed) done();
        else {
          // An immediate, for what arrived while the timer was late.
          const patience = setTimeout(() => setImmediate(done), leftOpenMs);
          socket.once("close", () => {
            clearTimeout(patience);
            done();
          });
        }
      }),
  };
}

function strings(list: readonly string[]): Uint8Array {
  return Buffer.from(list.map((each) => `${each}\0`).join(""));
}

function signalName(number: number): string {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? `signal ${number}`;
}

import { EventEmitter, once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/** Who holds the lock, as far as it says. */
export interface WriterLockHolder {
  readonly pid: number;
  readonly sinceEpochMs: number;
}

export interface WriterLockOptions {
  /** What is written: "ipvs", or the identity of a user-space data plane. */
  readonly table: string;
  /** Told once per holder that is waited for; null is one that does not say who it is. */
  readonly onWait?: (holder: WriterLockHolder | null) => void;
  /** Told to a holder that is waited for: what this process would go on with. */
  readonly wants?: string;
  /** Called once, before a holder is waited for. */
  readonly prepare?: () => Promise<void>;
  /** Gives up waiting for a holder; `acquireWriterLock` then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface WriterLock {
  /** Resolves when a process waits that `wants` this; rejects with the signal's reason. */
  wantedAs(wants: string, signal: AbortSignal): Promise<void>;
  /** Resolves when another process can have it. */
  release(): Promise<void>;
}

// A holder whose process is stopped neither answers nor hangs up.
const recheckMs = 1_000;

// Whoever holds the name without being one of us may hang up at once, again and again.
const hastyMs = 50;

/**
 * The right to write one table: an abstract unix socket, which exists once per network namespace, as the kernel's table
 * does, leaves nothing behind in the file system and is freed by the kernel the moment its process is gone. Resolves when it is
 * ours, however long that takes.
 */
export async function acquireWriterLock(options: WriterLockOptions): Promise<WriterLock> {
  const name = `\0lbctl-writer-${options.table}`;
  let waitedFor: number | null | undefined;
  let isPrepared = false;
  for (;;) {
    const server = await listen(name);
    if (server !== null) return lockOf(server);
    if (!isPrepared) await options.prepare?.();
    isPrepared = true;
    options.signal?.throwIfAborted();
    const startedMs = performance.now();
    await holderGone(name, options, (holder) => {
      const pid = holder?.pid ?? null;
      if (waitedFor !== pid) options.onWait?.(holder);
      waitedFor = pid;
    });
    if (performance.now() - startedMs < hastyMs) await new Promise((resolve) => setTimeout(resolve, hastyMs));
  }
}

function lockOf({ server, waiting, wishes }: Listening): WriterLock {
  return {
    async wantedAs(wants, signal) {
      while (![...waiting.values()].includes(wants)) await once(wishes, "wish", { signal });
    },
    release: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of waiting.keys()) socket.destroy();
      }),
  };
}

interface Listening {
  readonly server: Server;
  /** What each wants, once it has said so. */
  readonly waiting: ReadonlyMap<Socket, string | null>;
  /** Emits "wish" when one says so. */
  readonly wishes: EventEmitter;
}

/** Null if the name is taken. */
function listen(name: string): Promise<Listening | null> {
  const waiting = new Map<Socket, string | null>();
  const wishes = new EventEmitter();
  const holder: WriterLockHolder = { pid: process.pid, sinceEpochMs: Date.now() };
  const server = createServer((socket) => {
    waiting.set(socket, null);
    socket.unref();
    socket.on("error", () => {});
    socket.on("close", () => waiting.delete(socket));
    onFirstLine(socket, (line) => {
      waiting.set(socket, parseWish(line));
      wishes.emit("wish");
    });
    // Kept open: that it closes is how a successor learns that we are gone.
    socket.write(`${JSON.stringify(holder)}\n`);
  });
  return new Promise((resolve, reject) => {
    server.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(null);
      else reject(error);
    });
    server.listen({ path: name, exclusive: true }, () => {
      server.unref();
      resolve({ server, waiting, wishes });
    });
  });
}

/** Resolves when the holder hangs up, or after a while in which it did not: the caller tries again in any case. */
function holderGone(
  name: string,
  { signal, wants }: WriterLockOptions,
  onHolder: (holder: WriterLockHolder | null) => void,
): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ path: name });
    if (wants !== undefined) socket.write(`${JSON.stringify({ wants })}\n`);
    let told = false;
    const tell = (holder: WriterLockHolder | null) => {
      if (!told) onHolder(holder);
      told = true;
    };
    const silent = setTimeout(() => {
      tell(null);
      if (socket.bytesRead === 0) socket.destroy();
    }, recheckMs);
    const giveUp = () => socket.destroy();
    if (signal?.aborted) giveUp();
    signal?.addEventListener("abort", giveUp, { once: true });
    onFirstLine(socket, (line) => tell(parseHolder(line)));
    socket.on("error", () => {});
    socket.on("close", () => {
      clearTimeout(silent);
      signal?.removeEventListener("abort", giveUp);
      resolve();
    });
  });
}

/** Reads on, and drops what follows; a line may have so many characters. */
const longestLine = 5_000;

function onFirstLine(socket: Socket, tell: (line: string) => void): void {
  let text = "";
  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => {
    if (text.includes("\n")) return;
    text = (text + chunk).slice(0, longestLine);
    const end = text.indexOf("\n");
    if (end >= 0) tell(text.slice(0, end));
  });
}

function parseWish(line: string): string | null {
  try {
    const { wants } = JSON.parse(line) as { readonly wants?: unknown };
    return typeof wants === "string" ? wants : null;
  } catch {
    return null;
  }
}

function parseHolder(line: string): WriterLockHolder | null {
  try {
    const { pid, sinceEpochMs } = JSON.parse(line) as Partial<WriterLockHolder>;
    return typeof pid === "number" && typeof sinceEpochMs === "number" ? { pid, sinceEpochMs } : null;
  } catch {
    return null;
  }
}

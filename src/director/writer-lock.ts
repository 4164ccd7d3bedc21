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
  /** Gives up waiting for a holder; `acquireWriterLock` then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface WriterLock {
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
  for (;;) {
    const server = await listen(name);
    if (server !== null) return lockOf(server);
    options.signal?.throwIfAborted();
    const startedMs = performance.now();
    await holderGone(name, options.signal, (holder) => {
      const pid = holder?.pid ?? null;
      if (waitedFor !== pid) options.onWait?.(holder);
      waitedFor = pid;
    });
    if (performance.now() - startedMs < hastyMs) await new Promise((resolve) => setTimeout(resolve, hastyMs));
  }
}

function lockOf({ server, waiting }: Listening): WriterLock {
  return {
    release: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of waiting) socket.destroy();
      }),
  };
}

interface Listening {
  readonly server: Server;
  readonly waiting: ReadonlySet<Socket>;
}

/** Null if the name is taken. */
function listen(name: string): Promise<Listening | null> {
  const waiting = new Set<Socket>();
  const holder: WriterLockHolder = { pid: process.pid, sinceEpochMs: Date.now() };
  const server = createServer((socket) => {
    waiting.add(socket);
    socket.unref();
    socket.on("error", () => {});
    socket.on("close", () => waiting.delete(socket));
    socket.resume();
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
      resolve({ server, waiting });
    });
  });
}

/** Resolves when the holder hangs up, or after a while in which it did not: the caller tries again in any case. */
function holderGone(
  name: string,
  signal: AbortSignal | undefined,
  onHolder: (holder: WriterLockHolder | null) => void,
): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ path: name });
    let text = "";
    let told = false;
    const tell = (holder: WriterLockHolder | null) => {
      if (!told) onHolder(holder);
      told = true;
    };
    const silent = setTimeout(() => {
      tell(null);
      if (text === "") socket.destroy();
    }, recheckMs);
    const giveUp = () => socket.destroy();
    if (signal?.aborted) giveUp();
    signal?.addEventListener("abort", giveUp, { once: true });
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => {
      text = (text + chunk).slice(0, 1_000);
      if (text.includes("\n")) tell(parseHolder(text));
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      clearTimeout(silent);
      signal?.removeEventListener("abort", giveUp);
      resolve();
    });
  });
}

function parseHolder(text: string): WriterLockHolder | null {
  try {
    const { pid, sinceEpochMs } = JSON.parse(text.slice(0, text.indexOf("\n"))) as Partial<WriterLockHolder>;
    return typeof pid === "number" && typeof sinceEpochMs === "number" ? { pid, sinceEpochMs } : null;
  } catch {
    return null;
  }
}

import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "undici";
import { type ControlApi, ControlError, type ControlErrorBody, type ControlRoute } from "./api.ts";

import type { EventEntry } from "./event-log.ts";

/** The daemon could not be spoken to. */
export class DaemonUnreachable extends Error {
  readonly code = "daemon-unreachable";
  readonly socket: string;
  readonly errno: string;
  readonly hint: string;
  constructor(socket: string, errno: string) {
    super(`no answer on ${socket}: ${explain[errno] ?? errno}`);
    this.socket = socket;
    this.errno = errno;
    this.hint =
      errno === "EACCES" || errno === "EPERM"
        ? "Run this as root, or as a member of the socket's group."
        : errno === "ETIMEDOUT"
          ? '"lbctl doctor --only controllers" says which process that is, and what helps.'
          : 'Start it with "lbctl run", or name its directory with --run-dir.';
  }
}

const explain: Readonly<Record<string, string>> = {
  ENOENT: "the socket does not exist, so no lbctl runs in this network namespace",
  ECONNREFUSED: "the socket is a leftover, the lbctl that made it is gone",
  EACCES: "permission denied",
  EPERM: "permission denied",
  ETIMEDOUT: "the daemon takes connections and answers nothing: it hangs, or is stopped",
  UND_ERR_SOCKET: "the daemon closed the connection before it answered",
};

export interface Patience {
  /** Gives up when the answer has not begun by then, whatever the daemon works on. */
  readonly answerWithinMs?: number;
  /** After how long it is asked whether it answers at all, again and again. */
  readonly askAgainMs?: number;
  /** It hangs if it does not answer that so soon. Together twice as long as its service manager waits. */
  readonly silentAfterMs?: number;
}

/**
 * One request to the daemon behind `socket`. Waits as long as the daemon works on it (a large reload takes minutes), but not for one that
 * hangs.
 * @throws ControlError what the daemon answered
 * @throws DaemonUnreachable
 */
export async function requestControl<R extends ControlRoute>(
  socket: string,
  route: R,
  request: ControlApi[R]["request"],
  { answerWithinMs = 0, askAgainMs = 10_000, silentAfterMs = 50_000 }: Patience = {},
): Promise<ControlApi[R]["response"]> {
  const [method, path] = route.split(" ") as ["GET" | "POST", string];
  const client = clientOf(socket, answerWithinMs);
  const over = new AbortController();
  try {
    const response = await Promise.race([
      client.request({ method, path, body: request === null ? null : JSON.stringify(request) }),
      silence(socket, askAgainMs, silentAfterMs, over.signal),
    ]);
    const answer = (await response.body.json()) as ControlApi[R]["response"] | ControlErrorBody;
    if (response.statusCode === 200) return answer as ControlApi[R]["response"];
    const { code, message, hint, diagnostics } = (answer as ControlErrorBody).error;
    throw new ControlError(code, message, hint, diagnostics);
  } catch (error) {
    if (error instanceof ControlError) throw error;
    throw error instanceof DaemonUnreachable ? error : new DaemonUnreachable(socket, errnoOf(error));
  } finally {
    over.abort();
    await client.destroy();
  }
}

/** Asks what needs no work, until it is aborted. @throws DaemonUnreachable when that is not answered either */
async function silence(socket: string, everyMs: number, withinMs: number, signal: AbortSignal): Promise<never> {
  for (;;) {
    await sleep(everyMs, undefined, { signal });
    const client = clientOf(socket, withinMs);
    try {
      const { body } = await client.request({ method: "GET", path: "/v1/overrides", signal });
      await body.dump();
    } catch (error) {
      // Anything else is an answer, or the other request hears of it, too.
      if (errnoOf(error) === "ETIMEDOUT") throw new DaemonUnreachable(socket, "ETIMEDOUT");
    } finally {
      await client.destroy();
    }
  }
}

/** `answerWithinMs` 0: for ever. */
function clientOf(socket: string, answerWithinMs: number): Client {
  return new Client("http://lbctl", { socketPath: socket, headersTimeout: answerWithinMs, bodyTimeout: 0 });
}

/**
 * The events of the daemon behind `socket` as they come, from number `since` on (null: the last 100); ends with those that are
 * there, or, if followed, with the daemon.
 * @throws ControlError what the daemon answered
 * @throws DaemonUnreachable
 */
export async function* readEvents(
  socket: string,
  { since, follow, signal }: { readonly since: number | null; readonly follow: boolean; readonly signal?: AbortSignal },
): AsyncGenerator<EventEntry> {
  // It begins at once, also where nothing has happened yet.
  const client = clientOf(socket, 60_000);
  const query = new URLSearchParams({ follow: follow ? "1" : "0", ...(since === null ? {} : { since: `${since}` }) });
  try {
    const { statusCode, body } = await client.request({
      ...{ method: "GET", path: `/v1/events?${query}` },
      ...(signal === undefined ? {} : { signal }),
    });
    if (statusCode !== 200) {
      const { code, message, hint } = ((await body.json()) as ControlErrorBody).error;
      throw new ControlError(code, message, hint);
    }
    body.setEncoding("utf8");
    let rest = "";
    for await (const chunk of body) {
      const lines = `${rest}${chunk}`.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) yield JSON.parse(line) as EventEntry;
    }
  } catch (error) {
    if (error instanceof ControlError) throw error;
    throw new DaemonUnreachable(socket, errnoOf(error));
  } finally {
    await client.destroy();
  }
}

function errnoOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  if (code === "UND_ERR_HEADERS_TIMEOUT") return "ETIMEDOUT";
  return typeof code === "string" ? code : String(error);
}

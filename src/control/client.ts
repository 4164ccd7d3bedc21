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
        : 'Start it with "lbctl run", or name its directory with --run-dir.';
  }
}

const explain: Readonly<Record<string, string>> = {
  ENOENT: "the socket does not exist, so no lbctl runs in this network namespace",
  ECONNREFUSED: "the socket is a leftover, the lbctl that made it is gone",
  EACCES: "permission denied",
  EPERM: "permission denied",
  UND_ERR_SOCKET: "the daemon closed the connection before it answered",
};

/**
 * One request to the daemon behind `socket`. Waits as long as the daemon works on it.
 * @throws ControlError what the daemon answered
 * @throws DaemonUnreachable
 */
export async function requestControl<R extends ControlRoute>(
  socket: string,
  route: R,
  request: ControlApi[R]["request"],
): Promise<ControlApi[R]["response"]> {
  const [method, path] = route.split(" ") as ["GET" | "POST", string];
  const client = new Client("http://lbctl", { socketPath: socket, headersTimeout: 0, bodyTimeout: 0 });
  try {
    const response = await client.request({ method, path, body: request === null ? null : JSON.stringify(request) });
    const answer = (await response.body.json()) as ControlApi[R]["response"] | ControlErrorBody;
    if (response.statusCode === 200) return answer as ControlApi[R]["response"];
    const { code, message, hint, diagnostics } = (answer as ControlErrorBody).error;
    throw new ControlError(code, message, hint, diagnostics);
  } catch (error) {
    if (error instanceof ControlError) throw error;
    throw new DaemonUnreachable(socket, errnoOf(error));
  } finally {
    await client.close();
  }
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
  const client = new Client("http://lbctl", { socketPath: socket, headersTimeout: 0, bodyTimeout: 0 });
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
  return typeof code === "string" ? code : String(error);
}

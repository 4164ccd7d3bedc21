import type { IncomingMessage, ServerResponse } from "node:http";
import type { EventLog } from "./event-log.ts";

export const EVENTS_ROUTE = "GET /v1/events";

/** At most so many that happened before, unless `since` asks for others. */
const defaultBacklog = 100;

/**
 * Answers with a line of JSON per event (application/x-ndjson): those from number `since` on (by default the last 100), and with
 * `follow=1` every later one until the reader goes. Never holds more than the socket's buffer: a reader that is slower than
 * events come, and falls behind the log, gets a line {"event":"events_lost","lost":n} in their place. Who follows is in
 * `followers` until it goes.
 */
export function streamEvents(
  events: EventLog,
  request: IncomingMessage,
  response: ServerResponse,
  followers: Set<ServerResponse>,
): void {
  const query = new URL(request.url ?? "", "http://lbctl").searchParams;
  const since = query.get("since") ?? `${Math.max(1, events.next - defaultBacklog)}`;
  if (!/^\d{1,15}$/.test(since)) {
    const message = `"since" is no sequence number: ${since}`;
    response.writeHead(400, { "content-type": "application/json" });
    response.end(JSON.stringify({ error: { code: "bad-request", message, hint: "Give the seq of an event." } }));
    return;
  }
  const follow = query.get("follow") === "1";
  response.writeHead(200, { "content-type": "application/x-ndjson" });
  // Or a reader waits for the first event to learn that it is connected.
  response.flushHeaders();
  let next = Math.max(1, Number(since));
  let full = false;
  const send = (): void => {
    for (let entry = events.at(next); entry !== null && !full; entry = events.at(next)) {
      const lost = entry.seq - next;
      const lines = lost > 0 ? [{ event: "events_lost", lost }, entry] : [entry];
      next = entry.seq + 1;
      full = !response.write(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    }
    if (!follow && !full) response.end();
  };
  response.on("drain", () => {
    full = false;
    send();
  });
  if (follow) {
    const stop = events.listen(send);
    followers.add(response);
    response.on("close", () => {
      stop();
      followers.delete(response);
    });
  }
  send();
}

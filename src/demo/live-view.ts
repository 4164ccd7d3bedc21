/** Colours a piece of text, or leaves it alone. */
export type Paint = (code: "red" | "green" | "yellow" | "cyan" | "bold" | "dim", text: string) => string;

export interface LiveServer {
  readonly name: string;
  readonly endpoint: string;
  readonly state: string;
  readonly weight: number;
  /** Of the traffic of the last seconds, 0 to 1. */
  readonly share: number;
  readonly activeConnections: number;
  readonly reason: string;
}

/** What the spectator sees at one moment. */
export interface LiveView {
  readonly service: string;
  readonly scheduler: string;
  readonly requestsPerS: number;
  readonly requests: number;
  readonly errors: number;
  readonly servers: readonly LiveServer[];
}

/** A terminal narrower than this has no room for the table. */
export const fewestColumns = 72;

const barWidth = (columns: number): number => (columns < 100 ? 10 : 20);

/** The table as lines of at most `columns` characters. */
export function liveLines(view: LiveView, paint: Paint, columns: number): string[] {
  const totals = `${view.requestsPerS} requests/s, ${view.requests} so far, ${view.errors} errors`;
  const head = `       ${"REAL SERVER".padEnd(16)}  ${"STATE".padEnd(8)}  WEIGHT  ${"SHARE, LAST 3 S".padEnd(barWidth(columns) + 6)}  ACTIVE  WHY`;
  return [
    paint("bold", cut(`${view.service}  ${view.scheduler} NAT  ${totals}`, columns)),
    paint("dim", cut(head, columns)),
    ...view.servers.map((server) => serverLine(server, paint, columns)),
  ];
}

/** The same in one line, for logs. */
export function plainLine(view: LiveView): string {
  const servers = view.servers.map(
    ({ name, state, weight, share }) => `${name} ${state} weight ${weight} share ${percent(share).trim()}`,
  );
  return `${servers.join(" | ")} | ${view.requestsPerS} requests/s, ${view.errors} errors so far`;
}

function serverLine(server: LiveServer, paint: Paint, columns: number): string {
  const { name, endpoint, state, weight, share, activeConnections, reason } = server;
  const width = barWidth(columns);
  const filled = Math.round(share * width);
  const bar = "█".repeat(filled) + "·".repeat(width - filled);
  const before = `${name.padEnd(5)}  ${endpoint.padEnd(16)}  `;
  const after = `  ${String(weight).padStart(6)}  ${bar} ${percent(share)}  ${String(activeConnections).padStart(6)}  `;
  const room = columns - before.length - 8 - after.length;
  return `${before}${paint(state === "up" ? "green" : "red", state.padEnd(8))}${after}${room > 0 ? cut(reason, room) : ""}`.trimEnd();
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`.padStart(5);
}

function cut(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1))}…`;
}

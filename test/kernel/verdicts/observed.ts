import { type Both, type Side, sides, type TwoDirectors } from "./two-directors.ts";

/** "r1=3 r2=0 | r2- vs-": the destinations of a virtual server with their weights, and what was told of it. */
export type Seen = string;

/** A virtual server as it stands in the table and in what is told. */
export interface Named {
  readonly services: readonly string[];
  readonly name: string;
}

/**
 * Compares what both sides have in their tables and have told, for many virtual servers at once, stage by stage.
 */
export class Observed {
  readonly #directors: TwoDirectors;
  readonly #servers: readonly Named[];
  readonly #toldBefore: Record<Side, number> = { lbctl: 0, keepalived: 0 };

  constructor(directors: TwoDirectors, servers: readonly Named[]) {
    this.#directors = directors;
    this.#servers = servers;
  }

  /** Of each virtual server, what it is now; told is what came since the last stage. */
  async now(): Promise<{ readonly seen: Both<readonly Seen[]>; readonly tables: Both<readonly string[]> }> {
    const tables = await this.#directors.tables();
    const of = (side: Side) => {
      const told = this.#directors.told(side).slice(this.#toldBefore[side]);
      return this.#servers.map(
        ({ services, name }) => `${destinationsOf(tables[side], services)} | ${toldOf(told, name)}`,
      );
    };
    return { tables, seen: { lbctl: of("lbctl"), keepalived: of("keepalived") } };
  }

  /** What comes from now on is the next stage's. */
  nextStage(): void {
    for (const side of sides) this.#toldBefore[side] = this.#directors.told(side).length;
  }
}

/** Both in one spelling: "r1=1|r2-" and "r1=1  | r2-" are the same. */
export function spelt(seen: Seen): string {
  const [table = "", told = ""] = seen.split("|").map((part) => part.trim());
  return `${table} | ${told}`;
}

/** All services of a virtual server have the same destinations; one that has others is shown behind a slash. */
function destinationsOf(table: readonly string[], services: readonly string[]): string {
  const each = services.map((service) =>
    table
      .flatMap((line) => {
        const found = new RegExp(`^-a ${service} -r [0-9.]+\\.2(\\d):\\d+ -(\\w) -w (\\d+)`).exec(line);
        if (found === null) return [];
        const [, host, method, weight] = found;
        return [`r${host}=${weight}${method === "m" ? "" : `-${method}`}`];
      })
      .join(" "),
  );
  return [...new Set(each)].join(" / ");
}

/** What these lines of a FIFO say of one virtual server: "r1- vs-". */
export function toldOf(lines: readonly string[], name: string): string {
  return lines
    .flatMap((line) => {
      const [kind, ...words] = line.split(" ");
      const state = words.at(-1) === "UP" ? "+" : "-";
      if (kind === "VS" && words.slice(0, -1).join(" ") === name) return [`vs${state}`];
      if (kind === "RS" && words.slice(1, -1).join(" ") === name)
        return [`r${/\.2(\d)\]/.exec(words[0] as string)?.[1]}${state}`];
      return [];
    })
    .join(" ");
}

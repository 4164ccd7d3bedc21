/** Where the demo is shown. */
export interface ScreenOutput {
  write(text: string): unknown;
  readonly columns?: number;
}

/** Lines that stay, and below them, on a terminal, a live part that is redrawn in place. */
export class Screen {
  readonly #output: ScreenOutput;
  readonly #live: boolean;
  #drawn: readonly string[] = [];

  constructor(output: ScreenOutput, live: boolean) {
    this.#output = output;
    this.#live = live;
  }

  get live(): boolean {
    return this.#live;
  }

  get columns(): number {
    return this.#output.columns ?? 80;
  }

  /** A line that stays. */
  say(line = ""): void {
    this.#output.write(`${this.#erased()}${line}\n${this.#text(this.#drawn)}`);
  }

  /** Replaces the live part; nothing without a terminal. */
  draw(lines: readonly string[]): void {
    if (!this.#live) return;
    this.#output.write(`${this.#erased()}${this.#text(lines)}`);
    this.#drawn = lines;
  }

  #text(lines: readonly string[]): string {
    return lines.length === 0 ? "" : `\n${lines.join("\n")}\n`;
  }

  /** Up to the start of the live part (which begins with an empty line) and clear to the end; a terminal that echoed ^C is in mid-line. */
  #erased(): string {
    return this.#drawn.length === 0 ? "" : `\r\u001b[${this.#drawn.length + 1}A\u001b[J`;
  }
}

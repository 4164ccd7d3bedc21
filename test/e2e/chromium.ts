import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";

interface Reply {
  readonly id?: number;
  readonly method?: string;
  readonly sessionId?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
}

/** Whether Debian's chromium is there. */
export const chromiumPath = "/usr/bin/chromium";

/** Debian's Chromium without a window, spoken to in the DevTools protocol over pipes (messages end with a NUL octet). */
export class Chromium {
  readonly #child: ChildProcess;
  readonly #profile = mkdtempSync(join(tmpdir(), "lbctl-chromium-"));
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  readonly #exited: Promise<void>;
  #nextId = 1;
  #session: string | undefined;
  /** What the page logged, and what it was not allowed to do. */
  readonly complaints: string[] = [];

  private constructor() {
    const words = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage"];
    const own = [`--user-data-dir=${this.#profile}`, "--no-first-run", "--remote-debugging-pipe", "about:blank"];
    this.#child = spawn(chromiumPath, [...words, ...own], { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
    this.#exited = new Promise((resolve) => this.#child.once("exit", () => resolve()));
    let text = "";
    (this.#child.stdio[4] as Readable).setEncoding("utf8").on("data", (chunk: string) => {
      const messages = (text + chunk).split("\0");
      text = messages.pop() ?? "";
      for (const message of messages) this.#receive(JSON.parse(message) as Reply);
    });
  }

  static async start(): Promise<Chromium> {
    const browser = new Chromium();
    const { targetId } = await browser.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await browser.send("Target.attachToTarget", { targetId, flatten: true });
    browser.#session = sessionId as string;
    for (const domain of ["Page", "Runtime", "Log", "Audits"]) await browser.send(`${domain}.enable`);
    return browser;
  }

  send(method: string, params: object = {}): Promise<Readonly<Record<string, unknown>>> {
    const id = this.#nextId++;
    const message = JSON.stringify({ id, method, params, ...(this.#session ? { sessionId: this.#session } : {}) });
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ error, result = {} }) => (error ? reject(new Error(error.message)) : resolve(result)));
      (this.#child.stdio[3] as Writable).write(`${message}\0`);
    });
  }

  /** The value of an expression in the page. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = (await this.send("Runtime.evaluate", {
      expression,
      returnByValue: true,
      awaitPromise: true,
    })) as { result: { value: T }; exceptionDetails?: { exception?: { description?: string } } };
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? expression);
    return result.value;
  }

  /** PNG of the window. */
  async screenshot(): Promise<Buffer> {
    return Buffer.from((await this.send("Page.captureScreenshot")).data as string, "base64");
  }

  /** Presses and lets go of a key: "/", "Tab", "Enter". */
  async press(key: string): Promise<void> {
    const known: Readonly<Record<string, object>> = {
      Tab: { code: "Tab", windowsVirtualKeyCode: 9 },
      Enter: { code: "Enter", windowsVirtualKeyCode: 13, text: "\r" },
      Escape: { code: "Escape", windowsVirtualKeyCode: 27 },
    };
    const how = known[key] ?? { text: key };
    await this.send("Input.dispatchKeyEvent", { type: "keyDown", key, ...how });
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", key, ...how });
  }

  async close(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exited;
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  #receive(reply: Reply): void {
    if (reply.id !== undefined) {
      this.#waiting.get(reply.id)?.(reply);
      this.#waiting.delete(reply.id);
    } else if (reply.method === "Log.entryAdded" || reply.method === "Runtime.exceptionThrown") {
      this.complaints.push(JSON.stringify(reply.params));
    } else if (reply.method === "Audits.issueAdded") {
      const text = JSON.stringify(reply.params);
      if (text.includes("ContentSecurityPolicy")) this.complaints.push(text);
    }
  }
}

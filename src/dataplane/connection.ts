import { connect, type Socket } from "node:net";
import { lines } from "./lines.ts";
import type { Answer } from "./protocol.ts";
import { UserspaceError, type UserspaceErrorCode } from "./userspace-error.ts";

/** A data plane that is busy with a batch answers late, one that hangs never: then the connection is given up. */
const answerWithinMs = 30_000;
const maxAnswerBytes = 64 << 20;

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: UserspaceError) => void;
  /** Of an answer that comes in parts. */
  readonly parts: unknown[];
  readonly deadline: NodeJS.Timeout;
}

/** One connection to the data plane's socket: matches answers to calls. Once broken it stays so. */
export class Connection {
  readonly #socket: Socket;
  readonly #path: string;
  readonly #onEnd: () => void;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  #usable = true;

  /**
   * `onEnd` is called once, when the connection could not be made, breaks or is closed.
   * @throws UserspaceError "unreachable"
   */
  static open(path: string, onEnd: () => void): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect(path);
      const refuse = ({ code, message }: NodeJS.ErrnoException): void => {
        onEnd();
        reject(new UserspaceError("unreachable", `no user-space data plane answers on ${path}: ${code ?? message}`));
      };
      socket.once("error", refuse);
      socket.once("connect", () => {
        socket.off("error", refuse);
        resolve(new Connection(socket, path, onEnd));
      });
    });
  }

  private constructor(socket: Socket, path: string, onEnd: () => void) {
    this.#onEnd = onEnd;
    this.#socket = socket;
    this.#path = path;
    socket.on("error", () => {});
    socket.on("close", () => this.#fail("connection-lost", "closed the connection"));
    void this.#read();
  }

  /** Sends a request, with an id of its own, and waits for the whole answer. */
  call(request: object): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (!this.#usable) return reject(this.#error("connection-lost", "closed the connection"));
      const id = ++this.#lastId;
      const deadline = setTimeout(
        () => this.#fail("connection-lost", `has not answered for ${answerWithinMs / 1000} s`),
        answerWithinMs,
      );
      this.#pending.set(id, { resolve, reject, parts: [], deadline });
      this.#socket.write(`${JSON.stringify({ id, ...request })}\n`);
    });
  }

  close(): void {
    this.#fail("closed", "was asked something as the connection was being closed");
  }

  async #read(): Promise<void> {
    try {
      for await (const line of lines(this.#socket, maxAnswerBytes)) this.#take(line);
    } catch {
      this.#fail("connection-lost", "closed the connection");
    }
  }

  #take(line: string): void {
    const answer = parseAnswer(line);
    const pending = answer?.id == null ? undefined : this.#pending.get(answer.id);
    if (answer === null || answer.id === null || pending === undefined) {
      this.#fail("protocol", "sent something that is no answer to what was asked");
      return;
    }
    if ("more" in answer) {
      pending.parts.push(...answer.result);
      pending.deadline.refresh();
      return;
    }
    this.#pending.delete(answer.id);
    clearTimeout(pending.deadline);
    if ("error" in answer) pending.reject(this.#error("protocol", `refused the request: ${answer.error}`));
    else pending.resolve(pending.parts.length === 0 ? answer.result : pending.parts.concat(answer.result));
  }

  #fail(code: UserspaceErrorCode, what: string): void {
    if (!this.#usable) return;
    this.#usable = false;
    this.#onEnd();
    this.#socket.destroy();
    for (const { reject, deadline } of this.#pending.values()) {
      clearTimeout(deadline);
      reject(this.#error(code, what));
    }
    this.#pending.clear();
  }

  #error(code: UserspaceErrorCode, what: string): UserspaceError {
    return new UserspaceError(code, `the user-space data plane on ${this.#path} ${what}`);
  }
}

function parseAnswer(line: string): Answer | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && "id" in value ? (value as Answer) : null;
  } catch {
    return null;
  }
}

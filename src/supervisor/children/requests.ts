interface Numbered {
  readonly kind: string;
  readonly id: number;
}

interface Waiting<Answer> {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** Requests to another process, each with a number, that wait for the answers that name it. */
export class Requests<Request, Answer extends Numbered> {
  readonly #send: (request: Request) => boolean;
  readonly #notRunning: () => Error;
  readonly #waiting = new Map<number, Waiting<Answer>>();
  #nextId = 1;

  /** `send` says whether there is somebody to answer; `notRunning` is the error where nobody is. */
  constructor(send: (request: Request) => boolean, notRunning: () => Error) {
    this.#send = send;
    this.#notRunning = notRunning;
  }

  /** Resolves with the answer, which is of that kind. Rejects with what `refused` or `lost` is told. */
  async ask<K extends Answer["kind"]>(
    kind: K,
    request: (id: number) => Request,
  ): Promise<Extract<Answer, { readonly kind: K }>> {
    const id = this.#nextId++;
    const answer = await new Promise<Answer>((resolve, reject) => {
      if (this.#send(request(id))) this.#waiting.set(id, { resolve, reject });
      else reject(this.#notRunning());
    });
    if (!isOf(answer, kind)) throw new Error(`the answer is "${answer.kind}" where "${kind}" was asked for`);
    return answer;
  }

  answered(answer: Answer): void {
    this.#take(answer.id)?.resolve(answer);
  }

  refused(id: number, error: Error): void {
    this.#take(id)?.reject(error);
  }

  /** The other process is gone: a successor knows nothing of what it was asked. */
  lost(error: Error): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(error);
  }

  #take(id: number): Waiting<Answer> | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }
}

function isOf<Answer extends Numbered, K extends Answer["kind"]>(
  answer: Answer,
  kind: K,
): answer is Extract<Answer, { readonly kind: K }> {
  return answer.kind === kind;
}

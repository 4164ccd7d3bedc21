import type { ServerResponse } from "node:http";
import { startStream } from "./answer.ts";

const everyMs = 2_000;
/** Without news, so that neither end takes the other for dead. */
const heartbeatRounds = 8;
/** People who look at the page at once. */
const mostFollowers = 50;

interface Follower {
  readonly response: ServerResponse;
  readonly document: () => Promise<object>;
  last: string;
  silentRounds: number;
  isFull: boolean;
}

/** Sends the page anew to those who look at it, when it is otherwise than before. One who reads too slowly skips some. */
export class Followers {
  readonly #followers = new Set<Follower>();
  #timer: NodeJS.Timeout | null = null;

  /** False: there are too many already. */
  add(response: ServerResponse, document: () => Promise<object>): boolean {
    if (this.#followers.size >= mostFollowers) return false;
    startStream(response);
    const follower: Follower = { response, document, last: "", silentRounds: 0, isFull: false };
    this.#followers.add(follower);
    response.on("drain", () => {
      follower.isFull = false;
    });
    response.on("close", () => {
      this.#followers.delete(follower);
      if (this.#followers.size === 0) this.#stop();
    });
    this.#timer ??= setInterval(() => void this.#round(), everyMs);
    void this.#send(follower);
    return true;
  }

  async #round(): Promise<void> {
    for (const follower of this.#followers) await this.#send(follower);
  }

  async #send(follower: Follower): Promise<void> {
    const { response } = follower;
    if (follower.isFull || response.destroyed) return;
    try {
      const document = await follower.document();
      // The time alone is no news.
      const news = JSON.stringify({ ...document, now: "" });
      if (news === follower.last) {
        follower.silentRounds += 1;
        if (follower.silentRounds % heartbeatRounds === 0) response.write(":\n\n");
        return;
      }
      follower.last = news;
      follower.silentRounds = 0;
      follower.isFull = !response.write(`event: page\ndata: ${JSON.stringify(document)}\n\n`);
    } catch {
      // The supervisor does not answer: the page says so, and asks again by itself.
      response.end();
    }
  }

  #stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }
}

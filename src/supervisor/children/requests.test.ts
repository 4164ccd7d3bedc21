import { describe, expect, test } from "vitest";
import { Requests } from "./requests.ts";

interface Request {
  readonly kind: "add" | "name";
  readonly id: number;
}
type Answer =
  | { readonly kind: "added"; readonly id: number; readonly sum: number }
  | { readonly kind: "named"; readonly id: number; readonly name: string };

function channel() {
  const sent: Request[] = [];
  const state = { runs: true };
  const send = (request: Request): boolean => {
    if (state.runs) sent.push(request);
    return state.runs;
  };
  const requests = new Requests<Request, Answer>(send, () => new Error("does not run"));
  return { sent, state, requests };
}

describe("a request", () => {
  test("gets the answer with its number, in whichever order answers come", async () => {
    const { sent, requests } = channel();
    const sum = requests.ask("added", (id) => ({ kind: "add", id }));
    const name = requests.ask("named", (id) => ({ kind: "name", id }));
    const [first, second] = sent.map(({ id }) => id) as [number, number];
    requests.answered({ kind: "named", id: second, name: "web" });
    requests.answered({ kind: "added", id: first, sum: 3 });
    expect((await sum).sum).toBe(3);
    expect((await name).name).toBe("web");
  });

  test("is refused where it was asked, and the others wait on", async () => {
    const { sent, requests } = channel();
    const refused = requests.ask("added", (id) => ({ kind: "add", id }));
    const answered = requests.ask("added", (id) => ({ kind: "add", id }));
    const [first, second] = sent.map(({ id }) => id) as [number, number];
    requests.refused(first, new Error("too large"));
    requests.answered({ kind: "added", id: second, sum: 1 });
    await expect(refused).rejects.toThrow("too large");
    expect((await answered).sum).toBe(1);
  });

  test("of a process that does not run waits for nothing", async () => {
    const { state, requests } = channel();
    state.runs = false;
    await expect(requests.ask("added", (id) => ({ kind: "add", id }))).rejects.toThrow("does not run");
  });

  test("is lost with its process: what a successor answers under that number is for nobody", async () => {
    const { sent, requests } = channel();
    const lost = requests.ask("added", (id) => ({ kind: "add", id }));
    requests.lost(new Error("ended"));
    await expect(lost).rejects.toThrow("ended");
    const next = requests.ask("added", (id) => ({ kind: "add", id }));
    requests.answered({ kind: "added", id: sent[0]?.id ?? 0, sum: 1 });
    requests.answered({ kind: "added", id: sent[1]?.id ?? 0, sum: 2 });
    expect((await next).sum).toBe(2);
  });

  test("that is made while others are lost is not one of them", async () => {
    const { sent, requests } = channel();
    const again = requests
      .ask("added", (id) => ({ kind: "add", id }))
      .catch(() => requests.ask("added", (id) => ({ kind: "add", id })));
    requests.lost(new Error("ended"));
    await Promise.resolve().then(() => {});
    while (sent.length < 2) await Promise.resolve();
    requests.answered({ kind: "added", id: sent[1]?.id ?? 0, sum: 5 });
    expect(await again).toMatchObject({ sum: 5 });
  });

  test("that is answered with another kind fails", async () => {
    const { sent, requests } = channel();
    const sum = requests.ask("added", (id) => ({ kind: "add", id }));
    requests.answered({ kind: "named", id: sent[0]?.id ?? 0, name: "web" });
    await expect(sum).rejects.toThrow('"named" where "added"');
  });
});

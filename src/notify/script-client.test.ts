import { expect, test } from "vitest";
import { ScriptClient } from "./script-client.ts";
import type { ScriptRequest } from "./script-request.ts";

const request = {
  script: { command: "x", user: null, group: null },
  moreArguments: [],
  timeoutMs: 1,
  target: null,
} as const;
const result = (id: number, status: number) =>
  ({ id, end: { kind: "exited", status }, output: "", tookMs: 1 }) as const;

test("each request gets its own result, whatever id it came with", async () => {
  const sent: ScriptRequest[] = [];
  const client = new ScriptClient((each) => sent.push(each));
  const [first, second] = [client.run(request), client.run({ ...request, ...{ id: 1 } })];
  expect(sent.map(({ id }) => id)).toEqual([1, 2]);
  client.finished(result(9, 9));
  client.finished(result(2, 22));
  client.finished(result(1, 11));
  expect([(await first).end, (await second).end]).toEqual([result(1, 11).end, result(2, 22).end]);
});

test("those that nobody will answer are told so", async () => {
  const client = new ScriptClient(() => {});
  const waiting = client.run(request);
  client.lost("gone");
  expect((await waiting).end).toEqual({ kind: "not_run", message: "gone" });
});

import { expect, test } from "vitest";
import { ScriptClient } from "../../notify/script-client.ts";
import type { ScriptRequest } from "../../notify/script-request.ts";
import { scriptRunner } from "./checked-scripts.ts";

const script = { command: "/bin/true", user: null, group: null };

test("a script of a check is asked for without a queue, and what became of it is told in the words of checks", async () => {
  const requests: ScriptRequest[] = [];
  const client = new ScriptClient((request) => requests.push(request));
  const run = scriptRunner(client);
  const outcomes = [run(script, 500), run(script, 500), run(script, 500)];
  expect(requests).toMatchObject([
    { script, moreArguments: [], timeoutMs: 500, target: null },
    { target: null },
    { target: null },
  ]);
  const [first, second] = requests.map(({ id }) => ({ id, output: "", tookMs: 1 })) as [never, never];
  client.finished(Object.assign(second, { end: { kind: "not_started", errno: "ENOENT" } }));
  client.finished(Object.assign(first, { end: { kind: "exited", status: 3 } }));
  client.lost("the scripts process ended");
  expect(await Promise.all(outcomes)).toEqual([
    { kind: "exited", status: 3 },
    { kind: "not_run", message: "it could not be started (ENOENT)" },
    { kind: "not_run", message: "the scripts process ended" },
  ]);
});

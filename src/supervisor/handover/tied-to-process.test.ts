import { expect, test } from "vitest";
import { tiedToProcess } from "./tied-to-process.ts";

test.each([
  [{ pid: 1, ppid: 0 }, "lbctl", /process 1 of its container/],
  [{ pid: 7, ppid: 1 }, "tini", /^tini ends the container/],
  [{ pid: 7, ppid: 1 }, "systemd", null],
  [{ pid: 7, ppid: 1 }, "", null],
  [{ pid: 7, ppid: 3 }, "tini", null],
])("%o below %s", (ids, init, why) => {
  const said = tiedToProcess(ids, () => init);
  if (why === null) expect(said).toBeNull();
  else expect(said).toMatch(why);
});

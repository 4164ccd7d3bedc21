import { expect, test } from "vitest";
import { instance, router } from "../machine/testing/samples.ts";
import { newRunning } from "./router.ts";
import { startsOf } from "./starts.ts";

const running = ["new", "in time", "late"].map((name) => newRunning(instance({ name }), new Map()));
const silentMs: Readonly<Record<string, number>> = { "in time": 3_600, late: 3_700 };

const starts = (waits: string | null) =>
  startsOf(running, {
    stateOf: (name) => router({ name }),
    waitsFor: (_, goesOn) => (goesOn ? null : waits),
    resumedAfter: (name) => silentMs[name] ?? null,
  }).map(({ name }) => name);

test("who goes on as master is first", () => expect(starts(null)).toEqual(["in time", "late", "new"]));

test("who comes back when others have taken over waits as one that is new", () => {
  expect(starts("waits for a script")).toEqual(["in time"]);
  expect(running.map(({ waitsFor }) => waitsFor)).toEqual(["waits for a script", null, "waits for a script"]);
});

import { expect, test } from "vitest";
import type { VrrpInstance, VrrpModel } from "../../config/vrrp-model.ts";
import { instance } from "../../vrrp/machine/testing/samples.ts";
import { type Held, lateMasters } from "./late-masters.ts";

const modelOf = (...instances: VrrpInstance[]) => ({ instances }) as unknown as VrrpModel;
/** Version 3: others wait for three intervals and a part of one. */
const slow = instance({ name: "slow", version: 3, basePriority: 128 });
const quick = instance({ name: "quick", version: 3, basePriority: 128, advertMs: 100 });
const model = modelOf(slow, quick);
const held = (some: Partial<Held>): Held => ({ masters: [], leaving: [], atMs: 60_000, ...some });

test("who is back before others take over is not late, with an advert interval to spare", () => {
  const masters = ["slow", "quick"];
  // 3 and a half intervals, of which the last advert may be one old when it was last seen.
  expect(lateMasters(held({ masters }), model, 60_249)).toEqual([]);
  expect(lateMasters(held({ masters }), model, 60_250)).toEqual(["quick"]);
  expect(lateMasters(held({ masters }), model, 62_499)).toEqual(["quick"]);
  expect(lateMasters(held({ masters }), model, 62_500)).toEqual(masters);
});

test("as little as other priorities may wait: timer_expired_backup", () => {
  const alert = modelOf({ ...slow, timerExpiredBackup: { bestPriority: 254 } });
  expect(lateMasters(held({ masters: ["slow"] }), alert, 62_000)).toEqual([]);
  expect(lateMasters(held({ masters: ["slow"] }), alert, 62_010)).toEqual(["slow"]);
});

test("a sync group is late as a whole", () => {
  const grouped = modelOf({ ...slow, syncGroup: "G" }, { ...quick, syncGroup: "G" }, instance({ name: "other" }));
  const masters = ["slow", "quick", "other"];
  expect(lateMasters(held({ masters }), grouped, 60_249)).toEqual([]);
  expect(lateMasters(held({ masters }), grouped, 60_250)).toEqual(["slow", "quick"]);
});

test("who has resigned is, and one that a reload took away meanwhile; backups have nothing", () => {
  expect(lateMasters(held({ leaving: ["slow"] }), model, 60_000)).toEqual(["slow"]);
  expect(lateMasters(held({ masters: ["gone"] }), model, 60_000)).toEqual(["gone"]);
  expect(lateMasters(held({}), model, 99_000)).toEqual([]);
});

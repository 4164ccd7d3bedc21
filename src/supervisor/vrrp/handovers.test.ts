import { describe, expect, test } from "vitest";
import { ControlError } from "../../control/api.ts";
import type { InstanceView } from "../../vrrp/process/instance-view.ts";
import { Handovers } from "./handovers.ts";

const view = (name: string, state: InstanceView["state"]) => ({ name, state }) as InstanceView;

describe("a failover is over", () => {
  test("when its instance is shown as anything but leaving, after it began", async () => {
    const handovers = new Handovers();
    const ended = handovers.expect(1, "VI_1");
    handovers.shown([view("VI_1", "master")]);
    handovers.answered(1, true);
    handovers.shown([view("VI_1", "leaving"), view("VI_2", "master")]);
    handovers.shown([view("VI_1", "backup")]);
    handovers.shown([view("VI_1", "master")]);
    expect(await ended).toEqual(view("VI_1", "backup"));
  });

  test("for everybody who asked for it", async () => {
    const handovers = new Handovers();
    const both = [1, 2].map((id) => handovers.expect(id, "VI_1"));
    for (const id of [1, 2]) handovers.answered(id, true);
    handovers.shown([view("VI_1", "master")]);
    expect(await Promise.all(both)).toEqual([view("VI_1", "master"), view("VI_1", "master")]);
  });

  test("when its process is gone, or a reload leaves it out", async () => {
    const handovers = new Handovers();
    const [dropped, lost] = [handovers.expect(1, "VI_1"), handovers.expect(2, "VI_2")];
    for (const id of [1, 2]) handovers.answered(id, true);
    handovers.configured(["VI_2"]);
    await expect(dropped).rejects.toMatchObject({ code: "not-found", message: expect.stringContaining("VI_1") });
    handovers.lost(new ControlError("vrrp-not-running", "gone", "wait"));
    await expect(lost).rejects.toMatchObject({ code: "vrrp-not-running" });
  });

  test("and one that was refused is none", () => {
    const handovers = new Handovers();
    handovers.expect(1, "VI_1");
    handovers.answered(1, false);
    handovers.lost(new ControlError("vrrp-not-running", "gone", "wait"));
  });
});

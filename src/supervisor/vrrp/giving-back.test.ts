import { EventEmitter } from "node:events";
import { afterEach, expect, test, vi } from "vitest";
import type { VrrpModel } from "../../config/vrrp-model.ts";
import { createLogger } from "../../log/logger.ts";
import { GivingBack } from "./giving-back.ts";

const fork = vi.hoisted(() => vi.fn());
vi.mock("node:child_process", () => ({ fork }));
afterEach(() => fork.mockReset());

test.each([
  [
    "is told as an event, of a child without a channel (EMFILE)",
    () => {
      const child = Object.assign(new EventEmitter(), { pid: undefined, connected: false });
      setImmediate(() => child.emit("error", new Error("spawn EMFILE")));
      return child;
    },
    "spawn EMFILE",
  ],
  [
    "is thrown (ENOMEM)",
    () => {
      throw new Error("spawn ENOMEM");
    },
    "spawn ENOMEM",
  ],
])("that no process can be started %s: it is said, owed still, and ends nothing", async (_, start, cause) => {
  const said: string[] = [];
  const log = createLogger({
    sink: ({ message }) => void said.push(message),
    role: "vrrp",
    level: { severity: "info" },
    nowEpochMs: () => 0,
  });
  const givingBack = new GivingBack({ runDir: "/run/lbctl", log });
  fork.mockImplementation(start);
  givingBack.begin({} as VrrpModel, ["VI_1"]);
  await givingBack.over();
  expect(said).toEqual([`addresses of VI_1 could not be given back: ${cause}`]);
  givingBack.begin({} as VrrpModel, []);
  await givingBack.over();
  expect(fork).toHaveBeenCalledTimes(2);
});

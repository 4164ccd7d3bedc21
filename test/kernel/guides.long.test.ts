import { afterEach, test } from "vitest";
import { buildGuideNetwork, followGuide } from "./guides/guide-runner.ts";
import { bootGuest, type Guest } from "./uml/guest.ts";

let guest: Guest | undefined;
afterEach(() => guest?.close());

test.each(["first-pair.md", "lvs-dr.md", "lvs-tun.md", "migrate-from-keepalived.md", "maintenance.md"])(
  "docs/guides/%s, word for word",
  { timeout: 900_000 },
  async (name) => {
    guest = await bootGuest();
    await buildGuideNetwork(guest, []);
    await followGuide(guest, name);
  },
);

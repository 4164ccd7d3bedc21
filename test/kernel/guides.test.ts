import { test } from "vitest";
import { buildGuideNetwork, followGuide } from "./guides/guide-runner.ts";
import { bootGuest } from "./uml/guest.ts";

// The other guides are in guides.long.test.ts.
test("docs/guides/lvs-nat.md, word for word", { timeout: 900_000 }, async () => {
  const guest = await bootGuest();
  try {
    await buildGuideNetwork(guest, ["web-1", "web-2"]);
    await followGuide(guest, "lvs-nat.md");
  } finally {
    await guest.close();
  }
});

import { expect, test } from "vitest";
import { withoutContainer } from "./image-archive.ts";

const image = (container: string) =>
  JSON.stringify({
    created: "2026-11-22T00:00:00Z",
    container,
    container_config: { Hostname: container.slice(0, 12), User: "1:1" },
    config: { Hostname: container.slice(0, 12), User: "1:1", Healthcheck: { Test: ["CMD", "/x"] } },
    rootfs: { type: "layers", diff_ids: ["sha256:00"] },
    history: [{ created_by: "USER 1:1" }],
  });

test("an image's configuration does not depend on the container that it was made in, and keeps the rest", () => {
  const told = withoutContainer(image("e0f6be2f9f4f0cda5c14f6ce3a8d0378"));
  expect(withoutContainer(image("385ed144f4cbb024971ab19a43480a34"))).toBe(told);
  expect(JSON.parse(told)).toEqual({
    created: "2026-11-22T00:00:00Z",
    config: { User: "1:1", Healthcheck: { Test: ["CMD", "/x"] } },
    rootfs: { type: "layers", diff_ids: ["sha256:00"] },
    history: [{ created_by: "USER 1:1" }],
  });
});

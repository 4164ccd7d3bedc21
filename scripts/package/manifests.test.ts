import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { bundledManifest, programManifest } from "./manifests.ts";
import { noticeOf, noticesText } from "./notices.ts";
import { type Manifest, packagesFor } from "./packages.ts";

const installed: Readonly<Record<string, Manifest>> = {
  ours: { name: "ours", version: "1.0.0", dependencies: { deep: "^2.0.0", ours2: "1.0.0" } },
  ours2: { name: "ours2", version: "1.0.0" },
  direct: { name: "direct", version: "3.1.0", dependencies: { deep: "2" } },
  deep: { name: "deep", version: "2.0.1" },
};
const checkout: Manifest = { name: "lbctl", version: "1.2.3", private: true, dependencies: { direct: "^3.0.0" } };

test("what a dependency of a dependency needs is packed, each once", () => {
  const names = packagesFor(checkout, (name) => installed[name] as Manifest, new Set(["ours", "ours2"]));
  expect(names).toEqual(["deep", "direct", "ours", "ours2"]);
});

test("the package brings exactly the versions that were tested, and may be published", () => {
  const manifest = programManifest(checkout, [installed.deep as Manifest, installed.direct as Manifest], ["lbctl.8"]);
  expect(manifest).toMatchObject({
    version: "1.2.3",
    dependencies: { deep: "2.0.1", direct: "3.1.0" },
    bundleDependencies: ["deep", "direct"],
    man: ["man/lbctl.8"],
  });
  expect(manifest).not.toHaveProperty("private");
  expect(manifest).not.toHaveProperty("scripts");
});

test("npm neither builds a bundled workspace nor leaves files of it out", () => {
  const manifest = bundledManifest({
    ...(installed.ours as Manifest),
    exports: { ".": "./src/index.ts" },
    files: ["src"],
  });
  expect(manifest).toMatchObject({ gypfile: false, exports: { ".": "./src/index.js" } });
  expect(manifest).not.toHaveProperty("files");
});

test("a package without a licence is not handed on", () => {
  expect(() => noticeOf({ name: "x", version: "1.0.0" }, "")).toThrow("x: package.json names no licence");
  const notice = noticeOf(
    { name: "x", version: "1.0.0", license: "MIT", homepage: "https://x.example" },
    " Copyright X\n",
  );
  expect(noticesText([notice])).toMatch(/ {2}x 1\.0\.0: MIT\n.*x 1\.0\.0\nhttps:\/\/x\.example\n\nCopyright X\n$/s);
});

test("the Dockerfile's version is that of package.json", () => {
  const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
  const { version } = JSON.parse(read("package.json")) as { readonly version: string };
  expect([...read("Dockerfile").matchAll(/^ARG VERSION=(.*)$/gm)].map(([, each]) => each)).toEqual([version, version]);
});

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

// usage: image-archive.ts FROM TO
// FROM: an archive of docker save, unpacked, of one image. TO: what is to be packed instead, which is the same for the same image,
// whatever container it was made in. The layers move there.

/** The image's configuration without its builder's container: that is in no part of it that an engine reads. */
export function withoutContainer(text: string): string {
  const { container: _id, container_config: _config, ...image } = JSON.parse(text) as Record<string, unknown>;
  const { Hostname: _name, ...config } = image.config as Record<string, unknown>;
  return JSON.stringify({ ...image, config });
}

interface SavedImage {
  readonly Config: string;
  readonly RepoTags: readonly string[];
  readonly Layers: readonly string[];
}

/** Files of the Docker image specification 1.2: an image is called by the digest of its configuration. */
function repack(from: string, to: string): void {
  const [image, ...others] = JSON.parse(readFileSync(join(from, "manifest.json"), "utf8")) as readonly SavedImage[];
  if (image === undefined || others.length > 0) throw new Error(`not one image in ${from}`);
  const config = withoutContainer(readFileSync(join(from, image.Config), "utf8"));
  const name = `${createHash("sha256").update(config).digest("hex")}.json`;
  mkdirSync(to, { recursive: true });
  writeFileSync(join(to, name), config);
  for (const layer of image.Layers) renameSync(join(from, layer), join(to, layer));
  writeFileSync(join(to, "manifest.json"), JSON.stringify([{ ...image, Config: name }]));
}

if (import.meta.main) {
  const [from, to] = process.argv.slice(2);
  if (from === undefined || to === undefined) throw new Error("usage: image-archive.ts FROM TO");
  repack(from, to);
}

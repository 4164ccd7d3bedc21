import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename, join } from "node:path";
import type { ManagerFacts } from "../facts.ts";

/** Who manages an interface, by the state files of systemd-networkd and NetworkManager; null: nobody that is known. */
export function managerOf(index: number, root = "/"): ManagerFacts | null {
  // They manage the interfaces of their own namespace, that of process 1.
  if (root === "/" && link("/proc/1/ns/net") !== link("/proc/self/ns/net")) return null;
  const networkd = settings(read(join(root, `run/systemd/netif/links/${index}`)));
  const file = networkd.get("NETWORK_FILE") ?? null;
  if (file !== null && networkd.get("ADMIN_STATE") !== "unmanaged") {
    return { kind: "systemd-networkd", file, keepsConfiguration: keepsConfiguration(file, root) };
  }
  const manager = settings(read(join(root, `run/NetworkManager/devices/${index}`)));
  return manager.get("managed") === "true" ? { kind: "NetworkManager" } : null;
}

/** systemd.network(5): KeepConfiguration= of the file or of what adds to it; the last one counts. */
function keepsConfiguration(file: string, root: string): boolean {
  const additions = ["usr/lib", "run", "etc"].flatMap((place) => {
    const directory = join(root, place, "systemd/network", `${basename(file)}.d`);
    return list(directory).map((name) => join(directory, name));
  });
  const values = [join(root, file), ...additions].flatMap(
    (each) => settings(read(each)).get("KeepConfiguration") ?? [],
  );
  return ["yes", "true", "1", "on", "static"].includes(values.at(-1) ?? "no");
}

function settings(text: string): ReadonlyMap<string, string> {
  const lines = text.split("\n").map((line) => /^\s*([A-Za-z_-]+)\s*=\s*(.*?)\s*$/.exec(line));
  return new Map(lines.flatMap((found) => (found === null ? [] : [[found[1] ?? "", found[2] ?? ""] as const])));
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => name.endsWith(".conf"))
      .sort();
  } catch {
    return [];
  }
}

function link(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

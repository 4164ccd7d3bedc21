import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Guest } from "../kernel/uml/guest.ts";

let files = 0;

/** Puts a file into the guest's own memory, where reading it costs what it costs on any machine. */
export async function putFile(guest: Guest, path: string, content: string): Promise<void> {
  const shared = join(guest.sharedDir, `bench-${++files}`);
  writeFileSync(shared, content);
  await guest.sh(`cp ${shared} ${path} && rm ${shared}`);
}

import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What `keepalived -t` says of a text. */
export interface PeerVerdict {
  /** It has nothing to complain about. */
  readonly valid: boolean;
  /** Its exit status; 124 when it hangs, above 128 when it did not survive. */
  readonly status: number;
  readonly messages: string;
}

/** keepalived needs a network of its own to look for interfaces in, which takes root. */
export const canAsk = process.geteuid?.() === 0;

/** The interfaces that texts may name. */
const network =
  "ip link add eth0 type veth peer name eth1 && ip link add eth2 type veth peer name eth3 && ip address add 192.0.2.77/24 dev eth0 && for each in eth0 eth1 eth2 eth3; do ip link set $each up; done";

// One namespace for all of them: making it costs more than keepalived does.
const loop = `cd "$1" || exit 1
for file in *.conf; do
  timeout 5 keepalived -t -i high -f "$file" 2>"$file.messages" >/dev/null
  echo $? >"$file.status"
done`;

/** Asks keepalived, in a network namespace, about each text: about 8 ms each. `files` are written beside them first. */
export async function askKeepalived(
  texts: readonly string[],
  files: Readonly<Record<string, string>> = {},
): Promise<PeerVerdict[]> {
  const folder = mkdtempSync(join(tmpdir(), "lbctl-peer-"));
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const names = texts.map((_, index) => `${String(index).padStart(6, "0")}.conf`);
    for (const [index, name] of names.entries()) writeFileSync(join(folder, name), texts[index] as string);
    await run("unshare", ["-n", "sh", "-c", `${network} && ${loop}`, "sh", folder]);
    return names.map((name) => verdictOf(folder, name));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function verdictOf(folder: string, name: string): PeerVerdict {
  const status = Number(readFileSync(join(folder, `${name}.status`), "utf8"));
  const messages = readFileSync(join(folder, `${name}.messages`), "latin1").replaceAll(`${name}: `, "");
  // 6: scripts run as root without enable_script_security, which hides all else that it complained about; so does 0 at times.
  const complaints = messages.replace(/^SECURITY VIOLATION.*\n/gm, "").trim();
  return { status, valid: (status === 0 || status === 6) && complaints === "", messages };
}

function run(command: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(command, args, (error, _, stderr) =>
      error === null ? resolve() : reject(new Error(stderr, { cause: error })),
    );
  });
}

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { client } from "../topology.ts";
import type { Guest } from "../uml/guest.ts";
import { instance, type Side } from "./two-directors.ts";

const program = join(import.meta.dirname, "../../e2e/mail-server.py");
const port = 2525;

/** What stands in global_defs for mail to this server; the sender says which side it is. */
export const mailSettings = [
  "router_id lb",
  "notification_email {\n admin@example.org\n }",
  `notification_email_from ${instance}@example.org`,
  `smtp_server ${client.v4} ${port}`,
  // As keepalived does it, each real server would say so by default: here those do that ask for it.
  "smtp_alert_checker off",
];

/** A mail server for both directors on the node of the clients. */
export class Mails {
  readonly #file: string;
  readonly #before: Record<Side, number> = { lbctl: 0, keepalived: 0 };

  constructor(guest: Guest) {
    this.#file = join(guest.sharedDir, "mails");
    guest.start(`exec python3 ${program} ${port} ${this.#file} ${client.v4}`, {
      namespace: "c",
      timeoutMs: 1_000_000,
    });
  }

  /** Of each mail since the last stage, for whom it is and its subject, sorted: they may come in any order. */
  subjects(side: Side): string[] {
    return this.#of(side)
      .slice(this.#before[side])
      .map((mail) => `${/^TO (.*)$/m.exec(mail)?.[1]}: ${/^Subject: (.*)$/m.exec(unfolded(mail))?.[1]}`)
      .sort();
  }

  /** What comes from now on is the next stage's. */
  nextStage(): void {
    for (const side of ["lbctl", "keepalived"] as const) this.#before[side] = this.#of(side).length;
  }

  /** What stands below the headers of each. */
  texts(side: Side): string[] {
    return this.#of(side)
      .slice(this.#before[side])
      .map((mail) => mail.replaceAll("\r\n", "\n").split("\n\n").slice(1).join("\n\n"));
  }

  #of(side: Side): string[] {
    const text = existsSync(this.#file) ? readFileSync(this.#file, "utf8") : "";
    const mails = text.split("\n--end--\n").slice(0, -1);
    return mails.filter((mail) => mail.includes(`FROM ${side}@example.org`));
  }
}

/** Long lines of a header go on behind a blank (RFC 5322 2.2.3). */
function unfolded(mail: string): string {
  return mail.replaceAll("\r\n", "\n").replaceAll(/\n[ \t]+/g, " ");
}

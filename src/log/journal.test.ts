import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { journalDatagram } from "./journal.ts";
import { messageIds } from "./message-ids.ts";
import type { LogRecord } from "./record.ts";

function record(changes: Partial<LogRecord> = {}): LogRecord {
  return { severity: "warning", message: "web is down", role: "checker", epochMs: 0, fields: {}, ...changes };
}

test("a change: its fields in the journal's form, and the id of its kind", () => {
  const fields = { event: "vrrp_state_changed", instance: "VI_1", from: "backup", lasted_ms: 41_000 };
  expect(journalDatagram(record({ role: "vrrp", fields })).toString()).toBe(
    `MESSAGE=web is down\nPRIORITY=4\nSYSLOG_IDENTIFIER=lbctl\nSYSLOG_FACILITY=3\nMESSAGE_ID=${messageIds.vrrp_state_changed}\nLBCTL_ROLE=vrrp\nLBCTL_EVENT=vrrp_state_changed\nLBCTL_INSTANCE=VI_1\nLBCTL_FROM=backup\nLBCTL_LASTED_MS=41000\n`,
  );
});

test("line breaks stand behind their length; nobody can write fields of his own into a message", () => {
  const octets = journalDatagram(record({ message: "é\nPRIORITY=0", fields: { "a-b=c\n": "x" } }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(13n);
  const expected = Buffer.concat([Buffer.from("MESSAGE\n"), length, Buffer.from("é\nPRIORITY=0\nPRIORITY=4\n")]);
  expect(octets.subarray(0, expected.length)).toEqual(expected);
  expect(octets.toString()).toContain("LBCTL_A_B_C_=x\n");
  expect(octets.toString()).not.toContain("MESSAGE_ID");
});

test("ids are 128 bits, each once, and all of them are in docs/operations.md", () => {
  const all = Object.entries(messageIds);
  expect(new Set(all.map(([, id]) => id)).size).toBe(all.length);
  const manual = readFileSync(join(import.meta.dirname, "../../docs/operations.md"), "utf8");
  for (const [event, id] of all) {
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(manual).toContain(`| \`${event}\` | \`${id}\` |`);
  }
});

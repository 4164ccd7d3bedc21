import { describe, expect, test } from "vitest";
import { caseOf, type Setting, settings } from "./corpus.ts";
import { askKeepalived, canAsk } from "./peer.ts";
import { samplesFor } from "./values.ts";
import { ownVerdict } from "./verdict.ts";

// keepalived takes the first one of some settings and the last one of others, and says so of the first ones only.

/** A setting with two values that differ, which takes a look at the words of some types. */
function twice(setting: Setting) {
  const { good } = samplesFor(setting.block, setting.keyword, setting.typeName);
  const [first, later] = good.length > 1 ? good : [good[0], changed[good[0] ?? ""]];
  return first === undefined || later === undefined ? [] : [caseOf(setting, [first, later], true)];
}

const changed: Readonly<Record<string, string>> = {
  eth0: "eth1",
  "/tmp": "/tmp/other",
  "/tmp/file": "/tmp/other",
  "root@example.com": "other@example.com",
  "192.0.2.77": "192.0.2.78",
};

/** The first one stays. */
const ignores =
  /already (?:been )?(?:set|specified)(?!.*replacing)|^\S+ \d+\) Duplicate |previously set as|conflicts with configured|Cannot set both/m;

/** Lists of names, which are told apart by their parts. */
const otherwise = /duplicate track_|(?:garp_group|Group list) already/;

const all = process.env.LBCTL_TEST_LONG === "1";
const saysFirst = (text: string) =>
  ownVerdict(text).warnings.some(({ message }) => message.endsWith("first one counts"));

describe.skipIf(!canAsk)("each setting twice, as keepalived -t and lbctl see it (needs root)", () => {
  test("of which the first one counts and of which the last one", async () => {
    const known = settings().flatMap((setting) => (setting.known ? twice(setting) : []));
    const cases = known.filter(({ text }, index) => all || saysFirst(text) || index % 8 === 0);
    const theirs = await askKeepalived(cases.map(({ text }) => text));
    const wrong = cases.flatMap(({ block, keyword, text }, index) => {
      const messages = theirs[index]?.messages ?? "";
      const agreed = ignores.test(messages) === saysFirst(text) || !ownVerdict(text).valid || otherwise.test(messages);
      return agreed ? [] : [`${block} ${keyword}: ${messages}`];
    });
    expect(wrong).toEqual([]);
    expect(cases.filter(({ text }) => saysFirst(text)).length).toBeGreaterThan(35);
  }, 600_000);
});

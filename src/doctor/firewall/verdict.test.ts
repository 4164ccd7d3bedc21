import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Packet } from "./match.ts";
import { readRuleset } from "./ruleset.ts";
import { verdictOn } from "./verdict.ts";

const packet: Packet = {
  ...{ family: "inet", protocol: 112, hook: "input", interface: "eth0" },
  ...{ source: null, destination: "224.0.0.18", isMulticast: true },
};

const chain = (changes: object = {}) => ({
  chain: { family: "inet", table: "fw", name: "in", hook: "input", prio: 0, policy: "accept", handle: 1, ...changes },
});
const rule = (expr: readonly object[], changes: object = {}) => ({
  rule: { family: "inet", table: "fw", chain: "in", handle: 7, expr, ...changes },
});
const match = (left: object, right: unknown, op = "==") => ({ match: { op, left, right } });
const protocol = (right: unknown) => match({ meta: { key: "l4proto" } }, right);
const accept = { accept: null };
const drop = { drop: null };

function verdict(entries: readonly object[], of: Partial<Packet> = {}) {
  const ruleset = readRuleset({ nftables: [{ metainfo: {} }, ...entries] });
  if (ruleset === null) throw new Error("not read");
  const { passes, certain, handle, chain: base } = verdictOn(ruleset, { ...packet, ...of });
  return [passes, certain, base === null ? null : (handle ?? "policy")];
}

const passes = [true, true, null];

describe("what becomes of an advert", () => {
  test.each<[string, readonly object[], unknown]>([
    ["no rule", [], passes],
    ["no rule, policy drop", [chain({ policy: "drop" })], [false, true, "policy"]],
    [
      "policy drop, TCP accepted",
      [chain({ policy: "drop" }), rule([protocol("tcp"), accept])],
      [false, true, "policy"],
    ],
    ["accepted by number", [chain({ policy: "drop" }), rule([protocol(112), { counter: null }, accept])], passes],
    ["accepted by name", [chain({ policy: "drop" }), rule([protocol("vrrp"), accept])], passes],
    ["in a set", [chain({ policy: "drop" }), rule([protocol({ set: ["tcp", 112] }), accept])], passes],
    ["not TCP", [chain(), rule([match({ meta: { key: "l4proto" } }, "tcp", "!="), drop])], [false, true, 7]],
    [
      "iptables' way",
      [chain(), rule([match({ payload: { protocol: "ip", field: "protocol" } }, 112), drop])],
      [false, true, 7],
    ],
    ["rejected", [chain(), rule([protocol(112), { reject: null }])], [false, true, 7]],
    ["another interface", [chain(), rule([match({ meta: { key: "iifname" } }, "eth1"), drop])], passes],
    ["interfaces with a star", [chain(), rule([match({ meta: { key: "iifname" } }, "eth*"), drop])], [false, true, 7]],
    [
      "to the group",
      [
        chain(),
        rule([match({ payload: { protocol: "ip", field: "daddr" } }, { prefix: { addr: "224.0.0.0", len: 4 } }), drop]),
      ],
      [false, true, 7],
    ],
    [
      "established ones only",
      [chain({ policy: "drop" }), rule([match({ ct: { key: "state" } }, ["established", "related"], "in"), accept])],
      [false, true, "policy"],
    ],
    [
      "by a source that is not known",
      [chain(), rule([match({ payload: { protocol: "ip", field: "saddr" } }, "10.0.0.1"), drop])],
      [true, false, 7],
    ],
    [
      "accepted by something unknown",
      [chain({ policy: "drop" }), rule([{ xt: { type: "match", name: "foo" } }, accept])],
      [false, false, "policy"],
    ],
    ["IPv6 only", [chain({ family: "ip6" }), rule([drop], { family: "ip6" })], passes],
    ["what goes out", [chain({ hook: "output" }), rule([drop])], passes],
    [
      "a jump",
      [
        chain(),
        { chain: { family: "inet", table: "fw", name: "more", handle: 2 } },
        rule([{ jump: { target: "more" } }]),
        rule([protocol(112), drop], { chain: "more", handle: 9 }),
      ],
      [false, true, 7],
    ],
    [
      "a jump that returns",
      [
        chain(),
        { chain: { family: "inet", table: "fw", name: "more", handle: 2 } },
        rule([{ jump: { target: "more" } }]),
        rule([{ return: null }], { chain: "more" }),
        rule([drop], { chain: "more" }),
      ],
      passes,
    ],
    ["a jump in a circle", [chain(), rule([{ jump: { target: "in" } }])], passes],
    [
      "a named set",
      [
        chain(),
        { set: { family: "inet", table: "fw", name: "bad", elem: [{ prefix: { addr: "224.0.0.0", len: 24 } }] } },
        rule([match({ payload: { protocol: "ip", field: "daddr" } }, "@bad"), drop]),
      ],
      [false, true, 7],
    ],
    [
      "accepted in one base chain, dropped in the next",
      [chain({ prio: 10, name: "late" }), chain(), rule([accept]), rule([drop], { chain: "late", handle: 3 })],
      [false, true, 3],
    ],
  ])("%s", (_, entries, expected) => expect(verdict(entries)).toEqual(expected));

  // As kube-proxy writes it with iptables, and nft shows it.
  const xt = (type: string, name: string) => ({ xt: { type, name } });
  const isMarked = match({ "&": [{ meta: { key: "mark" } }, 0x8000] }, 0x8000);
  const setMark = { mangle: { key: { meta: { key: "mark" } }, value: 0x8000 } };
  test.each<[string, readonly object[], unknown]>([
    ["nobody sets the mark that is dropped", [chain(), rule([isMarked, drop])], passes],
    ["a mark that must not be there", [chain(), rule([match({ meta: { key: "mark" } }, 0, "!="), drop])], passes],
    [
      "packets without a mark are dropped",
      [chain(), rule([match({ meta: { key: "mark" } }, 0), drop])],
      [false, true, 7],
    ],
    [
      "a rule for TCP sets it",
      [
        chain(),
        chain({ name: "early", hook: "prerouting" }),
        rule([protocol("tcp"), setMark], { chain: "early" }),
        rule([isMarked, drop]),
      ],
      passes,
    ],
    [
      "a target of iptables sets it, perhaps",
      [chain(), rule([xt("match", "recent"), xt("target", "MARK")]), rule([isMarked, drop], { handle: 9 })],
      [true, false, 9],
    ],
    [
      "a mask that is no number",
      [chain(), rule([match({ "&": [{ meta: { key: "mark" } }, "x"] }, 1), drop])],
      [true, false, 7],
    ],
    ["a comment of iptables", [chain(), rule([xt("match", "comment"), drop])], [false, true, 7]],
    ["iptables rejects it", [chain(), rule([xt("target", "REJECT")])], [false, true, 7]],
    ["iptables logs it", [chain(), rule([xt("target", "LOG")]), rule([accept])], passes],
  ])("marks and iptables: %s", (_, entries, expected) => expect(verdict(entries)).toEqual(expected));

  test("from a peer that is known", () => {
    const of = { source: "192.0.2.2", destination: "192.0.2.1", isMulticast: false };
    const only = match({ payload: { protocol: "ip", field: "saddr" } }, "192.0.2.2");
    expect(verdict([chain({ policy: "drop" }), rule([only, accept])], of)).toEqual(passes);
  });
});

test("whatever nft prints, nothing is thrown", () => {
  const words = ["chain", "rule", "expr", "match", "left", "right", "jump", "target", "set", "elem", "prefix", "op"];
  const small = fc.jsonValue({ maxDepth: 1 });
  const value = fc.oneof(small, fc.dictionary(fc.constantFrom(...words), small, { maxKeys: 3 }));
  fc.assert(
    fc.property(fc.array(value), fc.array(fc.record({ match: value, jump: value })), (entries, expr) => {
      const ruleset = readRuleset({ nftables: [...entries, chain(), rule(expr)] });
      if (ruleset !== null) verdictOn(ruleset, packet);
    }),
  );
  fc.assert(fc.property(fc.jsonValue(), (text) => void readRuleset(text)));
});

import { describe, expect, test } from "vitest";
import type { ValueType } from "../value-type.ts";
import { choices } from "./choice.ts";
import { fineTimer } from "./fine-timer.ts";
import { flag } from "./flag.ts";
import { signedInteger } from "./integer.ts";
import { ipvlan, vmac } from "./interfaces.ts";
import { hmacKeys, payload, replyMask } from "./packet.ts";
import { fifo, optionalScript, script, userGroup } from "./script.ts";
import { includeChecks, lvsTimeouts, mailServer, optionalPath, processors, syncDaemon, umask } from "./system.ts";
import { wholeSeconds } from "./timer.ts";

const outcome = <T>(type: ValueType<T>, words: readonly string[]) => {
  const parsed = type.parse(words);
  return parsed.ok ? parsed.value : `${parsed.code} ${parsed.word}`;
};

const key = "0123456789abcdef0123456789abcdef";

const cases: readonly [ValueType<unknown>, readonly string[], unknown][] = [
  [script, ["/usr/bin/notify web up"], { command: "/usr/bin/notify web up", user: null, group: null }],
  [script, ["/usr/bin/notify", "nobody", "nogroup"], { command: "/usr/bin/notify", user: "nobody", group: "nogroup" }],
  [script, ["/usr/bin/notify", "no body"], "invalid-value 1"],
  [script, ["  "], "invalid-value 0"],
  [script, ["/a", "b", "c", "d"], "too-many-values 3"],
  [optionalScript, [], null],
  [userGroup, ["nobody"], { user: "nobody", group: null }],
  [userGroup, ["a", "b", "c"], "too-many-values 2"],
  [fifo, ["/run/fifo", "nobody"], { path: "/run/fifo", user: "nobody", group: null }],
  [fifo, ["/run/my fifo", "nobody"], { path: "/run/my fifo", user: "nobody", group: null }],
  [fifo, ["run/fifo"], "invalid-value 0"],
  [signedInteger(-20, 19), ["-20"], -20],
  [signedInteger(-20, 19), ["-0"], 0],
  [signedInteger(-20, 19), ["20"], "out-of-range 0"],
  [signedInteger(-20, 19), ["1.5"], "invalid-value 0"],
  [wholeSeconds(0, 10), ["5"], 5],
  [wholeSeconds(0, 10), ["0.5"], "invalid-value 0"],
  [wholeSeconds(0, 10), [], "missing-value 0"],
  [fineTimer(10_000, 255_000_000), ["0.92"], 920_000],
  [fineTimer(10_000, 255_000_000), ["0.001"], "out-of-range 0"],
  [fineTimer(10_000, 255_000_000), ["1s"], 1_000_000],
  [fineTimer(10_000, 255_000_000), [".5m"], 30_000_000],
  [fineTimer(10_000, 255_000_000), ["920ms"], 920_000],
  [fineTimer(10_000, 255_000_000), ["5m"], "out-of-range 0"],
  [fineTimer(10_000, 255_000_000), ["-1s"], "out-of-range 0"],
  [fineTimer(10_000, 255_000_000), ["1 s"], "invalid-value 0"],
  [fineTimer(10_000, 255_000_000), ["1M"], "invalid-value 0"],
  [fineTimer(1000, 10_000_000, "ms"), ["2s"], 2_000_000],
  [fineTimer(1000, 10_000_000, "ms"), ["1500us"], 1500],
  [lvsTimeouts, ["tcp", "15m", "udp", "300"], { tcp: 900, udp: 300 }],
  [lvsTimeouts, ["tcp", "500ms"], "invalid-value 1"],
  [fineTimer(10_000, 255_000_000), ["-1"], "out-of-range 0"],
  [fineTimer(1000, 10_000_000, "ms"), ["3.312"], 3312],
  [fineTimer(1, 1000), ["0.000001"], 1],
  [choices(["caseless", "utf"]), ["utf", "caseless"], ["utf", "caseless"]],
  [choices(["caseless", "utf"]), ["utf", "utf"], "invalid-value 1"],
  [vmac, [], { interface: null, mac: null }],
  [vmac, ["vrrp.1", "0:0:5E:0:1"], { interface: "vrrp.1", mac: "00:00:5e:00:01" }],
  [vmac, ["01:00:5e:00:01:01"], "invalid-value 0"],
  [vmac, ["a", "b"], "too-many-values 1"],
  [
    ipvlan,
    ["ipv.1", "192.0.2.9/24", "private"],
    { interface: "ipv.1", address: "192.0.2.9", prefixLength: 24, mode: "private" },
  ],
  [ipvlan, ["192.0.2.9/64"], "invalid-value 0"],
  [payload, ["Ab12f", "3", "456"], "ab120f034506"],
  [payload, ["xx"], "invalid-value 0"],
  [replyMask, [], null],
  [replyMask, ["c0", "Xx"], "c0xx"],
  [hmacKeys, ["1", key], [{ id: 1, key }]],
  [
    hmacKeys,
    ["1", `hex:${key}${key}`, "2", "file:/etc/key"],
    [
      { id: 1, key: `hex:${key}${key}` },
      { id: 2, key: "file:/etc/key" },
    ],
  ],
  [hmacKeys, ["1", "short"], "invalid-value 1"],
  [hmacKeys, ["1", key, "1", key], "invalid-value 2"],
  [hmacKeys, ["256", key], "out-of-range 0"],
  [hmacKeys, ["1"], "invalid-value 0"],
  [processors, ["0", "2"], [0, 2]],
  [processors, ["0", "x"], "invalid-value 1"],
  [umask, ["022"], 0o022],
  [umask, ["0x12"], 0o022],
  [umask, ["18"], 0o022],
  [umask, ["IWGRP", "|", "IWOTH"], 0o022],
  [umask, ["IWGRP|IWOTH"], 0o022],
  [umask, ["01000"], "out-of-range 0"],
  [umask, ["IWXXX"], "invalid-value 0"],
  [umask, ["022", "1"], "too-many-values 1"],
  [includeChecks, [], []],
  [includeChecks, ["+match", "-readable"], ["+match", "-readable"]],
  [includeChecks, ["mtach"], "invalid-value 0"],
  [lvsTimeouts, ["tcp", "900", "udp", "60"], { tcp: 900, udp: 60 }],
  [lvsTimeouts, ["tcp"], "invalid-value 0"],
  [lvsTimeouts, ["tcp", "2678401"], "out-of-range 1"],
  [
    syncDaemon,
    ["eth0", "VI_1", "id", "7", "group", "224.0.0.81"],
    { interface: "eth0", instance: "VI_1", id: 7, group: "224.0.0.81" },
  ],
  [syncDaemon, ["eth0", "maxlen", "65508"], "out-of-range 2"],
  [mailServer, ["mail.example.com", "587"], { host: "mail.example.com", port: 587 }],
  [flag, ["__proto__"], "invalid-value 0"],
  [mailServer, [""], "invalid-value 0"],
  [mailServer, ["2001:db8::25"], { host: "2001:db8::25" }],
  [mailServer, ["192.0.2.300"], "invalid-value 0"],
  [mailServer, ["mail.example.com", "0"], "out-of-range 1"],
  [optionalPath, [], null],
  [optionalPath, ["tmp"], "invalid-value 0"],
];

describe("values of keywords", () => {
  test.each(cases.map(([type, words, expected]) => ({ type, words, expected, title: type.name })))(
    "$title: $words",
    ({ type, words, expected }) => expect(outcome(type, words)).toEqual(expected),
  );
});

import { describe, expect, test } from "vitest";
import { describeReason, describeStatusRanges, describeTransition, describeVerdict } from "./describe.ts";
import { passed, refused } from "./testing/examples.ts";
import type { Reason } from "./verdict.ts";

const sentences: readonly (readonly [Reason, string])[] = [
  [{ kind: "refused" }, "connect refused"],
  [{ kind: "unreachable", errno: "EHOSTUNREACH" }, "host unreachable (EHOSTUNREACH)"],
  [{ kind: "unreachable", errno: "ENETUNREACH" }, "network unreachable (ENETUNREACH)"],
  [{ kind: "reset", phase: "body" }, "connection reset within the body"],
  [{ kind: "deadline", phase: "connect", afterMs: 5000 }, "no connection within 5 s"],
  [{ kind: "deadline", phase: "request", afterMs: 3000 }, "no answer within 3 s"],
  [{ kind: "deadline", phase: "headers", afterMs: 3000 }, "headers not complete within 3 s"],
  [{ kind: "deadline", phase: "body", afterMs: 250 }, "body not complete within 250 ms"],
  [{ kind: "closed", phase: "request" }, "connection closed before any answer"],
  [{ kind: "malformed", detail: 'status line "SSH-2.0"' }, 'not a valid HTTP answer: status line "SSH-2.0"'],
  [{ kind: "too_large", limitBytes: 16 * 1024 * 1024 }, "answer larger than 16 MiB"],
  [{ kind: "too_large", limitBytes: 1536 }, "answer larger than 1.5 KiB"],
  [{ kind: "status", got: 503, wanted: [{ from: 200, to: 299 }] }, "status 503, wanted 200-299"],
  [{ kind: "digest", got: "1f", wanted: "9b" }, "digest 1f ≠ 9b"],
  [
    { kind: "local", errno: "EADDRINUSE", call: "bind" },
    "local error, not the server's: source address and port in use (bind: EADDRINUSE)",
  ],
  [
    { kind: "local", errno: "ENOSYS", call: "socket" },
    "local error, not the server's: bind_if, fwmark, DNS_CHECK, PING_CHECK and UDP_CHECK need the native addon of ipvs-netlink, which is not built (socket: ENOSYS)",
  ],
  [{ kind: "local", errno: "ESTRANGE", call: "connect" }, "local error, not the server's: failed (connect: ESTRANGE)"],
];

describe("sentences", () => {
  test.each(sentences)("%o", (reason, text) => expect(describeReason(reason)).toBe(text));

  test("name the url that failed", () => {
    const reason: Reason = { kind: "status", got: 503, wanted: [] };
    expect(describeReason(reason, "/health")).toBe("/health: status 503, wanted any");
  });

  test("of verdicts", () => {
    expect(describeVerdict({ ok: true, latencyMs: 1.25 })).toBe("ok in 1.25 ms");
    expect(describeVerdict({ ok: true, latencyMs: 0 })).toBe("ok");
    const why = "no packet of the neighbour yet";
    const down = { ok: false, latencyMs: 0, reason: { kind: "session", why }, url: null } as const;
    expect(describeVerdict(down)).toBe(`session down: ${why}`);
    expect(describeVerdict({ ...refused, url: "/a" })).toBe("/a: connect refused");
  });

  test("of status ranges are written as in keepalived.conf", () => {
    expect(
      describeStatusRanges([
        { from: 200, to: 299 },
        { from: 503, to: 503 },
      ]),
    ).toBe("200-299 503");
  });
});

describe("a log line", () => {
  const heldMs = 3 * 86_400_000 + 4 * 3_600_000;

  test("says both ends, how long, why, and the which failure it was", () => {
    const transition = {
      from: "up",
      to: "down",
      heldMs,
      failures: 3,
      verdict: { ...refused, url: "/health" },
    } as const;
    expect(describeTransition("HTTP_GET", transition)).toBe(
      "up -> down after 3d 4h: HTTP_GET /health: connect refused (3rd failure)",
    );
  });

  test("of a recovery counts nothing", () => {
    const transition = { from: "down", to: "up", heldMs: 41_000, failures: 0, verdict: passed } as const;
    expect(describeTransition("TCP_CHECK", transition)).toBe("down -> up after 41s: TCP_CHECK ok in 1 ms");
  });

  test.each([
    [1, "1st"],
    [2, "2nd"],
    [4, "4th"],
    [11, "11th"],
    [12, "12th"],
    [13, "13th"],
    [21, "21st"],
    [112, "112th"],
  ])("counts the %d. failure as %s", (failures, text) => {
    const transition = { from: "up", to: "down", heldMs: 0, failures, verdict: refused } as const;
    expect(describeTransition("TCP_CHECK", transition)).toContain(`(${text} failure)`);
  });
});

import tls from "node:tls";
import { native } from "ipvs-netlink";
import { expect, test } from "vitest";
import { Exchanges } from "./exchanges.ts";
import { tlsSettings } from "./tls-settings.ts";

test("ciphers of TLS 1.3 are told apart, as OpenSSL wants them", () => {
  const { minVersion, strings } = tlsSettings(
    "TLS_AES_128_GCM_SHA256:ECDHE-RSA-AES128-GCM-SHA256:HIGH:!MD5",
    "TLSv1.3",
  );
  expect(minVersion).toBe(0x304);
  const [ciphers, suites, groups] = Buffer.from(strings).toString("latin1").split("\0");
  expect([ciphers, suites]).toEqual(["ECDHE-RSA-AES128-GCM-SHA256:HIGH:!MD5", "TLS_AES_128_GCM_SHA256"]);
  expect(groups).toContain("X25519");
});

test("this Node's OpenSSL takes them, and refuses what is none", () => {
  const handlers = { happened: () => true, settled: () => {}, passed: () => {} };
  const exchanges = new Exchanges(native(), handlers);
  expect(exchanges.prepareTls()).toBe(true);
  exchanges.close();
  const raw = native().openExchanges(new Int32Array(64), new Uint8Array(65_536), () => {});
  const { strings } = tlsSettings("no such cipher", tls.DEFAULT_MIN_VERSION);
  expect(native().prepareTls(raw, 0x303, strings)).toBeLessThan(0);
  expect(() => native().prepareTls(raw, 0x303, Buffer.from("no end"))).toThrow(/three strings/);
  native().closeExchanges(raw);
});

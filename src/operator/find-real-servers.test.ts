import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findRealServers } from "./find-real-servers.ts";
import { modelOf } from "./testing/model-of.ts";

const model = modelOf({ web: ["10.0.0.1:80", "10.0.0.2:80"], api: ["10.0.0.1:80", "10.0.0.1:8080"] });
const model6 = modelOf({ web: ["[2001:db8::1]:80"] });
const find = (text: string, virtualServer: string | null = null) => findRealServers(model, text, virtualServer);

describe("findRealServers", () => {
  test.each<[string, string | null, string[]]>([
    ["10.0.0.1:80", null, ["10.0.0.1:80"]],
    ["10.0.0.1", null, ["10.0.0.1:80", "10.0.0.1:8080"]],
    ["10.0.0.1", "web", ["10.0.0.1:80"]],
    ["10.0.0.1:8080", "api", ["10.0.0.1:8080"]],
  ])("%s in %s", (text, virtualServer, realServers) => {
    expect(find(text, virtualServer)).toEqual({ ok: true, realServers });
  });

  test.each(["[2001:db8::1]:80", "2001:db8::1", "[2001:0db8:0::1]", "[2001:DB8::1]:80"])("%s, of IPv6", (text) => {
    expect(findRealServers(model6, text, null)).toEqual({ ok: true, realServers: ["[2001:db8::1]:80"] });
  });

  test.each<[string, string | null, string, string]>([
    [
      "10.0.0.9:80",
      null,
      "no virtual server has real server 10.0.0.9:80",
      "Real servers: 10.0.0.1:80, 10.0.0.2:80, 10.0.0.1:8080.",
    ],
    ["10.0.0.2", "api", "api has no real server 10.0.0.2", "Real servers: 10.0.0.1:80, 10.0.0.1:8080."],
    ["10.0.0.1", "wbe", "there is no virtual server wbe", "Virtual servers: web, api."],
    ["web1", null, "web1 is no real server", "Write 10.0.0.11:80, [2001:db8::11]:80, or an address alone."],
    [
      "10.0.0.1:99999",
      null,
      "10.0.0.1:99999 is no real server",
      "Write 10.0.0.11:80, [2001:db8::11]:80, or an address alone.",
    ],
  ])("%s in %s is said to be none", (text, virtualServer, message, hint) => {
    expect(find(text, virtualServer)).toEqual({ ok: false, message, hint });
  });

  test("any text gets an answer", () => {
    fc.assert(fc.property(fc.string(), (text) => void expect(find(text)).toHaveProperty("ok")));
  });
});

import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { buildStatus } from "../../control/status.ts";
import type { StatusDocument } from "../../control/status-document.ts";
import { sampleKnown } from "../testing/sample-known.ts";
import { assess } from "./assess.ts";
import { pageDocument } from "./page-document.ts";
import { pageHtml } from "./page-html.ts";
import { type PageQuery, parsePageQuery } from "./page-query.ts";

const { view, told, table } = sampleKnown();
const status = buildStatus(view, told.overrides, table, "ipvs", [], told.daemon);
const [web] = status.virtual_servers;
if (web === undefined) throw new Error("the sample has no virtual server");

function many(count: number): StatusDocument {
  const servers = Array.from({ length: count }, (_, index) => ({
    ...web,
    name: `s${index}`,
    services: [`TCP 192.0.2.1:${index}`],
  }));
  return { ...status, virtual_servers: servers as StatusDocument["virtual_servers"] };
}

const query = (text: string): PageQuery => parsePageQuery(new URLSearchParams(text));
const page = (of: StatusDocument, text = "") => pageDocument(of, [], query(text), "2026-01-01T12:00:00Z");

test("real servers come with those that are asked for, what is down first", () => {
  expect(page(status).virtual_servers.items[0]).toMatchObject({ name: "web", up: 1, total: 2, real_servers: null });
  const opened = page(status, "open=web").virtual_servers.items[0]?.real_servers;
  expect(opened?.items.map(({ state }) => state)).toEqual(["down", "up"]);
});

test("a search finds real servers, and shows what it found", () => {
  const [found] = page(status, "search=10.0.0.2").virtual_servers.items;
  expect(found?.real_servers).toMatchObject({ matching: 1, items: [{ address: "10.0.0.2:80" }] });
  expect(page(status, "search=nowhere").virtual_servers).toMatchObject({ total: 1, matching: 0, items: [] });
  expect(page(many(30), "search=S2").virtual_servers.matching).toBe(11);
});

test("10,000 virtual servers are shown in parts", () => {
  const { virtual_servers: first } = page(many(10_000));
  expect(first).toMatchObject({ total: 10_000, matching: 10_000 });
  expect(first.items).toHaveLength(100);
  expect(page(many(10_000), "limit=600").virtual_servers.items).toHaveLength(600);
});

test("10,000 real servers of one are shown in parts", () => {
  const [real] = web.real_servers;
  const large = { ...web, real_servers: Array.from({ length: 10_000 }, () => real) } as typeof web;
  const document = { ...status, virtual_servers: [large] };
  expect(page(document, "open=web").virtual_servers.items[0]?.real_servers).toMatchObject({ matching: 10_000 });
  expect(page(document, "open=web").virtual_servers.items[0]?.real_servers?.items).toHaveLength(100);
});

test("only trouble, and trouble first", () => {
  const good = { ...web, name: "good", real_servers: web.real_servers.filter(({ state }) => state === "up") };
  const down = { ...web, name: "lost", state: "down" as const };
  const document = { ...status, virtual_servers: [good, web, down] };
  expect(page(document).virtual_servers.items.map(({ name }) => name)).toEqual(["lost", "web", "good"]);
  expect(page(document, "show=trouble").virtual_servers.items.map(({ name }) => name)).toEqual(["lost", "web"]);
});

test("whatever a query is, it is one", () => {
  expect(query("limit=-1&real_servers=x&show=all&search=%20A%20")).toEqual({
    ...{ search: "a", troubleOnly: false, open: [], limit: 100, realServerLimit: 100 },
  });
  expect(query(`limit=99999&search=${"x".repeat(999)}`)).toMatchObject({ limit: 10_000, search: "x".repeat(200) });
});

test("the line at the top says the worst", () => {
  const good = { ...status, virtual_servers: [], bfd_instances: [] };
  expect(assess(good)).toMatchObject({ level: "good", notices: [] });
  expect(assess(status)).toMatchObject({ level: "attention", notices: [{ text: "1 real server is down" }] });
  const lost = {
    ...status,
    virtual_servers: many(7).virtual_servers.map((each) => ({ ...each, state: "down" as const })),
  };
  expect(assess(lost).notices[0]).toEqual({ level: "bad", text: "Quorum lost: s0, s1, s2, s3, s4 and 2 more" });
  const refused = { ...good, daemon: { ...good.daemon, reload_refused: { at: "", reason: "lb.yaml:3:1: no" } } };
  expect(assess(refused).level).toBe("attention");
  expect(assess({ ...good, daemon: { ...good.daemon, vrrp: "restarting" } }).level).toBe("bad");
});

test("the page is one document, of which only its own script and style may run", () => {
  const { body, contentSecurityPolicy: policy } = pageHtml();
  const inside = (tag: string): string => new RegExp(`<${tag}[^>]*>([\\s\\S]*?)</${tag}>`).exec(body)?.[1] ?? "";
  for (const [directive, text] of [
    ["script-src", inside("script")],
    ["style-src", inside("style")],
  ] as const) {
    expect(text.length).toBeGreaterThan(1000);
    expect(policy).toContain(`${directive} 'sha256-${createHash("sha256").update(text).digest("base64")}'`);
  }
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain("unsafe");
  expect(body).not.toMatch(/\b(?:src|href)="(?:https?:)?\/\//);
  expect(inside("script")).not.toMatch(/^(?:import|export) |innerHTML|insertAdjacentHTML|eval\(/m);
});

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../src/demo/free-port.ts";
import { Chromium } from "./chromium.ts";
import { type Daemon, DirectorNode, until } from "./lbctl.ts";
import { virtualServer } from "./virtual-server.ts";
import { WebServer } from "./web-servers.ts";

/** Where pictures of the page go, for who wants to see it: LBCTL_PICTURES=directory. */
const pictures = process.env.LBCTL_PICTURES;

const node = new DirectorNode();
const hostileName = `<img/src=x/onerror=alert(1)>`;
let hostile: WebServer;
let good: WebServer;
let daemon: Daemon;
let browser: Chromium;
let url: string;

const text = (selector: string) =>
  browser.evaluate<string>(`document.querySelector(${JSON.stringify(selector)})?.textContent ?? ""`);
const count = (selector: string) => browser.evaluate<number>(`document.querySelectorAll("${selector}").length`);

async function shows(what: string, expression: string): Promise<void> {
  await until(
    what,
    () => browser.evaluate<boolean>(expression),
    () => browser.complaints.join("\n"),
  );
}

async function open(width: number, height: number, scheme: "light" | "dark", path = "/"): Promise<void> {
  const metrics = { width, height, deviceScaleFactor: 1, mobile: width < 600 };
  await browser.send("Emulation.setDeviceMetricsOverride", metrics);
  const features = [{ name: "prefers-color-scheme", value: scheme }];
  await browser.send("Emulation.setEmulatedMedia", { features });
  await browser.send("Page.navigate", { url: `${url}${path}` });
  await shows("the page has its first contents", `document.querySelectorAll(".fold").length > 0`);
}

async function picture(name: string): Promise<void> {
  if (pictures === undefined) return;
  mkdirSync(pictures, { recursive: true });
  writeFileSync(join(pictures, `${name}.png`), await browser.screenshot());
}

/** Text of a pair must be at least 4.5 times as light as what it is on, or the other way round (WCAG 2.2, 1.4.3). */
const contrasts = `(() => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = rgb(colour).map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (node) => {
    for (let each = node; each !== null; each = each.parentElement) {
      const { backgroundColor } = getComputedStyle(each);
      if (rgb(backgroundColor)[3] !== 0) return backgroundColor;
    }
    return "rgb(255, 255, 255)";
  };
  const texts = [...document.querySelectorAll("body *")].filter((node) =>
    [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim() !== "") && node.checkVisibility());
  return texts.flatMap((node) => {
    const [a, b] = [light(getComputedStyle(node).color), light(behind(node))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    return ratio < 4.5 ? [node.tagName + " " + node.textContent + " " + ratio.toFixed(2)] : [];
  });
})()`;

describe("the status page in a browser", () => {
  beforeAll(async () => {
    [hostile, good] = await Promise.all([WebServer.start("<script>alert(2)</script>"), WebServer.start("good")]);
    hostile.answerWith(503);
    const [port, other, many] = await Promise.all([freePort(), freePort(), freePort()]);
    // Many addresses of loopback at a port where nobody listens.
    const nobody = await freePort();
    const crowd = Array.from({ length: 10_000 }, (_, index) => ({
      ...{ address: `127.1.${index >> 8}.${index & 255}`, port: nobody, weight: 1 },
      TCP_CHECK: { connect_timeout: 1, delay_loop: 60, warmup: 60 },
    }));
    node.configure({
      global_defs: { router_id: `"><script>alert(3)</script>`, metrics_address: 0 },
      virtual_server: [
        virtualServer(hostileName, port, [hostile]),
        virtualServer("web", other, [good]),
        virtualServer("crowd", many, [], { real_server: crowd }),
      ],
    });
    daemon = await node.start();
    const listens = /served on (http:\/\/127\.0\.0\.1:\d+)\//;
    await daemon.logged(listens);
    url = listens.exec(daemon.log())?.[1] ?? "";
    browser = await Chromium.start();
  });
  afterAll(async () => {
    await browser?.close();
    await node.close();
    await Promise.all([hostile?.stop(), good?.stop()]);
  });

  test("names and errors from anywhere are text, and nothing but its own script runs", async () => {
    await open(1100, 1000, "light");
    await shows(
      "the hostile server is down",
      `document.body.textContent.includes("status 503")
      || (document.querySelectorAll(".fold[aria-expanded=false]").forEach((fold) => fold.click()), false)`,
    );
    expect(await browser.evaluate("document.body.textContent")).toContain(hostileName);
    expect(await text("#name")).toBe(`"><script>alert(3)</script>`);
    expect(await count("img")).toBe(0);
    expect(await count("script")).toBe(1);
    await browser.evaluate(`globalThis.ran = 0; const s = document.createElement("p"); document.body.append(s);
      try { s.innerHTML = "<img src=x onerror='globalThis.ran = 1'>" } catch { globalThis.refused = 1 } s.remove()`);
    expect(await browser.evaluate("globalThis.refused")).toBe(1);
    await picture("light");
  });

  test("has nothing to complain about, from elsewhere loads nothing", async () => {
    // What the test before provoked itself.
    browser.complaints.length = 0;
    await open(1100, 1000, "dark");
    const from = await browser.evaluate<string[]>(`performance.getEntriesByType("resource").map(({ name }) => name)`);
    expect(from.filter((name) => !name.startsWith(url) && !name.startsWith("data:"))).toEqual([]);
    expect(browser.complaints).toEqual([]);
  });

  test("follows what happens, by itself", async () => {
    await open(1100, 1000, "dark");
    await shows("web is up", `document.querySelector("#list").textContent.includes("1/1 up")`);
    await good.stop();
    await shows("quorum lost", `document.querySelector("#notices").textContent.includes("web")`);
    expect(await browser.evaluate(`document.querySelector("#verdict").dataset.level`)).toBe("bad");
    await shows("the event", `document.querySelector("#events").textContent.includes("connect refused")`);
    await picture("dark");
    await good.resume();
    await shows("web is back", `document.querySelector("#list").textContent.includes("1/1 up")`);
  });

  test("10,000 real servers stay quick: few rows, more on demand, found by a search", async () => {
    await open(1100, 1000, "light");
    await browser.evaluate(
      `[...document.querySelectorAll(".fold")].find((fold) => fold.textContent.includes("crowd")).click()`,
    );
    await shows("rows", `document.querySelectorAll("tbody tr").length === 100`);
    await browser.evaluate(`document.querySelector(".inside:not([hidden]) button").click()`);
    await shows("more rows", `document.querySelectorAll("tbody tr").length === 600`);
    const nodes = await count("*");
    expect(nodes).toBeLessThan(10_000);
    await browser.press("/");
    expect(await browser.evaluate("document.activeElement.id")).toBe("search");
    await browser.send("Input.insertText", { text: "127.1.39.15" });
    await shows("what was searched", `document.querySelectorAll("tbody tr").length === 1`);
    expect(await text("#found")).toBe("1 of 3 virtual servers");
    await browser.press("Escape");
    await shows("everything again", `document.querySelectorAll(".fold").length === 3`);
  });

  test("is used with the keyboard alone", async () => {
    await open(1100, 1000, "light");
    await browser.evaluate(`document.querySelector("#trouble").focus()`);
    await browser.press("Tab");
    expect(await browser.evaluate("document.activeElement.className")).toBe("fold");
    const expanded = () => browser.evaluate(`document.activeElement.getAttribute("aria-expanded")`);
    expect(await expanded()).toBe("false");
    await browser.press("Enter");
    await shows("it is open", `document.activeElement.getAttribute("aria-expanded") === "true"`);
    // The focus stays where it was while the page follows.
    expect(await browser.evaluate("document.activeElement.className")).toBe("fold");
  });

  test.each(["light", "dark"] as const)("can be read in %s", async (scheme) => {
    await open(1100, 1000, scheme);
    await shows("events", `document.querySelectorAll("#events li").length > 0`);
    expect(await browser.evaluate(contrasts)).toEqual([]);
  });

  test("fits a phone, and every control has a name", async () => {
    await open(360, 780, "dark");
    await browser.evaluate(`document.querySelector(".fold").click()`);
    await shows("rows", `document.querySelectorAll("tbody tr").length > 0`);
    expect(await browser.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(360);
    await picture("phone");
    const { nodes } = (await browser.send("Accessibility.getFullAXTree")) as {
      nodes: readonly { role?: { value: string }; name?: { value: string }; ignored: boolean }[];
    };
    const controls = nodes.filter(
      ({ role, ignored }) =>
        !ignored && ["button", "searchbox", "checkbox", "link", "table"].includes(role?.value ?? ""),
    );
    expect(controls.length).toBeGreaterThan(5);
    expect(controls.filter(({ name }) => (name?.value ?? "") === "")).toEqual([]);
  });

  test("says so when lbctl is gone", async () => {
    await open(1100, 1000, "light");
    await daemon.kill();
    await shows("it is said", `!document.querySelector("#stale").hidden`);
    await picture("stale");
  });
});

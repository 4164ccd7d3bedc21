import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

export interface Page {
  readonly body: string;
  readonly contentSecurityPolicy: string;
}

let page: Page | null = null;

/**
 * The status page: one document without anything from elsewhere. Only its own script and style may run, by their digests; nothing
 * that is shown can become code.
 */
export function pageHtml(): Page {
  page ??= assemble(part("page.html"), `\n${part("page.css")}\n`, `\n${script()}\n`);
  return page;
}

function assemble(html: string, css: string, script: string): Page {
  const body = html.replace("\n/* style */\n", () => css).replace("\n/* script */\n", () => script);
  const digest = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  const policy = [
    "default-src 'none'",
    `script-src ${digest(script)}`,
    `style-src ${digest(css)}`,
    "connect-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ];
  return { body, contentSecurityPolicy: policy.join("; ") };
}

/** The modules in an order in which each has what it imports, as one. */
const modules = ["dom", "words", "view", "head", "routers", "servers", "page"] as const;

function script(): string {
  const bare = modules.map((name) =>
    part(`browser/${name}.js`)
      .replaceAll(/^import [^;]*;\n/gm, "")
      .replaceAll(/^export /gm, ""),
  );
  return bare.join("\n\n").trim();
}

function part(name: string): string {
  return readFileSync(new URL(`./${name}`, import.meta.url), "utf8").trim();
}

import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { ServiceEntry } from "ipvs-netlink";
import { buildStatus } from "../control/status.ts";
import type { StatusDocument } from "../control/status-document.ts";
import { isAllowedHost } from "./allowed-host.ts";
import { sendBody, sendText } from "./answer.ts";
import { Followers } from "./followers.ts";
import { healthOf } from "./health.ts";
import { Exposition, type ExpositionFormat, formatFor } from "./metrics/exposition.ts";
import type { Scrape } from "./metrics/scrape.ts";
import { type Mirror, SupervisorSilent } from "./mirror.ts";
import { pageDocument } from "./page/page-document.ts";
import { pageHtml } from "./page/page-html.ts";
import { parsePageQuery } from "./page/page-query.ts";
import { Shared } from "./shared.ts";

export interface HandlerOptions {
  readonly mirror: Mirror;
  readonly table: () => Promise<readonly ServiceEntry[]>;
  readonly scrape: () => Promise<Scrape>;
  /** Address of the listener. */
  readonly listensOn: () => string;
  readonly log: (message: string) => void;
}

/** Answers that several ask for within this time are made once. */
const sharedMs = 1_000;

type Answer = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>;

/** Answers GET and HEAD, and nothing else: there is no request that changes anything. */
export function requestHandler(options: HandlerOptions): RequestListener {
  const answers = answersOf(options);
  return (request, response) => {
    const refuse = (status: number, text: string): void => sendText(request, response, status, text);
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD");
      return refuse(405, "This listener only shows. Changes are made with lbctl, over the control socket.");
    }
    if (!isAllowedHost(request.headers.host, options.listensOn())) {
      return refuse(
        403,
        "Ask for this by an IP address or as localhost; a reverse proxy has to set the Host header so.",
      );
    }
    const url = URL.parse(request.url ?? "", "http://lbctl");
    const answer = url === null ? undefined : answers.get(url.pathname);
    if (url === null || answer === undefined) {
      return refuse(404, `There is nothing here but ${[...answers.keys()].join(", ")}.`);
    }
    answer(request, response, url).catch((error: unknown) => {
      if (!(error instanceof SupervisorSilent)) {
        options.log(
          `${url.pathname} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        );
      }
      if (response.headersSent) response.destroy();
      else if (error instanceof SupervisorSilent) refuse(503, error.message);
      else refuse(500, "This is a fault of lbctl: its log has the details.");
    });
  };
}

function answersOf({ mirror, table, scrape }: HandlerOptions): ReadonlyMap<string, Answer> {
  const followers = new Followers();
  const exposed = new Map<ExpositionFormat, Shared<string>>();
  const expositions = { text: new Exposition("text"), openmetrics: new Exposition("openmetrics") };
  for (const format of ["text", "openmetrics"] as const) {
    exposed.set(format, new Shared(sharedMs, async () => expositions[format].write(await scrape())));
  }
  const status = new Shared<StatusDocument>(sharedMs, async () => {
    const { view, told } = await mirror.refresh();
    return buildStatus(view, told.overrides, await table(), told.dataPlane, told.sessions, told.daemon);
  });
  const document = async (url: URL): Promise<object> => {
    const now = await status.get();
    return pageDocument(now, mirror.events, parsePageQuery(url.searchParams), new Date().toISOString());
  };

  return new Map<string, Answer>([
    [
      "/",
      async (request, response) => {
        const { body, contentSecurityPolicy } = pageHtml();
        const headers = {
          "content-type": "text/html; charset=utf-8",
          "content-security-policy": contentSecurityPolicy,
        };
        sendBody(request, response, 200, body, headers);
      },
    ],
    [
      "/metrics",
      async (request, response) => {
        const format = formatFor(request.headers.accept);
        const body = (await exposed.get(format)?.get()) ?? "";
        sendBody(request, response, 200, body, { "content-type": expositions[format].contentType });
      },
    ],
    [
      "/healthz",
      async (request, response) => {
        const { healthy, problems } = healthOf((await mirror.refresh()).told);
        sendText(request, response, healthy ? 200 : 503, healthy ? "ok" : problems.join("\n"));
      },
    ],
    [
      "/page.json",
      async (request, response, url) => {
        sendBody(request, response, 200, JSON.stringify(await document(url)), { "content-type": "application/json" });
      },
    ],
    [
      "/live",
      async (request, response, url) => {
        if (request.method === "HEAD") return sendText(request, response, 200, "");
        if (!followers.add(response, () => document(url))) {
          sendText(request, response, 503, "Too many look at this page already.");
        }
      },
    ],
  ]);
}

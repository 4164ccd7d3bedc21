import { keyword, repeated } from "./keyword.ts";
import { regexRows } from "./rows/url.ts";
import { address } from "./values/address.ts";
import { choice } from "./values/choice.ts";
import { flag } from "./values/flag.ts";
import { integer, port, UINT32_MAX } from "./values/integer.ts";
import { statusRanges } from "./values/status-ranges.ts";
import { digest, hostText, interfaceName, urlPath } from "./values/text.ts";
import { timer } from "./values/timer.ts";

/** Settings that a virtual server hands down to its real servers and these to their checkers. */
export const inheritable = {
  alpha: keyword(flag, {
    summary: "a new target counts as down until its checks pass, instead of as up until one fails",
    default: false,
  }),
  connect_timeout: keyword(timer(1, 4_294_967), {
    summary: "deadline of each exchange with the server, from connect to the last byte of the answer",
    default: 5000,
  }),
  retry: keyword(integer(0, UINT32_MAX), {
    summary: "further attempts after the first failure of a check that was up",
    default: 1,
  }),
  delay_before_retry: keyword(timer(0), {
    summary: "pause before each further attempt",
    defaultText: "1; 3 for HTTP_GET",
  }),
  warmup: keyword(timer(0), {
    summary: "the first check starts at a random moment within this time; 0 starts at once",
    defaultText: "the checker's delay_loop",
  }),
  delay_loop: keyword(timer(1), { summary: "time between two checks", default: 60_000 }),
  rise: keyword(integer(1, UINT32_MAX), {
    summary: "successes in a row that bring up a check that is down",
    default: 1,
    ours: true,
  }),
  fall: keyword(integer(1, UINT32_MAX), {
    summary: "failures in a row that take down a check that is up: retry and one more, in one number",
    defaultText: "retry + 1",
    ours: true,
  }),
  fast_interval: keyword(timer(1), {
    summary: "time between two checks while failures or successes are being counted",
    defaultText: "delay_before_retry on the way down, delay_loop on the way up",
    ours: true,
  }),
} as const;

export const connection = {
  connect_ip: keyword(address, { summary: "address to connect to", defaultText: "that of the real server" }),
  connect_port: keyword(port, { summary: "port to connect to", defaultText: "that of the real server" }),
  bindto: keyword(address, { summary: "source address", defaultText: "the kernel's choice" }),
  bind_port: keyword(port, { summary: "source port", defaultText: "the kernel's choice" }),
  bind_if: keyword(interfaceName, { summary: "interface to go out by; needed with a link-local address" }),
  fwmark: keyword(integer(0, UINT32_MAX), { summary: "mark on the packets of the checker", default: 0 }),
} as const;

export const common = {
  ...connection,
  ...inheritable,
  log_all_failures: keyword(flag, {
    summary: "log every failure of a check that is up, not only the one that takes it down",
    defaultText: "checker_log_all_failures",
  }),
} as const;

export const tcpCheck = {
  path: "virtual_server/real_server/TCP_CHECK",
  entries: {
    ...common,
    delay_before_retry: keyword(timer(0), { summary: inheritable.delay_before_retry.row.summary, default: 1000 }),
  },
} as const;

export const urlEntries = {
  path: keyword(urlPath, { summary: "what is asked for", required: true }),
  digest: keyword(digest, {
    summary: 'digest that the body must have, MD5 or SHA-1 by its length; made by "lbctl genhash"',
  }),
  status_code: keyword(statusRanges, {
    summary: "status codes that count as up",
    repeatable: true,
    default: [{ from: 200, to: 299 }],
  }),
  virtualhost: keyword(hostText, {
    summary: "Host header of this request",
    defaultText: "virtualhost of the checker, the real server, the virtual server; else address and port",
  }),
  agent_body: keyword(flag, {
    summary: "the first line of the body is what an agent says of the real server, as with AGENT_CHECK",
    default: false,
    ours: true,
  }),
} as const;

const url = {
  path: "virtual_server/real_server/HTTP_GET/url",
  entries: { ...urlEntries, ...regexRows },
} as const;

const withoutTls = "HTTP_GET speaks no TLS; it is a setting of SSL_GET";

export const httpGet = {
  path: "virtual_server/real_server/HTTP_GET",
  entries: {
    ...common,
    delay_before_retry: keyword(timer(0), { summary: inheritable.delay_before_retry.row.summary, default: 3000 }),
    retry: keyword(integer(0, UINT32_MAX), {
      summary: inheritable.retry.row.summary,
      default: inheritable.retry.row.default,
      synonyms: ["nb_get_retry"],
      deprecated: ["nb_get_retry"],
    }),
    http_protocol: keyword(choice(["1.0", "1.0C", "1.1"], { anyCase: true }), {
      summary: "version of the request; 1.0C adds Connection: close",
      default: "1.0",
    }),
    virtualhost: keyword(hostText, {
      summary: "Host header of every url that has none of its own",
      defaultText: "virtualhost of the real server, the virtual server; else address and port",
    }),
    enable_sni: keyword(flag, { summary: "the host name in the TLS handshake", noEffect: withoutTls }),
    fast_recovery: keyword(flag, {
      summary: "the urls are asked for without a pause while the server is down",
      noEffect: "every check asks for all urls without a pause",
    }),
    sni_name: keyword(hostText, { summary: "host name for the TLS handshake", noEffect: withoutTls, since: "2.2.8+" }),
    url: { ...repeated(url, "one request; all must succeed"), required: true },
  },
} as const;

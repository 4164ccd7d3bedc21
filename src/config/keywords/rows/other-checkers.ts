import { common, httpGet, inheritable, urlEntries } from "../checkers.ts";
import { type Block, type Entries, keyword, repeated } from "../keyword.ts";
import { choice } from "../values/choice.ts";
import { flag } from "../values/flag.ts";
import { integer, UINT32_MAX } from "../values/integer.ts";
import { payload, replyMask } from "../values/packet.ts";
import { script, userGroup } from "../values/script.ts";
import { domainName, hostText, nameText } from "../values/text.ts";
import { timer, wholeSeconds } from "../values/timer.ts";
import { weight } from "../values/weight.ts";
import { regexRows } from "./url.ts";

const root = "virtual_server/real_server";
const retries = (count: number) =>
  keyword(integer(0, UINT32_MAX), { summary: inheritable.retry.row.summary, default: count });
const tlsCompliant = keyword(flag, {
  summary: "the connection is closed as TLS wants it, with a notice to the server",
  default: false,
  since: "2.2.8+",
});

const sslUrl = {
  path: `${root}/SSL_GET/url`,
  entries: { ...urlEntries, ...regexRows, tls_compliant: tlsCompliant },
} as const satisfies Block;

export const sslGet = {
  path: `${root}/SSL_GET`,
  entries: {
    ...httpGet.entries,
    enable_sni: keyword(flag, { summary: "the server is told the host name in the TLS handshake", default: false }),
    sni_name: keyword(hostText, {
      summary: "the host name that it is told",
      defaultText: "virtualhost",
      since: "2.2.8+",
    }),
    tls_compliant: tlsCompliant,
    tls_verify: keyword(flag, {
      summary: "the certificate must be valid, signed by an authority and made out to the host name",
      default: false,
      ours: true,
    }),
    url: { ...repeated(sslUrl, "one request; all must succeed"), required: true },
  },
} as const satisfies Block;

const retryAfterASecond = {
  delay_before_retry: keyword(timer(0), { summary: inheritable.delay_before_retry.row.summary, default: 1000 }),
} as const satisfies Entries;

/** The connection, in keepalived's old way of one checker for several places; the rest is the checker's. */
const smtpHost = { path: `${root}/SMTP_CHECK/host`, entries: common } as const satisfies Block;

export const smtpCheck = {
  path: `${root}/SMTP_CHECK`,
  entries: {
    ...common,
    ...retryAfterASecond,
    helo_name: keyword(hostText, { summary: "name that the server is greeted with", defaultText: "the host name" }),
    host: repeated(smtpHost, "another place to check; several checkers do the same"),
  },
} as const satisfies Block;

export const dnsCheck = {
  path: `${root}/DNS_CHECK`,
  entries: {
    ...common,
    retry: retries(3),
    delay_before_retry: keyword(timer(0), {
      summary: inheritable.delay_before_retry.row.summary,
      defaultText: "the checker's delay_loop",
    }),
    type: keyword(choice(["A", "NS", "CNAME", "SOA", "MX", "TXT", "AAAA"]), {
      summary: "type of the query",
      default: "SOA",
    }),
    name: keyword(domainName, { summary: "name that is asked for", default: "." }),
  },
} as const satisfies Block;

const { alpha, warmup, delay_loop, rise, fall, fast_interval } = inheritable;

export const miscCheck = {
  path: `${root}/MISC_CHECK`,
  entries: {
    alpha,
    retry: retries(0),
    ...retryAfterASecond,
    warmup,
    delay_loop,
    rise,
    fall,
    fast_interval,
    log_all_failures: common.log_all_failures,
    misc_path: keyword(script, { summary: "program to run, with its arguments", required: true }),
    misc_timeout: keyword(wholeSeconds(0, 4294), {
      summary: "time after which it is killed",
      defaultText: "delay_loop",
    }),
    misc_dynamic: keyword(flag, { summary: "an exit status from 2 on sets the weight, to two less", default: false }),
    user: keyword(userGroup, { summary: "user and group it runs as", defaultText: "script_user" }),
  },
} as const satisfies Block;

export const pingCheck = {
  path: `${root}/PING_CHECK`,
  entries: { ...common, ...retryAfterASecond },
} as const satisfies Block;

export const udpCheck = {
  path: `${root}/UDP_CHECK`,
  entries: {
    ...common,
    ...retryAfterASecond,
    payload: keyword(payload, { summary: "what is sent", defaultText: "random octets" }),
    require_reply: keyword(replyMask, {
      summary: "an answer must come, and begin like this",
      defaultText: "none is needed",
    }),
    min_reply_length: keyword(integer(0, 65_535), { summary: "least length of the answer in octets", default: 0 }),
    max_reply_length: keyword(integer(0, 65_535), { summary: "greatest length of the answer in octets", default: 255 }),
  },
} as const satisfies Block;

export const fileCheck = {
  path: `${root}/FILE_CHECK`,
  entries: {
    track_file: keyword(nameText, { summary: "name of the track_file block", required: true }),
    weight: keyword(weight(0x7fff_ffff), {
      summary: "what the number of the file is multiplied with",
      defaultText: "weight of the track_file",
    }),
  },
} as const satisfies Block;

const bfdCheck = {
  path: `${root}/BFD_CHECK`,
  entries: {
    name: keyword(nameText, { summary: "name of the bfd_instance", required: true }),
    alpha,
  },
} as const satisfies Block;

/** The checkers of a real server beside TCP_CHECK and HTTP_GET. */
export const otherCheckers = {
  SSL_GET: repeated(sslGet, "up when every url is answered as wanted over TLS"),
  SMTP_CHECK: repeated(smtpCheck, "up when a mail server greets us and answers HELO"),
  DNS_CHECK: repeated(dnsCheck, "up when a name server answers a query"),
  PING_CHECK: repeated(pingCheck, "up when ICMP echo is answered"),
  UDP_CHECK: repeated(udpCheck, "up unless a datagram is refused, or when it is answered as wanted"),
  MISC_CHECK: repeated(miscCheck, "up when a program says so"),
  FILE_CHECK: repeated(fileCheck, "up or down, or weighted, by the number in a file"),
  BFD_CHECK: repeated(bfdCheck, "up while a BFD session is"),
};

import { common, inheritable } from "../checkers.ts";
import { allOurs, type Block, keyword, repeated } from "../keyword.ts";
import { flag } from "../values/flag.ts";
import { octets } from "../values/octets.ts";
import { hostText, printableText, wordText } from "../values/text.ts";
import { timer } from "../values/timer.ts";

const root = "virtual_server/real_server";

const retryAfterASecond = {
  delay_before_retry: keyword(timer(0), { summary: inheritable.delay_before_retry.row.summary, default: 1000 }),
} as const;

const step = {
  path: `${root}/TCP_EXPECT/step`,
  entries: allOurs({
    send: keyword(octets, { summary: "what is sent; \\r, \\n, \\t and \\xHH are escapes" }),
    expect: keyword(octets, { summary: "octets that the answer must have" }),
    expect_regex: keyword(printableText, { summary: "regular expression that the answer must match" }),
  }),
} as const satisfies Block;

export const tcpExpect = {
  path: `${root}/TCP_EXPECT`,
  entries: allOurs({
    ...common,
    ...retryAfterASecond,
    step: {
      ...repeated(step, "a turn of the conversation: something is sent, something expected, or both"),
      required: true,
    },
  }),
} as const satisfies Block;

export const grpcCheck = {
  path: `${root}/GRPC_CHECK`,
  entries: allOurs({
    ...common,
    ...retryAfterASecond,
    service: keyword(wordText, {
      summary: "name of the service that must be serving",
      defaultText: "the server as a whole",
    }),
    virtualhost: keyword(hostText, {
      summary: ":authority of the call",
      defaultText: "virtualhost of the real server, the virtual server; else address and port",
    }),
    tls: keyword(flag, { summary: "over TLS, with the files of SSL", default: false }),
    enable_sni: keyword(flag, { summary: "the server is told the host name in the TLS handshake", default: false }),
    sni_name: keyword(hostText, { summary: "the host name that it is told", defaultText: "virtualhost" }),
    tls_verify: keyword(flag, {
      summary: "the certificate must be valid, signed by an authority and made out to the host name",
      default: false,
    }),
  }),
} as const satisfies Block;

export const agentCheck = {
  path: `${root}/AGENT_CHECK`,
  entries: allOurs({
    ...common,
    ...retryAfterASecond,
    agent_send: keyword(octets, { summary: "what the agent is sent first", defaultText: "nothing" }),
  }),
} as const satisfies Block;

/** Checkers that keepalived has not. */
export const ourCheckers = allOurs({
  TCP_EXPECT: repeated(tcpExpect, "up when a conversation goes as wanted"),
  GRPC_CHECK: repeated(grpcCheck, "up when grpc.health.v1 says that a service is serving"),
  AGENT_CHECK: repeated(agentCheck, "up, down, drained or weighted, as an agent on the server says"),
});

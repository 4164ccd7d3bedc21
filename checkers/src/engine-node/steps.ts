import { hostname } from "node:os";
import type { ConnectOptions, ProbeSpec, TlsOptions, TlsUrl } from "../check.ts";
import type { Dialogue } from "../dialogue.ts";
import { httpDialogue } from "../http/dialogue.ts";
import type { ResponseLimits } from "../http/parser.ts";
import type { RunScript } from "../misc/judge-script.ts";
import type { Trace } from "../trace.ts";
import type { NativeConnect } from "./connect.ts";
import { type DatagramDialogue, startDatagramExchange } from "./datagram.ts";
import { dnsDialogue, pingDialogue, udpDialogue } from "./datagram-dialogues.ts";
import { type Ending, startExchange } from "./exchange.ts";
import { startGrpcExchange } from "./grpc-exchange.ts";
import { startScriptCheck } from "./script-check.ts";
import { agentDialogue, connectOnly, expectDialogue, smtpDialogue } from "./stream-dialogues.ts";
import type { TlsSettings } from "./tls-client.ts";

export interface NodeEngineOptions {
  readonly nativeConnect: NativeConnect;
  readonly limits: ResponseLimits;
  readonly runScript: RunScript;
  /** Told of every step of every exchange; absent: nobody looks. */
  readonly trace?: Trace | undefined;
}

/** One exchange of a run; `url` says which one failed. `start` returns how to end it, and never calls `done` from within. */
export interface Step {
  readonly url: string | null;
  /** Whom it is with. */
  readonly place: ConnectOptions;
  readonly start: (timeoutMs: number, done: (ending: Ending) => void) => () => void;
}

/** The exchanges of one run. Made one at a time, so that the digest of a later url costs nothing if an earlier one fails. */
export function* steps(spec: ProbeSpec, options: NodeEngineOptions): Iterator<Step> {
  switch (spec.type) {
    case "TCP_CHECK":
      yield streamStep(null, spec.connect, null, connectOnly, options);
      return;
    case "HTTP_GET":
      for (const url of spec.urls) {
        yield streamStep(url.path, spec.connect, null, httpDialogue(url, spec, options.limits), options);
      }
      return;
    case "SSL_GET":
      for (const url of spec.urls) {
        const dialogue = httpDialogue(url, spec, options.limits);
        yield streamStep(url.path, spec.connect, tlsSettings(url, spec.tls), dialogue, options);
      }
      return;
    case "SMTP_CHECK": {
      const heloName = spec.heloName ?? hostname();
      for (const host of [spec.connect, ...spec.further]) {
        const place = spec.further.length === 0 ? null : `${host.address} port ${host.port}`;
        yield streamStep(place, host, null, smtpDialogue(heloName), options);
      }
      return;
    }
    case "DNS_CHECK":
      yield datagramStep(spec.connect, dnsDialogue(spec.name, spec.queryType), options);
      return;
    case "PING_CHECK":
      yield datagramStep(spec.connect, pingDialogue(spec.connect.address.includes(":") ? "inet6" : "inet"), options);
      return;
    case "UDP_CHECK":
      yield datagramStep(spec.connect, udpDialogue(spec.payload, spec.reply), options);
      return;
    case "TCP_EXPECT":
      yield streamStep(null, spec.connect, null, expectDialogue(spec.steps), options);
      return;
    case "AGENT_CHECK":
      yield streamStep(null, spec.connect, null, agentDialogue(spec.send), options);
      return;
    case "GRPC_CHECK": {
      const { connect, service, authority, tls } = spec;
      const { nativeConnect } = options;
      yield {
        url: null,
        place: spec.connect,
        start: (timeoutMs, done) =>
          startGrpcExchange({ connect, service, authority, tls, timeoutMs, nativeConnect, trace: options.trace }, done),
      };
      return;
    }
    case "MISC_CHECK": {
      const { script, dynamic } = spec;
      const { runScript } = options;
      yield {
        url: null,
        place: spec.connect,
        start: (timeoutMs, done) => startScriptCheck({ script, dynamic, timeoutMs, runScript }, done),
      };
      return;
    }
  }
}

function datagramStep(connect: ConnectOptions, dialogue: DatagramDialogue, { trace }: NodeEngineOptions): Step {
  return {
    url: null,
    place: connect,
    start: (timeoutMs, done) => startDatagramExchange({ connect, timeoutMs, dialogue, trace }, done),
  };
}

function streamStep(
  url: string | null,
  connect: ConnectOptions,
  tls: TlsSettings | null,
  dialogue: Dialogue,
  { nativeConnect, trace }: NodeEngineOptions,
): Step {
  return {
    url,
    place: connect,
    start: (timeoutMs, done) => startExchange({ connect, tls, timeoutMs, dialogue, nativeConnect, trace }, done),
  };
}

function tlsSettings({ serverName, virtualhost, tlsCompliant }: TlsUrl, options: TlsOptions): TlsSettings {
  return { options, serverName, hostName: serverName ?? withoutPort(virtualhost), compliant: tlsCompliant };
}

function withoutPort(virtualhost: string | null): string | null {
  return virtualhost === null ? null : virtualhost.replace(/:[0-9]+$/, "");
}

import { type CertificateFacts, describeVerdict, excerpt, formatDuration } from "@lbctl/checkers";
import type { ProbeReport, TimedStep } from "./probe-report.ts";
import type { TcpLatency } from "./tcp-latency.ts";

/** What a person reads of a run, line by line. `nowEpochMs` is the moment that a certificate's expiry is counted from. */
export function renderProbe(report: ProbeReport, nowEpochMs: number): string[] {
  const { checker, target, virtualServer, timeoutMs, reach, verdict } = report;
  const of = virtualServer === null ? "" : ` of ${virtualServer}`;
  const deadline = timeoutMs === 0 ? "" : `, deadline ${formatDuration(timeoutMs)}`;
  return [
    `${checker} ${target}${of}${deadline}`,
    ...(reach === null ? [] : [reachLine(reach)]),
    ...report.steps.flatMap((step) => lines(step, nowEpochMs)),
    `${time(verdict.latencyMs)}  ${verdict.ok ? "passed" : "FAILED"}: ${describeVerdict(verdict)}`,
  ];
}

/** Of the network alone: whatever the check finds out, this is without it. */
function reachLine(reach: TcpLatency): string {
  switch (reach.kind) {
    case "answered":
      return `${time(reach.latencyMs)}  reachable: a TCP connection alone`;
    case "refused":
      return `${time(reach.latencyMs)}  reachable, and nobody listens on that port`;
    case "silent":
      return `${time(reach.waitedMs)}  not reachable: no answer to TCP`;
    case "unreachable":
      return `${indent}not reachable: ${reach.errno}`;
  }
}

const indent = " ".repeat(12);

function lines({ atMs, step }: TimedStep, nowEpochMs: number): string[] {
  const at = (text: string, ...more: readonly string[]) => [
    `${time(atMs)}  ${text}`,
    ...more.map((line) => indent + line),
  ];
  switch (step.kind) {
    case "started":
      return at(
        `${step.url === null ? "" : `${step.url}: `}to ${step.address}${step.port === 0 ? "" : ` port ${step.port}`}`,
      );
    case "connected":
      return at(`connected from ${step.from}`);
    case "secured": {
      const { protocol, cipher, certificate } = step.tls;
      const about =
        certificate === null ? ["the server showed no certificate"] : certificateLines(certificate, nowEpochMs);
      return at(`TLS: ${protocol}, ${cipher}`, ...about);
    }
    case "sent":
    case "received":
      return at(`${step.kind} ${step.bytes.length} octets: ${firstLine(step.bytes)}`);
    case "closed":
      return at("the server closed the connection");
    case "page":
      return at(`status ${step.status}, body of ${step.bodyBytes} octets`, `MD5 ${step.md5}`, `SHA-1 ${step.sha1}`);
  }
}

function certificateLines(certificate: CertificateFacts, nowEpochMs: number): string[] {
  const { subject, issuer, names, validFromEpochMs, validToEpochMs, problem } = certificate;
  const leftMs = validToEpochMs - nowEpochMs;
  const left = leftMs < 0 ? `expired ${formatDuration(-leftMs)} ago` : `expires in ${formatDuration(leftMs)}`;
  return [
    `certificate ${subject}, signed by ${issuer}`,
    ...(names === "" ? [] : [`for ${names}`]),
    `valid from ${day(validFromEpochMs)} to ${day(validToEpochMs)}: ${left}`,
    ...(problem === null ? [] : [`would not be trusted: ${problem}`]),
  ];
}

function day(epochMs: number): string {
  return Number.isNaN(epochMs) ? "an unknown day" : new Date(epochMs).toISOString().slice(0, 10);
}

function firstLine(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
  return excerpt(text.split(/\r?\n/)[0] ?? "", 100);
}

function time(ms: number): string {
  return `${ms.toFixed(1).padStart(7)} ms`;
}

/** The same for programs. Keys are snake_case and only added. */
export function probeDocument(report: ProbeReport): object {
  const { checker, target, virtualServer, timeoutMs, verdict } = report;
  return {
    checker,
    virtual_server: virtualServer,
    target,
    deadline_ms: timeoutMs,
    passed: verdict.ok,
    latency_ms: verdict.latencyMs,
    reach: reachDocument(report.reach),
    reason: describeVerdict(verdict),
    steps: report.steps.map(({ atMs, step }) => ({ at_ms: atMs, ...stepDocument(step) })),
  };
}

function reachDocument(reach: TcpLatency | null): object | null {
  if (reach === null) return null;
  const { kind, ...rest } = reach;
  return { result: kind, latency_ms: "latencyMs" in rest ? rest.latencyMs : null };
}

function stepDocument(step: TimedStep["step"]): object {
  switch (step.kind) {
    case "started":
      return { step: step.kind, url: step.url, address: step.address, port: step.port };
    case "connected":
      return { step: step.kind, from: step.from };
    case "secured": {
      const { protocol, cipher, certificate } = step.tls;
      if (certificate === null) return { step: step.kind, protocol, cipher, certificate };
      const { subject, issuer, names, validFromEpochMs, validToEpochMs, problem } = certificate;
      const valid = { valid_from: day(validFromEpochMs), valid_to: day(validToEpochMs) };
      return { step: step.kind, protocol, cipher, certificate: { subject, issuer, names, ...valid, problem } };
    }
    case "sent":
    case "received":
      return { step: step.kind, octets: step.bytes.length, begins: firstLine(step.bytes) };
    case "closed":
      return { step: step.kind };
    case "page": {
      const { status, bodyBytes, md5, sha1 } = step;
      return { step: step.kind, status, body_octets: bodyBytes, md5, sha1 };
    }
  }
}

import { afterEach, beforeEach, expect } from "vitest";
import type { ConnectOptions, ProbeSpec, Url } from "../check.ts";
import type { Reason, Verdict } from "../verdict.ts";
import { connectTo, httpGet, url } from "./examples.ts";
import { type Behaviour, listen, type TestServer } from "./misbehaving-server.ts";
import { type CreateEngine, EngineUnderTest } from "./probe-once.ts";

/** For those that have no answer. */
export const timeoutMs = 400;
/** For those that have one, however noisy the machine. */
export const patienceMs = 20_000;
export const hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

export type EngineBench = ReturnType<typeof engineBench>;

/** An engine and its servers, new for each test of the `describe` that this is called in. */
export function engineBench(create: CreateEngine, overrides: Partial<ConnectOptions>) {
  let subject: EngineUnderTest;
  const servers: { close: () => Promise<void> }[] = [];

  beforeEach(() => {
    subject = new EngineUnderTest(create);
  });
  afterEach(async () => {
    subject.engine.close();
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  const connect = (port: number, more: Partial<ConnectOptions> = {}) => connectTo(port, { ...overrides, ...more });

  async function serve(behaviour: Behaviour, address?: string): Promise<TestServer> {
    const server = await listen(behaviour, address);
    servers.push(server);
    return server;
  }

  async function probe(spec: ProbeSpec, withinMs = patienceMs): Promise<Verdict> {
    const [verdict] = await subject.run([spec], withinMs);
    return verdict as Verdict;
  }

  async function probeServer(
    behaviour: Behaviour,
    settings: Partial<Url> = {},
    withinMs = patienceMs,
  ): Promise<Verdict> {
    const server = await serve(behaviour);
    return probe(httpGet(connect(server.port), [url(settings)]), withinMs);
  }

  function expectReason(verdict: Verdict, reason: Reason | object, path: string | null = "/"): void {
    expect(verdict).toMatchObject({ ok: false, reason, url: path });
  }

  function expectDeadline(verdict: Verdict, phase: string, path: string | null = "/"): void {
    expectReason(verdict, { kind: "deadline", phase, afterMs: timeoutMs }, path);
    expect(verdict.latencyMs).toBeGreaterThanOrEqual(timeoutMs - 2);
  }

  return {
    connect,
    serve,
    probe,
    probeServer,
    expectReason,
    expectDeadline,
    closeLater: (server: { close: () => Promise<void> }) => void servers.push(server),
    /** Of the test that runs. */
    get subject() {
      return subject;
    },
  };
}

import type { Duplex } from "node:stream";
import { GuestError } from "./guest-error.ts";
import type { Job, JobFiles, JobOptions, JobResult } from "./job.ts";
import { type AgentLine, lineSplitter, parseAgentLine } from "./serial-protocol.ts";

const defaultTimeoutMs = 120_000;

export type AgentClient = {
  /** Resolves when the guest's agent says it is there. */
  readonly ready: Promise<void>;
  nextId(): number;
  run(files: JobFiles, script: string, options: JobOptions): Job;
  ping(): Promise<void>;
  powerOff(): void;
  /** To be called once the guest is gone: whatever is pending rejects. */
  guestEnded(): void;
};

type Waiting = {
  readonly resolve: (line: AgentLine | undefined) => void;
  readonly reject: (error: GuestError) => void;
};

/** The host's end of the serial line; the protocol is documented in guest-agent.pl. */
export function agentClient(serial: Duplex, describeGuest: () => string): AgentClient {
  const waiting = new Map<number, Waiting>();
  const outbox = stopAndWait((line) => serial.write(line));
  const ready = Promise.withResolvers<void>();
  let lastId = 0;
  let over = false;

  const answer = (id: number, line: AgentLine): void => {
    waiting.get(id)?.resolve(line);
    waiting.delete(id);
  };
  serial.setEncoding("utf8");
  serial.on(
    "data",
    lineSplitter((text) => {
      const line = parseAgentLine(text);
      if (line?.kind === "ready") ready.resolve();
      else if (line?.kind === "taken") outbox.taken();
      else if (line !== undefined) answer(line.id, line);
    }),
  );

  const died = () => new GuestError("guest-died", `the guest is gone\n${describeGuest()}`);
  const request = (id: number, line: string): Promise<AgentLine | undefined> =>
    new Promise((resolve, reject) => {
      if (over) return reject(died());
      waiting.set(id, { resolve, reject });
      outbox.send(line);
    });

  return {
    ready: ready.promise,
    nextId: () => ++lastId,
    run(files, script, { namespace = "-", timeoutMs = defaultTimeoutMs }) {
      files.writeScript(script);
      const done = request(files.id, `run ${files.id} ${namespace} ${timeoutMs}\n`).then((line): JobResult => {
        const result = { stdout: files.stdout(), stderr: files.stderr() };
        files.remove();
        if (line?.kind !== "done" || line.how === "timeout") throw overran(script, timeoutMs, result);
        return { status: line.status, ...result };
      });
      // A started job that nobody waits for must not bring the test process down.
      done.catch(() => {});
      let ended: JobResult | undefined;
      done.then(
        (result) => {
          ended = result;
        },
        () => {},
      );
      return {
        done,
        stdout: () => ended?.stdout ?? files.stdout(),
        stderr: () => ended?.stderr ?? files.stderr(),
        signal: (name) => outbox.send(`kill ${files.id} ${name}\n`),
      };
    },
    async ping() {
      const id = ++lastId;
      await request(id, `ping ${id}\n`);
    },
    powerOff: () => outbox.send("off\n"),
    guestEnded() {
      over = true;
      const error = died();
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    },
  };
}

/** Sends the next line only when the last one was taken: unread input beyond about 3 KB wedges the guest's line. */
function stopAndWait(write: (line: string) => void): { send(line: string): void; taken(): void } {
  const queue: string[] = [];
  let busy = false;
  const next = (): void => {
    const line = queue.shift();
    busy = line !== undefined;
    if (line !== undefined) write(line);
  };
  return {
    send(line) {
      queue.push(line);
      if (!busy) next();
    },
    taken: next,
  };
}

function overran(script: string, timeoutMs: number, output: { stdout: string; stderr: string }): GuestError {
  const tail = (output.stdout + output.stderr).slice(-4000);
  return new GuestError("job-timeout", `not done after ${timeoutMs} ms, and killed: ${script}\n${tail}`);
}

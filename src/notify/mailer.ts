import { hostname } from "node:os";
import { createTransport } from "nodemailer";
import type { MailSettings } from "../config/notify-model.ts";
import type { Severity } from "../log/record.ts";
import { added, done, failed, type Mail, type MailQueue, nextMail, noMail } from "./mail-queue.ts";
import type { Alert } from "./notification.ts";

/** An exchange that has begun may pause so long. */
const silenceMs = 60_000;

/** Mails alerts, one mail at a time, and never makes anybody wait. */
export class Mailer {
  readonly #log: (severity: Severity, message: string) => void;
  #settings: MailSettings | null;
  #queue: MailQueue = noMail;
  #sending: Promise<void> | null = null;
  #retry: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(settings: MailSettings | null, log: (severity: Severity, message: string) => void) {
    this.#settings = settings;
    this.#log = log;
  }

  /** What waits is tried again at once: its server may be another one. */
  configure(settings: MailSettings | null): void {
    this.#settings = settings;
    if (settings === null) this.#queue = noMail;
    if (this.#retry !== null) this.#wake();
  }

  add(alert: Alert): void {
    if (this.#settings === null || this.#closed) return;
    this.#queue = added(this.#queue, alert);
    this.#wake(this.#retry === null);
  }

  /** Resolves when everything is sent, at the latest after `graceMs`; what is not by then is lost, and that is said. */
  async close(graceMs: number): Promise<void> {
    this.#wake();
    let timer: NodeJS.Timeout | null = null;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, graceMs);
    });
    await Promise.race([this.#sending ?? Promise.resolve(), late]);
    if (timer !== null) clearTimeout(timer);
    this.#closed = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    const left = this.#queue.waiting.length;
    if (left > 0) this.#log("error", `${left} alerts could not be mailed before the end`);
  }

  #wake(now = true): void {
    if (!now) return;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = null;
    });
  }

  async #sendAll(): Promise<void> {
    for (;;) {
      const mail = nextMail(this.#queue);
      const settings = this.#settings;
      if (mail === null || settings === null || this.#closed) return;
      const problem = await send(settings, mail);
      if (problem === null) {
        this.#log("info", `mailed: ${mail.subject}`);
        this.#queue = done(this.#queue, mail);
      } else if (problem.isFinal) {
        this.#log("error", `the mail server will not take "${mail.subject}": ${problem.message}`);
        this.#queue = done(this.#queue, mail);
      } else {
        const { queue, retryInMs } = failed(this.#queue);
        this.#queue = queue;
        this.#log(
          "warning",
          `"${mail.subject}" is not mailed yet: ${problem.message}; next attempt in ${retryInMs / 1000} s`,
        );
        if (!this.#closed) this.#retry = setTimeout(() => this.#wake(), retryInMs);
        return;
      }
    }
  }
}

async function send(
  settings: MailSettings,
  { subject, text }: Mail,
): Promise<{ message: string; isFinal: boolean } | null> {
  const { server, heloName, connectTimeoutMs, from, recipients, routerId } = settings;
  const transport = createTransport({
    ...server,
    name: heloName ?? hostname(),
    connectionTimeout: connectTimeoutMs,
    greetingTimeout: connectTimeoutMs,
    socketTimeout: silenceMs,
    // As keepalived: it is a server next door, whose certificate nobody could check.
    ignoreTLS: true,
    secure: false,
  });
  try {
    await transport.sendMail({
      from: from ?? `keepalived@${hostname()}`,
      to: [...recipients],
      subject: `[${routerId ?? hostname()}] ${subject}`,
      text: `${text}\n`,
      xMailer: "lbctl",
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    return null;
  } catch (error) {
    const { responseCode, message } = error as Error & { responseCode?: number };
    return {
      message: `${server.host} port ${server.port}: ${message}`,
      isFinal: responseCode !== undefined && responseCode >= 500,
    };
  } finally {
    transport.close();
  }
}

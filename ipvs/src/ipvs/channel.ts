import { IpvsError, NetlinkError } from "../errors.ts";
import type { Answer, NetlinkConnection, Outcome } from "../netlink/connection.ts";
import { GENERIC_HEADER_BYTES, NLM_F_DUMP } from "../netlink/constants.ts";
import { type Failure, failureOf, refusalMessage, type Subject } from "../netlink/failure.ts";
import { resolveFamily, writeGenericHeader } from "../netlink/generic.ts";
import type { Memory } from "../netlink/memory.ts";
import { RequestBatch } from "../netlink/request-batch.ts";
import type { ReceiveShape } from "../netlink/transport.ts";
import { type CommandAttributes, command as commandAttributes } from "./attributes.ts";
import { IPVS_GENL_NAME, IPVS_GENL_VERSION } from "./constants.ts";
import { requestCause } from "./refusal.ts";

/** Reads one reply of the kernel: the attributes lie between the offsets. */
export type ReplyReader = (memory: Memory, offset: number, end: number, index: number) => void;

/**
 * The kernel takes any number in one send; a hundred is where the gain per message levels off, keeps the event loop free
 * in between, and their acknowledgements fit the default receive buffer.
 */
export const REQUESTS_PER_SEND = 100;

/** IPVS requests over one connection: family number, command headers and errors that name operation and object. */
export class IpvsChannel {
  readonly #connection: NetlinkConnection;
  readonly #family: number;
  readonly #single = new RequestBatch(1);

  constructor(connection: NetlinkConnection) {
    this.#connection = connection;
    this.#family = resolveFamily(connection, IPVS_GENL_NAME, "ip_vs");
  }

  /** Appends one request. If it cannot be encoded (NetlinkError `invalid`), the batch is as before. */
  add(batch: RequestBatch, command: number, attributes: CommandAttributes, flags = 0): void {
    batch.add(this.#family, flags, (memory, offset) =>
      commandAttributes.encode(memory, writeGenericHeader(memory, offset, command, IPVS_GENL_VERSION), attributes),
    );
  }

  /** Sends a batch, one answer per request. Throws NetlinkError when the exchange itself fails. */
  transact(batch: RequestBatch, read?: ReplyReader): readonly Answer[] {
    return this.#connection.transact(batch, "many-short", (index, memory, { payload, end }) =>
      read?.(memory, payload + GENERIC_HEADER_BYTES, end, index),
    ).answers;
  }

  /** One request. Throws IpvsError. */
  request(subject: Subject, command: number, attributes: CommandAttributes, read?: ReplyReader): void {
    this.#one(subject, command, 0, attributes, read);
  }

  /**
   * One listing. Answers whether it was read at one moment; a longer one lets writers in between its datagrams.
   * Throws IpvsError, with code `dump-interrupted` or `overrun` when it must be asked for again.
   */
  list(subject: Subject, command: number, attributes: CommandAttributes, read: ReplyReader): boolean {
    return this.#one(subject, command, NLM_F_DUMP, attributes, read).datagrams <= 2;
  }

  close(): void {
    this.#connection.close();
  }

  #one(
    subject: Subject,
    command: number,
    flags: number,
    attributes: CommandAttributes,
    read: ReplyReader | undefined,
  ): Outcome {
    const batch = this.#single;
    batch.clear();
    this.add(batch, command, attributes, flags);
    const outcome = this.#exchange(subject, batch, flags === 0 ? "many-short" : "few-long", read);
    const [answer] = outcome.answers;
    const failure = answer && failureOf(answer);
    if (failure) throw requestError(subject, failure);
    return outcome;
  }

  #exchange(subject: Subject, batch: RequestBatch, shape: ReceiveShape, read: ReplyReader | undefined): Outcome {
    try {
      return this.#connection.transact(batch, shape, (index, memory, { payload, end }) =>
        read?.(memory, payload + GENERIC_HEADER_BYTES, end, index),
      );
    } catch (error) {
      throw withSubject(error, subject);
    }
  }
}

export const LOST = "the kernel's answer was lost in a full receive buffer: read the table to learn what happened";

/** The error of a request that is no operation of the table. */
export function requestError(subject: Subject, { errno, text, lost }: Failure): IpvsError {
  const cause = lost ? LOST : requestCause(subject, errno);
  return new IpvsError(
    lost ? "overrun" : "rejected",
    { ...subject, errno },
    refusalMessage(subject, errno, cause, text),
  );
}

/** The same failure, naming operation and object; what is no NetlinkError stays as it is. */
export function withSubject(error: unknown, subject: Subject): unknown {
  if (!(error instanceof NetlinkError) || error instanceof IpvsError) return error;
  const what = subject.object === "" ? subject.operation : `${subject.operation} ${subject.object}`;
  return new IpvsError(error.code, { ...subject, errno: error.errno }, `${what}: ${error.message}`);
}

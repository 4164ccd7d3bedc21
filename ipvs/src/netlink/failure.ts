import { errnoName } from "../errors.ts";
import type { Answer } from "./connection.ts";

/** What a failed request was about, for messages: "new-service" "TCP 192.0.2.1:80". */
export interface Subject {
  readonly operation: string;
  readonly object: string;
}

export interface Failure {
  readonly errno: string;
  /** What the kernel says beyond the number. */
  readonly text: string | null;
  /** Whether the answer itself is missing. */
  readonly lost: boolean;
}

/** Null for success. */
export function failureOf(answer: Answer): Failure | null {
  if (answer.lost) return { errno: "ENOBUFS", text: null, lost: true };
  return answer.errno === 0 ? null : { errno: errnoName(answer.errno), text: answer.text, lost: false };
}

/** One sentence: operation, object, errno and cause. `kernelText` is the extended acknowledgement's. */
export function refusalMessage(
  { operation, object }: Subject,
  errno: string,
  cause: string | null,
  kernelText: string | null,
): string {
  const what = object === "" ? operation : `${operation} ${object}`;
  return [what, errno, cause, kernelText && `the kernel says "${kernelText}"`].filter(Boolean).join(": ");
}

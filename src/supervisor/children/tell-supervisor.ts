/** Messages that waited for the channel, in their order. */
interface Together {
  readonly kind: "together";
  readonly messages: readonly unknown[];
}

interface Waiting {
  readonly message: unknown;
  readonly onTaken: (() => void) | undefined;
}

/** So many take the supervisor some milliseconds. */
const mostTogether = 500;

const waiting: Waiting[] = [];
let underWay = false;

/**
 * Tells the supervisor, in order; `onTaken` is called when the channel has taken the message, or never will. While the supervisor does
 * not read, what comes waits here as it is and goes together: in the channel each log line would be a buffer and a write of its own.
 */
export function tellSupervisor(message: unknown, onTaken?: () => void): void {
  waiting.push({ message, onTaken });
  if (!underWay) write();
}

function write(): void {
  const some = waiting.splice(0, mostTogether);
  const messages = some.map(({ message }) => message);
  if (messages.length === 0) return;
  underWay = true;
  try {
    process.send?.(messages.length === 1 ? messages[0] : together(messages), undefined, undefined, () => {
      underWay = false;
      for (const { onTaken } of some) onTaken?.();
      if (!underWay) write();
    });
  } catch (error) {
    underWay = false;
    throw error;
  }
}

function together(messages: readonly unknown[]): Together {
  return { kind: "together", messages };
}

/** The other end: what was told, message by message. */
export function toldMessages(message: unknown): readonly unknown[] {
  const { kind, messages } = message as Partial<Together>;
  return kind === "together" && messages !== undefined ? messages : [message];
}

import { tellSupervisor } from "./tell-supervisor.ts";

/** What the watch of the supervisor asks every child, beside the messages of its role. */
export const question = { kind: "are_you_there" } as const;
export const answer = { kind: "here" } as const;

/** Passes messages of the supervisor on, and answers when it asks whether this process hangs. */
export function hearSupervisor<Message>(receive: (message: Message) => void): void {
  process.on("message", (message) => {
    if ((message as { kind?: unknown }).kind === question.kind) process.send?.(answer, undefined, undefined, () => {});
    else receive(message as Message);
  });
}

/** Ends the channel when all that was said before has been written: Node drops what waits in it, as much of a large table would. */
export function leaveSupervisor(): void {
  tellSupervisor(answer, () => {
    if (process.connected) process.disconnect();
  });
}

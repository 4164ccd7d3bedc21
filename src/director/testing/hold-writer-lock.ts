import { acquireWriterLock } from "../writer-lock.ts";

/** Holds the lock named by the first argument until it is killed; says "waiting PID" and "held" on standard output. */
const table = process.argv[2] ?? "";
await acquireWriterLock({ table, onWait: (holder) => console.log(`waiting ${holder?.pid}`) });
console.log("held");
setInterval(() => {}, 60_000);

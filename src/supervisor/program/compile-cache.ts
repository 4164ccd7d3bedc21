import { flushCompileCache } from "node:module";

let directory: string | undefined;

/**
 * Once this process has loaded its code. Takes NODE_COMPILE_CACHE out of the environment: Node has read it by now, and what we run has no
 * business with a cache of ours. What was compiled is written now, for the next process: Node does it at an end, and a watchdog's SIGKILL
 * is none. That takes some 20 ms, once after an installation.
 */
export function settleCompileCache(): void {
  directory = process.env.NODE_COMPILE_CACHE ?? directory;
  delete process.env.NODE_COMPILE_CACHE;
  flushCompileCache();
}

/** The environment for another process of ours: this one's, and the compile cache. */
export function ownEnvironment(): NodeJS.ProcessEnv {
  return directory === undefined ? process.env : { ...process.env, NODE_COMPILE_CACHE: directory };
}

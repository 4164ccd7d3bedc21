let directory: string | undefined;

/** Takes NODE_COMPILE_CACHE out of the environment. Node has read it by now; what we run has no business with a cache of ours. */
export function hideCompileCache(): void {
  directory = process.env.NODE_COMPILE_CACHE ?? directory;
  delete process.env.NODE_COMPILE_CACHE;
}

/** The environment for another process of ours: this one's, and the compile cache. */
export function ownEnvironment(): NodeJS.ProcessEnv {
  return directory === undefined ? process.env : { ...process.env, NODE_COMPILE_CACHE: directory };
}

import { readFileSync } from "node:fs";
import { native } from "ipvs-netlink";

/** asm-generic/resource.h */
const RLIMIT_NOFILE = 7;

/** Nothing can be opened while the body runs. */
export async function withoutDescriptors<T>(body: () => Promise<T>): Promise<T> {
  const limits = /^Max open files +([0-9]+) +([0-9]+)/m.exec(readFileSync("/proc/self/limits", "latin1"));
  const [soft, hard] = [Number(limits?.[1]), Number(limits?.[2])];
  native().setResourceLimit(RLIMIT_NOFILE, 3, hard);
  try {
    return await body();
  } finally {
    native().setResourceLimit(RLIMIT_NOFILE, soft, hard);
  }
}

import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { ConfinementFacts, ControllerFacts, Known, ProcessFacts } from "../facts.ts";

/** Names of capabilities by their bits, as far as anything here needs one (linux/capability.h). */
const capabilityBits: Readonly<Record<string, number>> = {
  ...{ CAP_CHOWN: 0, CAP_KILL: 5, CAP_SETGID: 6, CAP_SETUID: 7, CAP_NET_BIND_SERVICE: 10 },
  ...{
    CAP_NET_ADMIN: 12,
    CAP_NET_RAW: 13,
    CAP_IPC_LOCK: 14,
    CAP_SYS_ADMIN: 21,
    CAP_SYS_NICE: 23,
    CAP_SYS_RESOURCE: 24,
  },
};

/** What a process may do, by /proc. */
export function processFacts(pid: number, of: ProcessFacts["of"], doctorCommand: string): ProcessFacts {
  const prober = of === "daemon" ? checkerOf(pid) : null;
  return {
    ...{ pid, of, doctorCommand, prober },
    capabilities: looked(`/proc/${pid}/status`, (text) => {
      const set = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(text)?.[1] ?? "0"}`);
      return Object.keys(capabilityBits).filter((name) => (set >> BigInt(capabilityBits[name] ?? 0)) & 1n);
    }),
    descriptors: looked(`/proc/${prober ?? pid}/limits`, (text) => {
      const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(text)?.[1] ?? "0";
      return hard === "unlimited" ? Number.MAX_SAFE_INTEGER : Number(hard);
    }),
    confinement: confinementOf(pid),
  };
}

/** The process that probes for this supervisor; null: none is seen. */
function checkerOf(supervisor: number): number | null {
  const isChecker = (pid: number) => {
    const process = read(pid);
    return process?.parent === supervisor && process.words.join(" ").trim() === "lbctl: checker";
  };
  try {
    return processIds().find(isChecker) ?? null;
  } catch {
    return null;
  }
}

function processIds(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function confinementOf(pid: number): ProcessFacts["confinement"] {
  try {
    const context = readFileSync(`/proc/${pid}/attr/current`, "utf8").replaceAll("\0", "").trim();
    return { known: true, value: confinementBy(context, contentsOf("/sys/fs/selinux/enforce")) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // No security module has anything to say.
    if (code === "EINVAL" || code === "ENOENT") return { known: true, value: null };
    return { known: false, why: `/proc/${pid}/attr/current cannot be read: ${code}` };
  }
}

/**
 * By /proc/PID/attr/current: "lbctl (enforce)" and "lbctl (complain)" of AppArmor, "system_u:system_r:keepalived_t:s0" of SELinux, whose
 * /sys/fs/selinux/enforce is 0 where it is permissive and null where it is not mounted. "kernel" is SELinux without a policy.
 */
export function confinementBy(context: string, enforce: string | null): ConfinementFacts | null {
  if (context === "" || context === "kernel" || /unconfined/.test(context)) return null;
  const mode = / \((\w+)\)$/.exec(context)?.[1] ?? null;
  const enforced = mode === null ? enforce !== "0" : mode !== "complain";
  return { context, enforced };
}

function contentsOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return null;
  }
}

function looked<T>(path: string, read: (text: string) => T): Known<T> {
  try {
    return { known: true, value: read(readFileSync(path, "utf8")) };
  } catch (error) {
    return { known: false, why: `${path} cannot be read: ${(error as NodeJS.ErrnoException).code}` };
  }
}

/** By file below /proc/sys; null: there is none; what may not be read is left out. */
export function sysctls(paths: readonly string[]): Record<string, string | null> {
  return Object.fromEntries(
    paths.flatMap((path): [string, string | null][] => {
      try {
        return [[path, readFileSync(`/proc/sys/${path}`, "utf8").trim()]];
      } catch (error) {
        return (error as NodeJS.ErrnoException).code === "ENOENT" ? [[path, null]] : [];
      }
    }),
  );
}

type Kind = ControllerFacts["kind"];

/** By the program's name, or a word of its command line. */
function kindOf(name: string, words: readonly string[]): Kind | null {
  const program = (words[0] ?? "").split("/").at(-1) ?? "";
  if (name === "keepalived" || program === "keepalived") return "keepalived";
  if (name === "kube-proxy" || program === "kube-proxy") return "kube-proxy";
  if (name === "kube-router" || program === "kube-router") return "kube-router";
  if (name === "seesaw_engine" || program === "seesaw_engine") return "seesaw";
  if (name === "pulse" || name === "lvsd") return "pulse";
  if (words.some((word) => /(^|\/)ldirectord$/.test(word))) return "ldirectord";
  return words.join(" ").trim() === "lbctl: supervisor" ? "lbctl" : null;
}

/** Programs that write the IPVS table or virtual addresses; of those that have processes of their own, the first. */
export function controllers(): Known<ControllerFacts[]> {
  const own = namespaceOf("self");
  try {
    const found = processIds().flatMap((pid) => {
      const process = read(pid);
      const kind = process === null ? null : kindOf(process.name, process.words);
      return process === null || kind === null ? [] : [{ pid, kind, ...process }];
    });
    return {
      known: true,
      value: found
        .filter(({ parent, kind }) => !found.some((each) => each.pid === parent && each.kind === kind))
        .map(({ pid, kind, words, isStopped }) => {
          const namespace = namespaceOf(pid);
          const sameNamespace = own === null || namespace === null ? null : own === namespace;
          return { ...{ pid, kind, sameNamespace, isStopped }, unit: unitOf(pid), commandLine: words.join(" ").trim() };
        }),
    };
  } catch (error) {
    return { known: false, why: `/proc cannot be listed: ${(error as NodeJS.ErrnoException).code}` };
  }
}

function read(pid: number): {
  readonly name: string;
  readonly parent: number;
  readonly words: readonly string[];
  readonly isStopped: boolean;
} | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const end = stat.lastIndexOf(")");
    const [state = "", parent = "0"] = stat.slice(end + 2).split(" ");
    if (state === "Z" || state === "X") return null;
    const words = readFileSync(`/proc/${pid}/cmdline`, "utf8")
      .split("\0")
      .filter((word) => word !== "");
    return { name: stat.slice(stat.indexOf("(") + 1, end), parent: Number(parent), words, isStopped: state === "T" };
  } catch {
    return null;
  }
}

function namespaceOf(pid: number | "self"): string | null {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return null;
  }
}

/** The service of systemd that it runs in. */
function unitOf(pid: number): string | null {
  try {
    return /\/([^/\n]+\.service)(\/|$)/m.exec(readFileSync(`/proc/${pid}/cgroup`, "utf8"))?.[1] ?? null;
  } catch {
    return null;
  }
}

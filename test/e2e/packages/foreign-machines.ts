import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { checkout } from "./made-package.ts";

const run = promisify(execFile);
const source = join(import.meta.dirname, "napi-host.c");

/** A C library and an architecture that a program is built for, and how such a program is run here. */
export interface Target {
  readonly name: string;
  readonly arch: "x64" | "arm64";
  readonly compile: (files: readonly string[], to: string) => Promise<unknown>;
  readonly runner: readonly string[];
}

const emulator = (root: string) => ["qemu-aarch64-static", "-L", root];
export const arm64Root = "/usr/aarch64-linux-gnu";

/** glibc and musl, x86-64 and arm64. `directory` keeps what Debian has of musl for arm64. */
export async function targets(directory: string): Promise<readonly Target[]> {
  const node = readdirSync(join(checkout, "node_modules/node/node_modules")).find((name) =>
    name.startsWith("node-linux-"),
  );
  const headers = `-I${join(checkout, `node_modules/node/node_modules/${node}/include/node`)}`;
  const musl = await muslOfArm64(directory);
  const muslFiles = join(musl, "usr/lib/aarch64-linux-musl");
  const own = execFileSync("aarch64-linux-gnu-gcc", ["-print-file-name=include"], { encoding: "utf8" }).trim();
  const without = [
    "-nostdinc",
    "-isystem",
    join(musl, "usr/include/aarch64-linux-musl"),
    "-isystem",
    own,
    "-mno-outline-atomics",
  ];
  const kernelHeaders = (...folders: readonly string[]) => folders.flatMap((each) => ["-idirafter", each]);
  return [
    {
      ...{ name: "glibc on x86-64", arch: "x64", runner: [] },
      compile: (files, to) => run("x86_64-linux-gnu-gcc", [headers, "-rdynamic", "-o", to, ...files]),
    },
    {
      ...{ name: "musl on x86-64", arch: "x64", runner: [] },
      compile: (files, to) => {
        const more = kernelHeaders("/usr/include", "/usr/include/x86_64-linux-gnu");
        return run("musl-gcc", [headers, ...more, "-rdynamic", "-o", to, ...files]);
      },
    },
    {
      ...{ name: "glibc on arm64", arch: "arm64", runner: emulator(arm64Root) },
      compile: (files, to) => run("aarch64-linux-gnu-gcc", [headers, "-rdynamic", "-o", to, ...files]),
    },
    {
      ...{ name: "musl on arm64", arch: "arm64", runner: emulator(musl) },
      compile: (files, to) =>
        run("aarch64-linux-gnu-gcc", [
          ...[
            ...without,
            ...kernelHeaders(join(arm64Root, "include")),
            headers,
            "-fPIE",
            "-pie",
            "-rdynamic",
            "-nostdlib",
          ],
          ...["-Wl,--dynamic-linker=/lib/ld-musl-aarch64.so.1", "-o", to],
          ...[join(muslFiles, "Scrt1.o"), join(muslFiles, "crti.o"), ...files],
          ...[join(musl, "lib/aarch64-linux-musl/libc.so"), join(muslFiles, "crtn.o")],
        ]),
    },
  ];
}

/** Compiles the host program and stubs for what it does not know of what the addon wants of Node. Answers the program. */
export async function buildHost(target: Target, addon: string, directory: string): Promise<string> {
  mkdirSync(directory, { recursive: true });
  const { stdout } = await run("nm", ["-D", "--undefined-only", addon]);
  const wanted = [...stdout.matchAll(/\b(?:napi_|uv_|[A-Z]\w*_)\w+$/gm)].map(([name]) => name);
  const known = new Set([...readFileSync(source, "utf8").matchAll(/^napi_status (\w+)\(/gm)].map(([, name]) => name));
  const stubs = wanted
    .filter((name) => !known.has(name))
    .map((name) => `void ${name}(void);\nvoid ${name}(void) { abort(); }\n`);
  const stubFile = join(directory, "stubs.c");
  writeFileSync(stubFile, `#include <stdlib.h>\n${stubs.join("")}`);
  const program = join(directory, "napi-host");
  await target.compile([source, stubFile], program);
  return program;
}

/** musl of Debian's arm64 archive, unpacked; with package lists of its own, as this machine's apt may not know of that architecture. */
async function muslOfArm64(directory: string): Promise<string> {
  const apt = join(directory, "apt");
  const root = join(directory, "musl-arm64");
  for (const each of ["state/lists/partial", "cache/archives/partial"]) mkdirSync(join(apt, each), { recursive: true });
  const settings = {
    "APT::Architecture": "arm64",
    "APT::Architectures": "arm64",
    "Dir::State": join(apt, "state"),
    "Dir::State::status": "/dev/null",
    "Dir::Cache": join(apt, "cache"),
    "APT::Sandbox::User": "root",
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  await run("apt-get", [...options, "update"], { cwd: apt });
  await run("apt-get", [...options, "download", "musl", "musl-dev"], { cwd: apt });
  for (const file of readdirSync(apt).filter((name) => name.endsWith(".deb")))
    await run("dpkg-deb", ["-x", join(apt, file), root]);
  return root;
}

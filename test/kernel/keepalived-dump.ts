/** A block of keepalived's dump (`keepalived -d`): what it says of itself, line by line, and the blocks in it. */
export interface DumpedServer {
  readonly lines: readonly string[];
  readonly realServers: readonly (readonly string[])[];
}

export interface Dump {
  readonly virtualServers: readonly DumpedServer[];
  readonly checkers: readonly (readonly string[])[];
}

/** Takes the part about LVS out of what `keepalived -C -n -l -d` prints. */
export function parseDump(output: string): Dump {
  const lines = output.split("\n").map((line) => line.replace(/^\w{3} \w{3} [ \d]\d [\d:]{8} \d{4}: /, ""));
  const topology = between(lines, /^------< LVS Topology >------/, /^------< Health checkers >------/);
  const checkers = after(lines, /^------< Health checkers >------/);
  return {
    virtualServers: blocks(topology, /^ *------< Virtual server >------/).map((block) => {
      const [own = [], ...realServers] = split(block, /^ *------< Real server >------/);
      return { lines: own, realServers };
    }),
    checkers: blocks(checkers, /^ .* -> \[/, true),
  };
}

/** What stands behind `name =` in one of the lines; undefined when none has it. */
export function field(lines: readonly string[], name: string): string | undefined {
  const line = lines.find((each) => each.trim().startsWith(`${name} =`));
  return line?.slice(line.indexOf("=") + 1).trim();
}

/** True where a line is "name is ON". */
export function switchedOn(lines: readonly string[], name: string): boolean {
  return lines.some((each) => each.trim() === `${name} is ON`);
}

function between(lines: readonly string[], start: RegExp, end: RegExp): string[] {
  const rest = after(lines, start);
  const at = rest.findIndex((line) => end.test(line));
  return at < 0 ? rest : rest.slice(0, at);
}

function after(lines: readonly string[], start: RegExp): string[] {
  const at = lines.findIndex((line) => start.test(line));
  if (at < 0) throw new Error(`keepalived's dump has no ${start}:\n${lines.join("\n")}`);
  return lines.slice(at + 1);
}

function blocks(lines: readonly string[], start: RegExp, keepStart = false): string[][] {
  return split(lines, start, keepStart).slice(1);
}

function split(lines: readonly string[], start: RegExp, keepStart = false): string[][] {
  const parts: string[][] = [[]];
  for (const line of lines) {
    if (start.test(line)) parts.push(keepStart ? [line] : []);
    else parts.at(-1)?.push(line);
  }
  return parts;
}

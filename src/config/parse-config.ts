import type { BfdModel } from "./bfd-model.ts";
import { type Diagnostic, diagnosticAt, diagnosticOfFile, hasErrors, inOrder } from "./diagnostics.ts";
import { expand } from "./expand/expand.ts";
import type { Problem } from "./expand/problem.ts";
import { everywhere, type IprouteNames } from "./expand/vrrp/iproute-names.ts";
import { type FrontEnd, frontEndOf } from "./front-end.ts";
import { hasWildcard } from "./include/glob.ts";
import { type IncludeMatch, type IncludeRequest, includeKey } from "./include/include.ts";
import { condense, interpret } from "./interpret.ts";
import { readKeepalived } from "./keepalived/read-keepalived.ts";
import { type Config, keywordTable } from "./keywords/table.ts";
import { leftOutReferences } from "./left-out-references.ts";
import { lint } from "./lints/every-lint.ts";
import type { HostFacts } from "./lints/host-facts.ts";
import { ignoreComments } from "./lints/ignore-comments.ts";
import { type Peer, peersOf } from "./lints/peers.ts";
import { blocksAround, locate, type Path } from "./locate.ts";
import type { Model } from "./model.ts";
import type { ProgramModel } from "./program-model.ts";
import type { ReadContext } from "./read-context.ts";
import { type Source, sourceOf } from "./source.ts";
import type { SourceNode } from "./source-tree.ts";
import type { VrrpModel } from "./vrrp-model.ts";
import { readYaml } from "./yaml/read-yaml.ts";

export type ConfigResult =
  | {
      readonly ok: true;
      /** What the director works from. */
      readonly model: Model;
      /** What the VRRP process works from. */
      readonly vrrp: VrrpModel;
      /** What the BFD process works from. */
      readonly bfd: BfdModel;
      /** What the supervisor works from. */
      readonly program: ProgramModel;
      readonly warnings: readonly Diagnostic[];
    }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** A text as its front end reads it. */
export interface ReadConfig {
  /** For `interpret`; they may be condensed. */
  readonly nodes: readonly SourceNode[];
  /** The nodes with all that is in them, to find the place of a setting. Condensed ones are read again. */
  readonly wholeNodes: () => readonly SourceNode[];
  readonly diagnostics: readonly Diagnostic[];
  /** The text, and those of the files that it includes. */
  readonly sources: readonly Source[];
  /** Files that it includes and that `context` does not have: without them the rest means nothing. */
  readonly missing: readonly IncludeRequest[];
}

/** A text that stands alone: nothing can be included, and no line is for a configuration id. */
export const noContext: ReadContext = { configId: "", environment: {}, seed: 0, included: new Map() };

/** The model of a configuration text, or everything that is wrong with it. Pure; `file` says the language and names the text in diagnostics. */
export function parseConfig(
  text: string,
  file: string,
  context: ReadContext = noContext,
  host: HostFacts | null = null,
): ConfigResult {
  const included = new Map<string, readonly IncludeMatch[]>(context.included);
  let read = readCondensed(text, file, { ...context, included });
  while (read.missing.length > 0) {
    for (const request of read.missing)
      included.set(includeKey(request), [
        { pattern: request.pattern, wildcard: hasWildcard(request.pattern), files: [] },
      ]);
    read = readCondensed(text, file, { ...context, included });
  }
  const understood = understand(read, file);
  const readAs = (configId: string) => readCondensed(text, file, { ...context, included, configId });
  return conclude(understood, host, peersIn(understood, context.configId, readAs));
}

/** What the routers with other configuration ids make of the same file. Pure. */
export function peersIn(
  { read, config }: Understood,
  configId: string,
  readAs: (configId: string) => ReadConfig,
): readonly Peer[] {
  return peersOf(read.sources, config, configId, (id) => {
    const { nodes, missing } = readAs(id);
    return missing.length > 0 ? null : nodes;
  });
}

/** The source tree of a text in either language, whole. Pure. */
export function readConfig(
  text: string,
  file: string,
  context: ReadContext,
  frontEnd: FrontEnd = frontEndOf(file, text),
): ReadConfig {
  return readText(text, file, context, frontEnd, (node) => node);
}

/**
 * The same for who wants to know what the text means. The tree of a large file takes most of the memory and, as it lives through
 * many garbage collections, half of the time. Pure.
 */
export function readCondensed(text: string, file: string, context: ReadContext): ReadConfig {
  return readText(text, file, context, frontEndOf(file, text), condense);
}

function readText(
  text: string,
  file: string,
  context: ReadContext,
  frontEnd: FrontEnd,
  keep: (node: SourceNode) => SourceNode,
): ReadConfig {
  // A byte order mark would shift every column of the first line.
  const source = sourceOf(file, text.startsWith("\ufeff") ? text.slice(1) : text);
  if (isBlank(text)) {
    const hint =
      frontEnd === "yaml"
        ? 'a configuration has blocks such as "virtual_server:" and "vrrp_instance:"; docs/configuration.md has examples'
        : 'a configuration has blocks such as "virtual_server 192.0.2.10 80 {"; docs/keepalived-conf.md has examples';
    const diagnostic = diagnosticOfFile(file, { code: "empty-file", message: "the file holds no settings", hint });
    return { nodes: [], wholeNodes: () => [], diagnostics: [diagnostic], sources: [source], missing: [] };
  }
  const readTree = frontEnd === "yaml" ? readYaml : readKeepalived;
  let whole: readonly SourceNode[] | null = null;
  return {
    ...readTree(source, context, keep),
    wholeNodes: () => {
      whole ??= readTree(source, context).nodes;
      return whole;
    },
  };
}

/** A configuration as far as it can be understood from its text. */
export interface Understood {
  readonly read: ReadConfig;
  readonly file: string;
  readonly config: Config;
  readonly model: Model;
  readonly vrrp: VrrpModel;
  readonly bfd: BfdModel;
  readonly program: ProgramModel;
  readonly diagnostics: readonly Diagnostic[];
  /** What does not fit together, by path. */
  readonly problems: readonly Problem[];
}

/** The part of the path that is the same for every front end: source tree to model. Pure; `names` are those of this host. */
export function understand(read: ReadConfig, file: string, names: IprouteNames = everywhere): Understood {
  const { nodes, diagnostics: found } = read;
  if (nodes.length === 0 && hasErrors(found)) {
    const { config } = interpret([]);
    const { model, vrrp, bfd, program } = expand(config, names);
    return { read, file, config, model, vrrp, bfd, program, diagnostics: found, problems: [] };
  }
  const { config, diagnostics } = interpret(nodes);
  const { model, vrrp, bfd, program, problems } = expand(config, names);
  const before = [...found, ...diagnostics];
  // That the file as a whole lacks something may be due to an error in it.
  const fitting = problems.filter(({ path }) => path.length > 0 || !hasErrors(before));
  const said = [...fitting, ...leftOutReferences(config, read.wholeNodes)];
  return { read, file, config, model, vrrp, bfd, program, diagnostics: before, problems: said };
}

/** What there is to say of it: lints, too, with what is true of this host when that is given. Pure. */
export function conclude(
  { read, file, config, model, vrrp, bfd, program, diagnostics, problems }: Understood,
  host: HostFacts | null,
  peers: readonly Peer[] = [],
): ConfigResult {
  const find = (path: Path) => locate(read.wholeNodes(), keywordTable, path);
  const linted = lint({ config, model, vrrp, host, peers, locate: find });
  const ignored = ignoreComments(read.sources, file);
  const fitting = [...problems, ...linted].flatMap((problem) => {
    const diagnostic = placed(problem, read, file);
    const around = () => blocksAround(read.wholeNodes(), keywordTable, problem.path);
    return ignored.silences(diagnostic, around) ? [] : [diagnostic];
  });
  const worded = diagnostics.filter((diagnostic) => !ignored.silences(diagnostic));
  const said = inOrder([...withoutEchoes([...worded, ...fitting]), ...ignored.diagnostics]);
  return hasErrors(said) ? { ok: false, diagnostics: said } : { ok: true, model, vrrp, bfd, program, warnings: said };
}

function placed({ path, word, ...remark }: Problem, { wholeNodes }: ReadConfig, file: string): Diagnostic {
  const span = locate(wholeNodes(), keywordTable, path, word ?? null);
  return span === null ? diagnosticOfFile(file, remark) : diagnosticAt(span, remark);
}

/** What a file that could not be included may be the cause of. */
const lacks: readonly string[] = ["missing-keyword", "no-real-server", "no-virtual-server"];

/** Without what follows from an error that has been said: a word that cannot be expanded, a file that is not there. */
function withoutEchoes(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const incomplete = diagnostics.some(({ code }) => code === "include-not-found");
  const causes = diagnostics.filter(({ code }) => code === "invalid-expansion");
  if (causes.length === 0 && !incomplete) return diagnostics;
  const byLine = new Map(causes.map((cause) => [`${cause.file}:${cause.line}`, cause]));
  return diagnostics.filter((each) => {
    if (incomplete && lacks.includes(each.code)) return false;
    const cause = byLine.get(`${each.file}:${each.line}`);
    const apart = cause === undefined || each.column >= cause.endColumn || each.endColumn <= cause.column;
    return each.code === "invalid-expansion" || apart;
  });
}

/** True when no line holds more than blanks, a comment or a document marker. */
function isBlank(text: string): boolean {
  return !/^[^\S\n]*(?!#|!|---[^\S\n]*$)\S/m.test(text);
}

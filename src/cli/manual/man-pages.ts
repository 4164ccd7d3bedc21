import { escapeRoff, roffParagraph, roffQuoted, roffText } from "../../text/roff.ts";
import { bracketed, type CommandNode, type OptionNode } from "../command-tree.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { type CommandText, commandTexts } from "./command-texts.ts";

/** Meaning of each exit status, as a reader of a man page needs it. */
const exitMeanings: Readonly<Record<ExitCode, string>> = {
  [exitCodes.ok]: "done",
  [exitCodes.failed]: "tried, and failed or refused",
  [exitCodes.usage]: "the command line is wrong",
  [exitCodes.configInvalid]: "the configuration has errors; nothing was changed",
  [exitCodes.configUnreadable]: "the configuration file does not exist or may not be read",
  [exitCodes.daemonUnreachable]: "no director answers on the control socket",
  [exitCodes.noPermission]: "the user may not do this",
  [exitCodes.dataPlaneUnavailable]: "the kernel has no IPVS, or the data plane cannot be opened",
};

const files = [
  ["/etc/lbctl/lbctl.yaml", "the configuration when the command line names no other"],
  ["/etc/keepalived/keepalived.conf", "the same, where the former does not exist"],
  ["/run/lbctl/", "control socket and pid file, a directory for each network namespace"],
  ["/var/lib/lbctl/", "what operators said of real servers"],
] as const;

const environment = [
  ["NO_COLOR", "if it is set, nothing is coloured"],
  ["NODE_COMPILE_CACHE", "directory of compiled code; lbctl has one of its own if it is not set"],
] as const;

/** The man pages of lbctl and of each of its commands, by file name: section 8. */
export function manPages(tree: CommandNode, version: string): Readonly<Record<string, string>> {
  const pages = tree.commands.map((command) => [`lbctl-${command.name}.8`, commandPage(command, version)] as const);
  return Object.fromEntries([["lbctl.8", programPage(tree, version)], ...pages]);
}

function programPage(tree: CommandNode, version: string): string {
  return page("lbctl", version, tree.description, [
    ".SH SYNOPSIS",
    ".B lbctl",
    "\\fIcommand\\fR [\\fIoption\\fR ...] [\\fIargument\\fR ...]",
    ".SH DESCRIPTION",
    ...roffParagraph(
      "lbctl probes real servers, keeps the IPVS table of the kernel equal to what the configuration and the probes say, and owns virtual addresses through VRRP. It speaks the vocabulary of keepalived, and reads its keepalived.conf.",
    ),
    ...roffParagraph("lbctl run is the director. The other commands ask it, through its control socket, or need none."),
    ".SH COMMANDS",
    ...tree.commands.flatMap(({ name, description }) => [
      ".TP",
      `.BR ${escapeRoff(`lbctl-${name}`)} (8)`,
      ...roffText(sentence(description)),
    ]),
    ".SH OPTIONS",
    ...tree.options.flatMap(optionLines),
    ...exitStatus(),
    ".SH FILES",
    ...terms(files),
    ".SH ENVIRONMENT",
    ...terms(environment),
    ...seeAlso(["lbctl.conf (5)", "ipvsadm (8)", "keepalived (8)"]),
  ]);
}

function commandPage(command: CommandNode, version: string): string {
  const { name, description, options } = command;
  const { details, examples } = commandTexts[name] ?? { details: [], examples: [] };
  return page(`lbctl-${name}`, version, description, [
    ".SH SYNOPSIS",
    `.B lbctl ${escapeRoff(name)}`,
    ["[\\fIoption\\fR ...]", ...command.arguments.map((argument) => `\\fI${escapeRoff(bracketed(argument))}\\fR`)].join(
      " ",
    ),
    ".SH DESCRIPTION",
    ...roffParagraph(sentence(description)),
    ...details.flatMap(roffParagraph),
    ...section(
      "ARGUMENTS",
      command.arguments.flatMap((argument) => [
        ".TP",
        `\\fI${escapeRoff(argument.placeholder)}\\fR`,
        ...roffText(sentence(argument.description)),
      ]),
    ),
    ".SH OPTIONS",
    ...options.flatMap(optionLines),
    ...exampleLines(examples),
    ...exitStatus(),
    ...seeAlso(["lbctl (8)", "lbctl.conf (5)"]),
  ]);
}

function page(name: string, version: string, description: string, body: readonly string[]): string {
  const head = [
    `.TH ${escapeRoff(name.toUpperCase())} 8 "" "lbctl ${version}" "System administration"`,
    ".SH NAME",
    `${escapeRoff(name)} \\- ${escapeRoff(description)}`,
  ];
  return `${[...head, ...body].join("\n")}\n`;
}

function optionLines({ short, long, description, value }: OptionNode): string[] {
  const shown = value === null ? "" : ` \\fI${escapeRoff(bracketed(value))}\\fR`;
  const names = [short, long].filter((name) => name !== null).map((name) => `\\fB${escapeRoff(name)}\\fR`);
  return [".TP", `${names.join(", ")}${shown}`, ...roffText(sentence(description))];
}

function exampleLines(examples: CommandText["examples"]): string[] {
  return section(
    "EXAMPLES",
    examples.flatMap(({ line, what }) => [".TP", `\\fB${escapeRoff(line)}\\fR`, ...roffText(sentence(what))]),
  );
}

function exitStatus(): string[] {
  return [".SH EXIT STATUS", ...terms(Object.entries(exitMeanings))];
}

function terms(rows: readonly (readonly [string, string])[]): string[] {
  return rows.flatMap(([term, meaning]) => [".TP", `\\fB${escapeRoff(term)}\\fR`, ...roffText(sentence(meaning))]);
}

function seeAlso(pages: readonly string[]): string[] {
  const last = pages.length - 1;
  return [".SH SEE ALSO", ...pages.map((name, index) => `.BR ${escapeRoff(name)}${index < last ? "," : ""}`)];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`.SH ${title.includes(" ") ? roffQuoted(title) : title}`, ...lines];
}

function sentence(text: string): string {
  const first = text.charAt(0);
  // What begins with a name keeps it: "10.0.0.11:80", "TCP_CHECK".
  const capital = /^[a-z]+\b(?![_.])/.test(text) ? first.toUpperCase() : first;
  return `${capital}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
}

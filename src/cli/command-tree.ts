import type { Argument, Command, Option } from "commander";

/** What stands for a value on the command line, as far as a shell can complete it. */
export type ValueKind = "file" | "directory" | "instances" | "virtual-servers" | "real-servers";

export interface CommandNode {
  readonly name: string;
  readonly description: string;
  readonly arguments: readonly ArgumentNode[];
  readonly options: readonly OptionNode[];
  readonly commands: readonly CommandNode[];
}

export interface ValueNode {
  /** As the help writes it between its brackets. */
  readonly placeholder: string;
  readonly choices: readonly string[];
  /** Null: anything. */
  readonly kind: ValueKind | null;
}

export interface ArgumentNode extends ValueNode {
  readonly description: string;
  readonly required: boolean;
}

export interface OptionNode {
  /** "-f", or null. */
  readonly short: string | null;
  /** "--use-file", or null. */
  readonly long: string | null;
  readonly description: string;
  readonly value: (ValueNode & { readonly required: boolean }) | null;
}

const kindOfOption: Readonly<Record<string, ValueKind>> = {
  "--real-server": "real-servers",
  "--virtual-server": "virtual-servers",
};

const kindOfPlaceholder: Readonly<Record<string, ValueKind>> = {
  file: "file",
  directory: "directory",
  instance: "instances",
  "keepalived.conf": "file",
  "real-server": "real-servers",
};

/** The commands with their arguments and options as they stand in the help, for what is generated from them. */
export function commandTree(command: Command): CommandNode {
  const help = command.createHelp();
  return {
    name: command.name(),
    description: command.description(),
    arguments: help.visibleArguments(command).map(argumentNode),
    options: help.visibleOptions(command).map((option) => optionNode(help.optionDescription(option), option)),
    commands: help
      .visibleCommands(command)
      .filter(({ parent }) => parent === command)
      .filter((child) => child.name() !== "help")
      .map(commandTree),
  };
}

/** "<file>" or "[file]", as in the help. */
export function bracketed({ placeholder, required }: { readonly placeholder: string; readonly required: boolean }) {
  return required ? `<${placeholder}>` : `[${placeholder}]`;
}

function argumentNode(argument: Argument): ArgumentNode {
  const name = argument.name();
  return {
    placeholder: name,
    description: argument.description,
    required: argument.required,
    choices: argument.argChoices ?? [],
    kind: kindOfPlaceholder[name] ?? null,
  };
}

function optionNode(description: string, option: Option): OptionNode {
  const placeholder = /[<[](.+)[>\]]/.exec(option.flags)?.[1];
  const kind = kindOfOption[option.long ?? ""] ?? kindOfPlaceholder[placeholder ?? ""] ?? null;
  return {
    short: option.short ?? null,
    long: option.long ?? null,
    description,
    value:
      placeholder === undefined
        ? null
        : { placeholder, required: option.required, choices: option.argChoices ?? [], kind },
  };
}

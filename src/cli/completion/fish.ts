import type { CommandNode, OptionNode, ValueNode } from "../command-tree.ts";

/** A completion script for fish 3 and newer. */
export function fishCompletion(tree: CommandNode, version: string): string {
  const names = tree.commands.map(({ name }) => name).join(" ");
  return `# fish completion of lbctl ${version}

function __lbctl_names
    set -l words (commandline -opc)
    set -l run_dir
    if set -l at (contains -i -- --run-dir $words)
        set run_dir --run-dir $words[(math $at + 1)]
    end
    lbctl status --names $argv[1] $run_dir 2>/dev/null
end

complete -c lbctl -f
${tree.options.map((option) => optionLine(`not __fish_seen_subcommand_from ${names}`, option)).join("\n")}
${tree.commands.map(({ name, description }) => `complete -c lbctl -n 'not __fish_seen_subcommand_from ${names}' -a ${name} -d ${quoted(description)}`).join("\n")}
${tree.commands.flatMap(commandLines).join("\n")}
`;
}

function commandLines(command: CommandNode): string[] {
  const condition = `__fish_seen_subcommand_from ${command.name}`;
  return [
    ...command.options.map((option) => optionLine(condition, option)),
    ...command.arguments.flatMap((argument) => {
      const values = valueFlags(argument);
      return values === "" ? [] : [`complete -c lbctl -n '${condition}' ${values}`];
    }),
  ];
}

function optionLine(condition: string, { short, long, description, value }: OptionNode): string {
  const flags = [
    short === null ? "" : `-s ${short.slice(1)}`,
    long === null ? "" : `-l ${long.slice(2)}`,
    // -r alone would offer files beside the values.
    value?.required ? (value.kind === "file" ? "-r" : "-x") : "",
    value === null ? "" : valueFlags(value),
    `-d ${quoted(description)}`,
  ];
  return `complete -c lbctl -n '${condition}' ${flags.filter((flag) => flag !== "").join(" ")}`;
}

function valueFlags({ kind, choices }: ValueNode): string {
  if (choices.length > 0) return `-a ${quoted(choices.join(" "))}`;
  switch (kind) {
    case "file":
      return "-F";
    case "directory":
      return "-a '(__fish_complete_directories)'";
    case null:
      return "";
    default:
      return `-a '(__lbctl_names ${kind})'`;
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

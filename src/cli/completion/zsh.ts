import type { ArgumentNode, CommandNode, OptionNode, ValueNode } from "../command-tree.ts";

/** A completion script for zsh: a file `_lbctl` in a directory of fpath, or sourced after compinit. */
export function zshCompletion(tree: CommandNode, version: string): string {
  return `#compdef lbctl
# zsh completion of lbctl ${version}

# _arguments puts options of compadd before the kind.
__lbctl_names() {
  local -a names
  names=("\${(@f)$(lbctl status --names "$@[-1]" \${opt_args[--run-dir]:+--run-dir} \${opt_args[--run-dir]:-} 2>/dev/null)}")
  compadd "$@[1,-2]" -a names
}

_lbctl() {
  local context state state_descr line
  typeset -A opt_args
  _arguments -C \\
${tree.options.map((option) => `    ${optionSpec(option)} \\`).join("\n")}
    '1: :->command' \\
    '*:: :->rest'
  case $state in
    command)
      local -a commands=(
${tree.commands.map(({ name, description }) => `        ${quoted(`${name}:${description}`)}`).join("\n")}
      )
      _describe command commands
      ;;
    rest)
      case $words[1] in
${tree.commands.map(commandCase).join("\n")}
      esac
      ;;
  esac
}

if [ "$funcstack[1]" = _lbctl ]; then _lbctl "$@"; else compdef _lbctl lbctl; fi
`;
}

function commandCase({ name, options, arguments: given }: CommandNode): string {
  const specs = [...options.map(optionSpec), ...given.map(argumentSpec)].map((spec) => `            ${spec}`);
  return `        ${name})\n          _arguments -s \\\n${specs.join(" \\\n")}\n          ;;`;
}

function optionSpec({ short, long, description, value }: OptionNode): string {
  const names = [short, long].filter((name) => name !== null);
  const action = value === null ? "" : `${value.required ? "" : ":"}:${escaped(value.placeholder)}:${completer(value)}`;
  const explained = `[${escaped(description)}]${action}`;
  if (names.length === 1) return quoted(`${names[0]}${value?.required ? "=" : ""}${explained}`);
  const [one, other] = names as [string, string];
  const equals = value?.required ? "=" : "";
  return `${quoted(`(${one} ${other})`)}{${one},${other}${equals}}${quoted(explained)}`;
}

function argumentSpec(argument: ArgumentNode): string {
  return quoted(`${argument.required ? "" : ":"}:${escaped(argument.placeholder)}:${completer(argument)}`);
}

function completer({ kind, choices }: ValueNode): string {
  if (choices.length > 0) return `(${choices.join(" ")})`;
  switch (kind) {
    case "file":
      return "_files";
    case "directory":
      return "_files -/";
    case null:
      return " ";
    default:
      return `__lbctl_names ${kind}`;
  }
}

/** For a part of a specification of _arguments. */
function escaped(text: string): string {
  return text.replace(/[[\]:\\]/g, "\\$&");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

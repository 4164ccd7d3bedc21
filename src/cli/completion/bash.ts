import type { CommandNode, OptionNode, ValueNode } from "../command-tree.ts";

/**
 * A completion script for bash 4 and newer. It needs no bash-completion: bash takes addresses apart at their colons, so the
 * words are read from the line itself.
 */
export function bashCompletion(tree: CommandNode, version: string): string {
  return `# bash completion of lbctl ${version}: source <(lbctl completion bash)

# What the value of an option is: a kind of name, "words ..." to choose from, "any"; nothing: it has none, or need not.
__lbctl_option_value() {
  case "$1 $2" in
${tree.commands.flatMap((command) => command.options.flatMap((option) => optionCase(command, option))).join("\n")}
  esac
}

# What an argument is, counted from 0.
__lbctl_argument() {
  case "$1 $2" in
${tree.commands.flatMap((command) => command.arguments.map((argument, index) => `    "${command.name} ${index}") echo "${described(argument)}" ;;`)).join("\n")}
  esac
}

__lbctl_options() {
  case "$1" in
    "") echo "${optionNames(tree)}" ;;
${tree.commands.map((command) => `    ${command.name}) echo "${optionNames(command)}" ;;`).join("\n")}
  esac
}

__lbctl_commands="${tree.commands.map(({ name }) => name).join(" ")}"

# Candidates of kind $1 that begin with $2; $3: the run directory, or nothing.
__lbctl_candidates() {
  case "$1" in
    file) compgen -f -- "$2" ;;
    directory) compgen -d -- "$2" ;;
    words\\ *) compgen -W "\${1#words }" -- "$2" ;;
    instances | virtual-servers | real-servers)
      local name
      lbctl status --names "$1" \${3:+--run-dir "$3"} 2>/dev/null | while IFS= read -r name; do
        [[ $name == "$2"* ]] && printf '%s\\n' "$name"
      done
      ;;
  esac
}

_lbctl() {
  local line=\${COMP_LINE:0:COMP_POINT} command="" option="" run_dir="" word kind="" index=0
  local -a words
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  local current=\${words[\${#words[@]} - 1]}
  for word in "\${words[@]:1:\${#words[@]}-2}"; do
    if [[ -n $option ]]; then
      [[ $option == --run-dir ]] && run_dir=$word
      option=""
    elif [[ $word == --run-dir=* ]]; then
      run_dir=\${word#*=}
    elif [[ $word == -* ]]; then
      [[ -n $(__lbctl_option_value "$command" "$word") ]] && option=$word
    elif [[ -z $command ]]; then
      command=$word
    else
      index=$((index + 1))
    fi
  done

  if [[ -n $option ]]; then
    kind=$(__lbctl_option_value "$command" "$option")
  elif [[ $current == --*=* ]]; then
    kind=$(__lbctl_option_value "$command" "\${current%%=*}")
    current=\${current#*=}
  elif [[ $current == -* ]]; then
    kind="words $(__lbctl_options "$command")"
  elif [[ -z $command ]]; then
    kind="words $__lbctl_commands"
  else
    kind=$(__lbctl_argument "$command" "$index")
  fi
  mapfile -t COMPREPLY < <(__lbctl_candidates "$kind" "$current" "$run_dir")
  [[ $kind == file || $kind == directory ]] && compopt -o filenames 2>/dev/null
  # readline replaces only what follows the last colon.
  if [[ $current == *:* && $COMP_WORDBREAKS == *:* ]]; then
    COMPREPLY=("\${COMPREPLY[@]#"\${current%:*}:"}")
  fi
}

complete -F _lbctl lbctl
`;
}

function optionCase(command: CommandNode, { short, long, value }: OptionNode): string[] {
  if (value === null || !value.required) return [];
  const patterns = [short, long].filter((name) => name !== null).map((name) => `"${command.name} ${name}"`);
  return [`    ${patterns.join(" | ")}) echo "${described(value)}" ;;`];
}

function described({ kind, choices }: ValueNode): string {
  return choices.length > 0 ? `words ${choices.join(" ")}` : (kind ?? "any");
}

function optionNames({ options }: CommandNode): string {
  return options.flatMap(({ short, long }) => [short, long].filter((name) => name !== null)).join(" ");
}

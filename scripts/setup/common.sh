# Sourced by scripts/setup.sh: how a set-up step talks to the user.

log_dir=.cache/log

say() {
  printf 'set-up: %s\n' "$*" >&2
}

fail() {
  printf 'set-up: %s\n' "$@" >&2
  exit 1
}

# run_logged NAME COMMAND...: runs quietly; the output is kept in a file, and its end shown if the command fails.
run_logged() {
  log_file=$log_dir/$1.log
  mkdir -p "$log_dir"
  shift
  if "$@" >"$log_file" 2>&1 </dev/null; then return 0; fi
  tail -n 15 "$log_file" | sed 's/^/  | /' >&2
  say "failed: $*"
  say "the whole output is in $log_file"
  return 1
}

# Sourced by scripts/setup.sh: node_modules as package-lock.json has it, with the Node that the project is developed on.

node_stamp=node_modules/.lbctl-lock

install_node_packages() {
  command -v npm >/dev/null || fail "npm is missing. On Debian: apt-get install npm (or Node 20 or newer from https://nodejs.org)"
  # The kernel and CPU are part of the mark: a checkout shared between machines must not run the other one's binaries.
  lock_mark=$(sha256sum <package-lock.json | cut -d ' ' -f 1)-$(uname -sm | tr ' ' -)
  if [ "$(cat "$node_stamp" 2>/dev/null)" = "$lock_mark" ] && node_modules/.bin/node --version >/dev/null 2>&1; then
    return 0
  fi

  # The mark goes first and comes back last, so that an interrupted install is done again.
  rm -f "$node_stamp"
  say "installing the Node packages (about half a minute the first time) ..."
  run_logged npm-ci npm ci --no-audit --no-fund ||
    fail "the Node packages could not be installed." \
      "If the registry cannot be reached, set npm's proxy or registry (npm config) and run the command again."
  # npm can leave out install scripts, by configuration; the package "node" brings its binary with one.
  if ! node_modules/.bin/node --version >/dev/null 2>&1; then
    run_logged npm-rebuild npm rebuild node --ignore-scripts=false || true
    node_modules/.bin/node --version >/dev/null 2>&1 ||
      fail "the npm package \"node\" did not bring its binary. Run: npm rebuild node --ignore-scripts=false"
  fi
  echo "$lock_mark" >"$node_stamp"
}

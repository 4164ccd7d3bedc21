#!/bin/sh
# Builds the native addon of ipvs-netlink (ipvs/build/Release/ipvs_netlink.node) with node-gyp and the headers that the
# npm package "node" brings: nothing is downloaded. Says nothing when there is nothing to do. --force builds anyway.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
addon=$root/ipvs/build/Release/ipvs_netlink.node
log=$root/ipvs/build/build.log

fail() {
  printf 'build-addon: %s\n' "$1" >&2
  exit 1
}

up_to_date() {
  [ -f "$addon" ] || return 1
  [ -z "$(find "$root/ipvs/native" "$root/ipvs/binding.gyp" -newer "$addon" -type f)" ]
}

[ "${1:-}" = --force ] || ! up_to_date || exit 0

# One build at a time: test runs may start together.
if [ -z "${LBCTL_ADDON_LOCKED:-}" ] && command -v flock >/dev/null 2>&1; then
  mkdir -p "$root/ipvs/build"
  LBCTL_ADDON_LOCKED=1 exec flock "$root/ipvs/build/.lock" sh "$0" "$@"
fi
[ "${1:-}" = --force ] || ! up_to_date || exit 0

missing=
command -v "${CC:-cc}" >/dev/null 2>&1 || missing="$missing gcc libc6-dev"
command -v make >/dev/null 2>&1 || missing="$missing make"
command -v python3 >/dev/null 2>&1 || missing="$missing python3"
[ -z "$missing" ] || fail "missing on this machine:$missing
  Debian or Ubuntu: apt-get install$missing"

PATH=$root/node_modules/.bin:$PATH
export PATH
command -v node-gyp >/dev/null 2>&1 || fail "node-gyp is missing: run npm ci first"

headers=
for candidate in "$root"/node_modules/node/node_modules/node-linux-*; do
  [ -f "$candidate/include/node/node_api.h" ] && headers=$candidate
done
if [ -z "$headers" ]; then
  prefix=$(node -p 'require("node:path").resolve(process.execPath, "../..")')
  [ -f "$prefix/include/node/node_api.h" ] && headers=$prefix
fi
[ -n "$headers" ] || fail "Node's headers (node_api.h) are missing: run npm rebuild node"

# The addon is plain C, but node-gyp links with the C++ compiler unless told otherwise, and a machine may have none.
CXX=${CXX:-${CC:-cc}}
export CXX

mkdir -p "$root/ipvs/build"
echo "building the native addon of ipvs-netlink" >&2
if ! (cd "$root/ipvs" && node-gyp configure build --nodedir="$headers") >"$log" 2>&1; then
  tail -n 30 "$log" >&2
  fail "the compiler failed; the whole output is in $log"
fi
# make leaves an unchanged target alone: its time must still pass that of the newest source.
touch "$addon"

#!/bin/sh
# dist/lbctl-VERSION.tgz: for npm install. No compiler and no registry needed: addons and packages are in it.
set -eu
. scripts/package/common.sh

say "npm package"
quietly npm pack --ignore-scripts --pack-destination "$out" "$program"

# npm leaves files out by rules of its own ("files" of a bundled package, too): what is missing is missed here, not by users.
tar -tzf "$out/lbctl-$version.tgz" | sed 's#^package/##' | LC_ALL=C sort >"$work/packed"
(cd "$program" && find . -type f -printf '%P\n') | LC_ALL=C sort >"$work/wanted"
lacking=$(LC_ALL=C comm -13 "$work/packed" "$work/wanted" | head -n 5)
[ -z "$lacking" ] || fail "npm pack left these out:" $lacking
rm "$work/packed" "$work/wanted"

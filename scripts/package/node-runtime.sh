#!/bin/sh
# usage: node-runtime.sh ARCH
# Prints the folder of a Node for that architecture (bin/node, LICENSE), of the version that the project is tested with: the
# npm package that "node" of package-lock.json stands for. npm checks what it fetches; it is kept in .cache/.
set -eu
. scripts/package/common.sh

package=node-linux-$1
installed=node_modules/node/node_modules/$package
node_version=$(node_modules/.bin/node -p process.versions.node)
kept=.cache/node-runtime/$package-$node_version
if [ -x "$installed/bin/node" ]; then
  echo "$installed"
  exit 0
fi
if [ ! -e "$kept/package/bin/node" ]; then
  say "fetching Node $node_version for $1 (50 MB)"
  rm -rf "$kept"
  mkdir -p "$kept"
  quietly npm pack --ignore-scripts --pack-destination "$kept" "$package@$node_version"
  tar -xzf "$kept"/*.tgz -C "$kept" package/bin/node package/LICENSE
  rm "$kept"/*.tgz
fi
echo "$kept/package"

#!/bin/sh
set -eu
cd "$(dirname "$0")/.."
sh scripts/setup.sh demo
PATH="$PWD/node_modules/.bin:$PATH"
export PATH
exec node_modules/.bin/node src/cli/main.ts demo "$@"

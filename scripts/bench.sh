#!/bin/sh
set -eu
cd "$(dirname "$0")/.."
sh scripts/setup.sh test
PATH="$PWD/node_modules/.bin:$PATH"
export PATH
exec node_modules/.bin/node test/bench/main.ts "$@"

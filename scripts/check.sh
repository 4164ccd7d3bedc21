#!/bin/sh
# Types, lint and format, architecture, the shape of what an upgrade hands over: all are run, whatever the first ones say.
set -u
cd "$(dirname "$0")/.." || exit 1
sh scripts/setup.sh demo || exit 1
PATH="$PWD/node_modules/.bin:$PATH"
export PATH

failed=
tsc -p . || failed="$failed types"
biome check --error-on-warnings . || failed="$failed lint-and-format"
node_modules/.bin/node scripts/architecture.ts || failed="$failed architecture"
node_modules/.bin/node scripts/estate-shape.ts || failed="$failed estate"
if [ -n "$failed" ]; then
  echo "check: failed:$failed (npm run format repairs what it can)" >&2
  exit 1
fi

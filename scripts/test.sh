#!/bin/sh
# usage: sh scripts/test.sh [--long] [vitest arguments]
# Set-up, check, tests. The last line says how many tests passed and failed, the lines before it which ones failed and
# which ones passed only when they were repeated; the exit status agrees with it.
set -u
cd "$(dirname "$0")/.." || exit 1

set_up_mode=test
if [ "${1:-}" = --long ]; then
  shift
  set_up_mode=qemu
  LBCTL_TEST_LONG=1
  export LBCTL_TEST_LONG
fi

report=.cache/test-report.json
timings=
mkdir -p .cache
rm -f "$report"

# stage NAME COMMAND...: keeps the time it took, for the end.
stage() {
  stage_name=$1
  shift
  stage_start=$(date +%s)
  stage_status=0
  "$@" || stage_status=$?
  timings="$timings  $stage_name $(($(date +%s) - stage_start)) s"
  return $stage_status
}

if ! stage set-up sh scripts/setup.sh "$set_up_mode"; then
  echo "0 passed, 1 failed"
  exit 1
fi
PATH="$PWD/node_modules/.bin:$PATH"
export PATH

check_status=0
stage check sh scripts/check.sh || check_status=$?

# npm test asks the same questions every time; the long suite asks new ones.
if [ -z "${LBCTL_SEED:-}" ]; then
  LBCTL_SEED=20261121
  [ "${LBCTL_TEST_LONG:-}" = 1 ] && LBCTL_SEED=$(date +%s)
fi
export LBCTL_SEED
echo "fast-check seed: LBCTL_SEED=$LBCTL_SEED"
vitest_status=0
stage tests vitest run --reporter=default --reporter=json --outputFile.json="$report" "$@" || vitest_status=$?

echo "time:$timings"
exec node_modules/.bin/node scripts/test-summary.ts "$report" "$vitest_status" "$check_status"

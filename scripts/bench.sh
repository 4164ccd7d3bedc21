#!/bin/sh
# usage: sh scripts/bench.sh [--kernel 6.12] [...]: with that kernel, in QEMU instead of user-mode Linux.
#        sh scripts/bench.sh vrrp [--quick] [--only takeover,outage,load] [--advert-ms N,...] [--json FILE]: VRRP, on the machine itself.
#        sh scripts/bench.sh checks [--quick] [--only NAME] [--rounds N] [--json FILE]: health checks, on the machine itself.
#        sh scripts/bench.sh metrics [--sizes N,...] [--seconds N]: what a scrape costs, on the machine itself.
set -eu
cd "$(dirname "$0")/.."
case " $* " in
*" --kernel 6.12 "* | *" --kernel=6.12 "*) sh scripts/setup.sh qemu ;;
*) sh scripts/setup.sh test ;;
esac
PATH="$PWD/node_modules/.bin:$PATH"
export PATH
case "${1:-}" in
vrrp)
  shift
  exec node_modules/.bin/node test/bench/vrrp/main.ts "$@"
  ;;
metrics)
  shift
  exec node_modules/.bin/node test/bench/metrics/main.ts "$@"
  ;;
checks)
  shift
  exec node_modules/.bin/node test/bench/checks/main.ts "$@"
  ;;
esac
exec node_modules/.bin/node test/bench/main.ts "$@"

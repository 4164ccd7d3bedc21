#!/bin/sh
# dist/lbctl-VERSION.tgz: for npm install. No compiler and no registry needed: addons and packages are in it.
set -eu
. scripts/package/common.sh

say "npm package"
quietly npm pack --ignore-scripts --pack-destination "$PWD/$out" "./$program"

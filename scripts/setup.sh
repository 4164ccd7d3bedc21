#!/bin/sh
# Brings a checkout to the point where the named job can run: does nothing, and says nothing, when it is there already.
#   demo: the Node packages.    test: those, the native addon, Debian's packages and the user-mode Linux kernel.
#   qemu: what test brings, QEMU with a 6.12 kernel, a browser, and Debian roots with other
#   managers and for arm64.
set -eu
cd "$(dirname "$0")/.."

. scripts/setup/common.sh
. scripts/setup/node-packages.sh
. scripts/setup/debian-packages.sh
. scripts/setup/uml-kernel.sh
. scripts/setup/qemu-kernel.sh
. scripts/setup/systemd-root.sh

mode=${1:-test}
case $mode in
demo | test | qemu) ;;
*)
  echo "usage: sh scripts/setup.sh [demo|test|qemu]" >&2
  exit 2
  ;;
esac

# Two set-ups at once (say the demo in one terminal, the tests in another) take turns.
if [ -z "${LBCTL_SETUP_LOCKED:-}" ] && command -v flock >/dev/null; then
  mkdir -p .cache
  LBCTL_SETUP_LOCKED=1 exec flock .cache/setup.lock sh scripts/setup.sh "$mode"
fi

install_node_packages
if [ "$mode" != demo ]; then
  install_debian_packages "$test_programs"
  unpack_uml_kernel
  prepare_systemd_root
  PATH="$PWD/node_modules/.bin:$PATH" sh scripts/build-addon.sh
fi
if [ "$mode" = qemu ]; then
  install_debian_packages "$long_test_programs"
  prepare_qemu_kernel
  prepare_managers_root
  prepare_arm64_root
fi

#!/bin/sh
# The native addon for every architecture, cross-built: $work/addons/linux-ARCH.node. One file serves glibc of any age and
# musl: it names no C library, and uses only what both have (docs/decisions/0090-packages.md).
set -eu
. scripts/package/common.sh

# What Node itself offers to addons, its OpenSSL included: the same for every architecture.
nm -D --defined-only "$(readlink -f node_modules/.bin/node)" | awk '{ print $NF }' | LC_ALL=C sort -u >"$work/node-offers"
headers=$(ls -d node_modules/node/node_modules/node-linux-*/include/node)
musl=/usr/lib/$(uname -m)-linux-musl/libc.so
need "$musl" musl-dev
mkdir -p "$work/addons"
for arch in $architectures; do
  say "addon for $arch"
  machine=$(gnu_machine "$arch")
  need "$machine-linux-gnu-gcc" "gcc-$(echo "$machine" | tr _ -)-linux-gnu"
  addon=$work/addons/linux-$arch.node
  # GCC's atomics for arm64 would ask glibc what the CPU can do.
  outline=
  [ "$arch" != arm64 ] || outline=-mno-outline-atomics
  quietly "$machine-linux-gnu-gcc" -O2 -Wall -Wextra -Werror -Wno-unused-parameter -fPIC -fvisibility=hidden -fstack-protector-strong $outline \
    -U_FORTIFY_SOURCE -I"$headers" -ffile-prefix-map="$PWD=." \
    -shared -nostdlib -Wl,-z,relro -Wl,-z,noexecstack -Wl,--build-id=none -s -o "$addon" ipvs/native/*.c
  # What Node's own exports do not resolve has to be in both C libraries.
  glibc=$("$machine-linux-gnu-gcc" -print-file-name=libc.so.6)
  loader=$(ls "$(dirname "$(readlink -f "$glibc")")"/ld-linux*.so.?)
  nm -D --undefined-only "$addon" | awk '$1 == "U" { print $2 }' | LC_ALL=C sort |
    LC_ALL=C comm -23 - "$work/node-offers" >"$work/wanted"
  for library in "$musl" "$glibc"; do
    also=
    [ "$library" = "$musl" ] || also=$loader
    nm -D --defined-only "$library" $also | awk 'NF > 2 { sub(/@.*/, "", $3); print $3 }' | LC_ALL=C sort -u >"$work/offered"
    lacking=$(LC_ALL=C comm -23 "$work/wanted" "$work/offered")
    [ -z "$lacking" ] || fail "the addon for $arch uses what $library does not have:" $lacking
  done
  rm -f "$work/wanted" "$work/offered"
done

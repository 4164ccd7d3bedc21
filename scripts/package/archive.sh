#!/bin/sh
# dist/lbctl-VERSION-linux-ARCH.tar.gz: lbctl with a Node of its own, to unpack anywhere on a machine with glibc 2.28 or newer.
# Its tree, $work/archive/ARCH/lbctl-VERSION-linux-ARCH, is what the .deb and the image are made of.
set -eu
. scripts/package/common.sh

need aarch64-linux-gnu-strip binutils-aarch64-linux-gnu

for arch in $architectures; do
  name=lbctl-$version-linux-$arch
  say "archive for $arch"
  tree=$work/archive/$arch/$name
  mkdir -p "$tree/bin" "$tree/lib"
  cp -a "$program" "$tree/lib/lbctl"
  find "$tree/lib/lbctl/node_modules/ipvs-netlink/prebuilds" -type f ! -name "linux-$arch.node" -delete
  rm -rf "$tree/lib/lbctl/bin" "$tree/lib/lbctl/node_modules/ipvs-netlink/native" "$tree/lib/lbctl/node_modules/ipvs-netlink/binding.gyp"
  runtime=$(sh scripts/package/node-runtime.sh "$arch")
  cp "$runtime/bin/node" "$tree/lib/lbctl/node"
  "$(gnu_machine "$arch")-linux-gnu-strip" "$tree/lib/lbctl/node"
  cp "$runtime/LICENSE" "$tree/lib/lbctl/LICENSE.node"
  cp packaging/archive/lbctl "$tree/bin/lbctl"
  chmod 755 "$tree/bin/lbctl" "$tree/lib/lbctl/node"
  normalise "$tree"
  tar --create --format=gnu --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" \
    --directory "$work/archive/$arch" "$name" | gzip -n -6 >"$out/$name.tar.gz"
done

#!/bin/sh
# dist/lbctl-VERSION-linux-{amd64,arm64}.tar.gz: lbctl with a Node of its own, to unpack anywhere on a machine with glibc 2.28 or
# newer. The folder that is packed, $work/archive/lbctl-VERSION-linux-amd64 and so on, is what the .deb is made of, too.
set -eu
. scripts/package/common.sh

for arch in $architectures; do
  name=$(archive_name "$arch")
  say "$name"
  tree=$work/archive/$name
  mkdir -p "$tree/bin" "$tree/lib"
  cp -a "$program" "$tree/lib/lbctl"
  find "$tree/lib/lbctl/node_modules/ipvs-netlink/prebuilds" -type f ! -name "linux-$arch.node" -delete
  rm -rf "$tree/lib/lbctl/bin" "$tree/lib/lbctl/node_modules/ipvs-netlink/native" "$tree/lib/lbctl/node_modules/ipvs-netlink/binding.gyp"
  runtime=$(sh scripts/package/node-runtime.sh "$arch")
  cp "$runtime/bin/node" "$tree/lib/lbctl/node"
  "$(gnu_machine "$arch")-linux-gnu-strip" "$tree/lib/lbctl/node"
  cp "$runtime/LICENSE" "$tree/lib/lbctl/LICENSE.node"
  quietly "$(gnu_machine "$arch")-linux-gnu-gcc" -O2 -Wall -Wextra -Werror -s -Wl,--build-id=none \
    -o "$tree/lib/lbctl/keep-capabilities" packaging/image/keep-capabilities.c
  cp packaging/archive/lbctl "$tree/bin/lbctl"
  chmod 755 "$tree/bin/lbctl" "$tree/lib/lbctl/node" "$tree/lib/lbctl/keep-capabilities"
  normalise "$tree"
  tar --create --format=gnu --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" \
    --directory "$work/archive" "$name" | gzip -n -6 >"$out/$name.tar.gz"
done

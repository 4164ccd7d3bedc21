#!/bin/sh
# $work/archive/lbctl-VERSION-linux-{amd64,arm64}: lbctl with a Node of its own, what archive and .deb are made of. Does nothing when it
# is there already.
set -eu
. scripts/package/common.sh

for arch in $architectures; do
  name=$(archive_name "$arch")
  tree=$work/archive/$name
  [ ! -d "$tree" ] || continue
  say "the program with its Node, for $arch"
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
  for page in "$program"/man/*.[1-9]; do
    mkdir -p "$tree/share/man/man${page##*.}"
    cp "$page" "$tree/share/man/man${page##*.}/"
  done
  mkdir -p "$tree/share/bash-completion/completions" "$tree/share/zsh/vendor-completions" "$tree/share/fish/vendor_completions.d"
  cp "$program/completion/lbctl.bash" "$tree/share/bash-completion/completions/lbctl"
  cp "$program/completion/lbctl.zsh" "$tree/share/zsh/vendor-completions/_lbctl"
  cp "$program/completion/lbctl.fish" "$tree/share/fish/vendor_completions.d/lbctl.fish"
  # As they lie beside each other in the checkout: their links lead from one to the other.
  documents=$tree/share/doc/lbctl
  mkdir -p "$documents/checkers"
  cp -R docs examples "$documents/"
  cp checkers/README.md "$documents/checkers/"
  rm -rf "$tree/lib/lbctl/man" "$tree/lib/lbctl/completion" "$tree/lib/lbctl/examples"
  chmod 755 "$tree/bin/lbctl" "$tree/lib/lbctl/node" "$tree/lib/lbctl/keep-capabilities"
  normalise "$tree"
done

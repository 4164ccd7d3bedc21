#!/bin/sh
# dist/lbctl-VERSION-linux-{amd64,arm64}.tar.gz: lbctl with a Node of its own, to unpack anywhere on a machine with glibc 2.28 or
# newer.
set -eu
. scripts/package/common.sh

sh scripts/package/with-node.sh
for arch in $architectures; do
  name=$(archive_name "$arch")
  say "$name"
  tar --create --format=gnu --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" \
    --directory "$work/archive" "$name" | gzip -n -6 >"$out/$name.tar.gz"
done

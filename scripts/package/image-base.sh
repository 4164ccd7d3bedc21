#!/bin/sh
# usage: image-base.sh DIRECTORY
# DIRECTORY/root.tar: Debian with apt and as little else as it can do with. With the same packages the same octets.
set -eu
. scripts/setup/common.sh
. scripts/setup/debian-packages.sh
. scripts/setup/systemd-root.sh

install_debian_packages 'mmdebstrap mmdebstrap'
root_dir=$1 root_packages=ca-certificates root_target=$1/root.tar
mkdir -p "$root_dir"
make_debian_root || fail "there is no base for the image: name one that exists, LBCTL_IMAGE_BASE=NAME"

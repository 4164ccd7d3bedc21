#!/bin/sh
# dist/lbctl_VERSION_ARCH.deb: lbctl with a Node of its own, the systemd unit, manual and completions, for Debian 12 and newer.
# LBCTL_DEB_COMPRESSION: xz (default) or what else dpkg-deb -Z takes; "none" is for tests, which install it once.
set -eu
. scripts/package/common.sh

need dpkg-deb dpkg

compression=${LBCTL_DEB_COMPRESSION:-xz}
# Debian sorts "~" before everything: 1.0.0~rc.1 comes before 1.0.0.
debian_version=$(printf %s "$version" | sed 's/-/~/')-1

# install_file MODE FROM TO
install_file() {
  mkdir -p "$(dirname "$deb/$3")"
  cp "$2" "$deb/$3"
  chmod "$1" "$deb/$3"
}

# install_gzipped FROM TO: without name and time in it.
install_gzipped() {
  mkdir -p "$(dirname "$deb/$2")"
  gzip -9 -n <"$1" >"$deb/$2.gz"
}

copyright() {
  cat packaging/deb/copyright "$tree/lib/lbctl/THIRD-PARTY-NOTICES"
  printf '\n%s\nNode.js (/usr/lib/lbctl/node) and what is in it\n\n' "$(printf '%078d' 0 | tr 0 -)"
  cat "$tree/lib/lbctl/LICENSE.node"
}

debian_changelog() {
  printf 'lbctl (%s) unstable; urgency=medium\n\n  * What is new: /usr/share/doc/lbctl/changelog.gz\n\n -- %s  %s\n' \
    "$debian_version" "$maintainer" "$(LC_ALL=C date --utc --date="@$SOURCE_DATE_EPOCH" '+%a, %d %b %Y %T +0000')"
}

maintainer=$(sed -n 's/^Maintainer: //p' packaging/deb/control)

sh scripts/package/with-node.sh
for arch in $architectures; do
  tree=$work/archive/$(archive_name "$arch")
  say "deb for $arch"
  deb=$work/deb/$arch
  mkdir -p "$deb/usr/lib" "$deb/etc/lbctl" "$deb/DEBIAN"
  cp -a "$tree/lib/lbctl" "$deb/usr/lib/lbctl"
  for each in bin keep-capabilities LICENSE LICENSE.node THIRD-PARTY-NOTICES README.md CHANGELOG.md; do
    rm -rf "$deb/usr/lib/lbctl/$each"
  done
  # A command line of its own, for a Node on the PATH.
  rm "$deb/usr/lib/lbctl/node_modules/yaml/bin.mjs"
  find "$deb/usr/lib/lbctl" -type d -empty -delete
  install_file 755 packaging/deb/lbctl usr/bin/lbctl
  install_file 755 packaging/deb/is-configured usr/lib/lbctl/is-configured
  install_file 755 packaging/deb/stop usr/lib/lbctl/stop
  install_file 644 packaging/deb/default etc/default/lbctl
  install_file 644 packaging/systemd/lbctl.service usr/lib/systemd/system/lbctl.service
  cp -a "$tree/share" "$deb/usr/share"
  gzip -9 -n "$deb"/usr/share/man/man?/*
  documents=usr/share/doc/lbctl
  for each in packaging/systemd/*.conf; do
    install_file 644 "$each" "$documents/examples/lbctl.service.d/${each##*/}"
  done
  install_gzipped CHANGELOG.md "$documents/changelog"
  debian_changelog >"$work/deb/changelog"
  install_gzipped "$work/deb/changelog" "$documents/changelog.Debian"
  copyright >"$deb/$documents/copyright"
  install_file 644 packaging/deb/lintian-overrides usr/share/lintian/overrides/lbctl

  normalise "$deb"
  installed_kib=$(du -k --apparent-size -s "$deb" | cut -f 1)
  sed -e "s/@VERSION@/$debian_version/" -e "s/@ARCH@/$(debian_arch "$arch")/" -e "s/@SIZE@/$installed_kib/" \
    packaging/deb/control >"$deb/DEBIAN/control"
  echo /etc/default/lbctl >"$deb/DEBIAN/conffiles"
  (cd "$deb" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) >"$deb/DEBIAN/md5sums"
  for script in postinst prerm postrm; do
    install_file 755 "packaging/deb/$script" "DEBIAN/$script"
  done
  normalise "$deb"
  quietly dpkg-deb --root-owner-group -Z"$compression" --build "$deb" "$out/lbctl_${debian_version}_$(debian_arch "$arch").deb"
done

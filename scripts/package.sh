#!/bin/sh
# usage: sh scripts/package.sh [npm|archive|deb|image ...]
# Makes what people install, into dist/: the npm package, archives with a Node of their own, and .debs, for x64 and arm64, and the image
# for this machine's architecture. SHA256SUMS covers all. Two runs on one commit make the same octets. What cannot be made is named at
# the end, with status 1; the others are whole.
# LBCTL_PACKAGE_OUT: another directory than dist/. LBCTL_PACKAGE_ARCHITECTURES: x64 or arm64 alone.
set -eu
cd "$(dirname "$0")/.."

case ${LBCTL_PACKAGE_OUT:-/} in
/*) ;;
*) export LBCTL_PACKAGE_OUT="$PWD/$LBCTL_PACKAGE_OUT" ;;
esac
. scripts/package/common.sh

parts=${*:-$(every_part)}
for part in $parts; do
  case $part in
  npm | archive | deb | image) ;;
  *)
    echo "usage: npm run package -- [npm|archive|deb|image ...]" >&2
    exit 2
    ;;
  esac
done

# One at a time: two would take each other's files away.
if [ -z "${LBCTL_PACKAGE_LOCKED:-}" ] && command -v flock >/dev/null; then
  mkdir -p .cache
  LBCTL_PACKAGE_LOCKED=1 exec flock .cache/package.lock sh scripts/package.sh "$@"
fi

sh scripts/setup.sh demo
PATH=$PWD/node_modules/.bin:$PATH
if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
  SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || stat -c %Y CHANGELOG.md)
fi
export PATH SOURCE_DATE_EPOCH
umask 022

say "lbctl $version"
rm -rf "$work"
rm -f "$out"/lbctl[-_]* "$out/SHA256SUMS"
mkdir -p "$work"
sh scripts/package/addons.sh
say "the program as JavaScript, with its packages"
quietly node src/cli/manual/write-man-pages.ts "$program/man"
quietly node --disable-warning=ExperimentalWarning scripts/package/program-tree.ts "$program"
mkdir "$program/completion"
for shell in bash zsh fish; do
  node src/cli/main.ts completion "$shell" >"$program/completion/lbctl.$shell"
done
mkdir -p "$program/node_modules/ipvs-netlink/prebuilds"
cp "$work"/addons/*.node "$program/node_modules/ipvs-netlink/prebuilds/"
normalise "$program"

left_out=
for part in $parts; do
  sh "scripts/package/$part.sh" || left_out="$left_out $part"
done

(cd "$out" && find . -maxdepth 1 -type f ! -name SHA256SUMS -printf '%f\n' | LC_ALL=C sort | xargs sha256sum >SHA256SUMS)
(cd "$out" && find . -maxdepth 1 -type f -printf '%f %s\n' | LC_ALL=C sort |
  awk -v out="$out" '{ printf "package: " out "/%s  %.1f MB\n", $1, $2 / 1e6 }') >&2
[ -z "$left_out" ] || fail "not made, for what is said above:$left_out"

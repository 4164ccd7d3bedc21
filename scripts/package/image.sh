#!/bin/sh
# dist/lbctl-VERSION-image-{amd64,arm64}.tar: the image of the Dockerfile for this machine's architecture, by buildah and without a
# daemon, to be loaded with "docker load" or "podman load". LBCTL_IMAGE_BASE: another base than the Dockerfile's. Where that one is out of
# reach, a base is made of Debian's packages, from where this machine's apt gets them. What buildah keeps stays below the work
# directory. The same commit on the same base, with the same Debian packages, makes the same octets.
set -eu
. scripts/package/common.sh

need buildah buildah

export BUILDAH_ISOLATION=${BUILDAH_ISOLATION:-chroot}
arch=$(node_modules/.bin/node -p process.arch)
architecture=$(debian_arch "$arch")
name=localhost/lbctl:$version
storage=$work/containers
# A storage of our own unless the caller has one, with a base in it: LBCTL_IMAGE_STORAGE.
buildah() {
  command ${limit:-} buildah --root "${LBCTL_IMAGE_STORAGE:-$storage}/graph" --runroot "${LBCTL_IMAGE_STORAGE:-$storage}/run" --storage-driver vfs "$@"
}

[ -e "$out/$(archive_name "$arch").tar.gz" ] || sh scripts/package/archive.sh
say "image for $architecture"
base=${LBCTL_IMAGE_BASE:-$(sed -n 's/^ARG BASE=//p' Dockerfile)}
if [ -z "${LBCTL_IMAGE_BASE:-}" ] && ! limit="timeout 300" buildah pull --quiet "$base" >/dev/null 2>&1; then
  say "$base cannot be fetched: making a base of Debian's packages"
  sh scripts/package/image-base.sh "$work/image-base"
  base=localhost/debian
  scratch=$(buildah from scratch)
  quietly buildah add "$scratch" "$work/image-base/root.tar" /
  quietly buildah commit --timestamp "$SOURCE_DATE_EPOCH" "$scratch" "$base"
  quietly buildah rm "$scratch"
  rm -r "$work/image-base"
fi
set -- --format docker --timestamp "$SOURCE_DATE_EPOCH" --build-arg BASE="$base" --build-arg VERSION="$version"
set -- "$@" --build-arg TARGETARCH="$architecture" --build-arg REVISION="$(git rev-parse HEAD 2>/dev/null || echo unknown)"
# The context: what the Dockerfile adds, in the place where it looks for it.
context=$work/image-context
mkdir -p "$context/dist"
cp "$out/$(archive_name "$arch").tar.gz" "$context/dist/"
quietly buildah bud "$@" --file Dockerfile --tag "$name" "$context"
rm -rf "$context"
# buildah names the container that it worked in; without that the same image has the same digest.
saved=$work/image-saved
packed=$work/image-packed
rm -rf "$saved" "$packed"
mkdir -p "$saved"
quietly buildah push "$name" "docker-archive:$saved.tar:lbctl:$version"
quietly tar --extract --directory "$saved" --file "$saved.tar"
quietly node --disable-warning=ExperimentalWarning scripts/package/image-archive.ts "$saved" "$packed"
normalise "$packed"
tar --create --format=gnu --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" \
  --directory "$packed" --file "$out/lbctl-$version-image-$architecture.tar" .
rm -rf "$saved" "$saved.tar" "$packed"
# Who is not root cannot remove what containers have left to other users.
rm -rf "$storage" 2>/dev/null || true

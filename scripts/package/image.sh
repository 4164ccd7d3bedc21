#!/bin/sh
# dist/lbctl-VERSION-image-{amd64,arm64}.tar: the image of the Dockerfile for this machine's architecture, by buildah and without a
# daemon, to be loaded with "docker load" or "podman load". LBCTL_IMAGE_BASE: another base than the Dockerfile's. What buildah keeps
# stays below the work directory. The same commit on the same base, with the same Debian packages, makes the same octets.
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
  command buildah --root "${LBCTL_IMAGE_STORAGE:-$storage}/graph" --runroot "${LBCTL_IMAGE_STORAGE:-$storage}/run" --storage-driver vfs "$@"
}

[ -e "$out/$(archive_name "$arch").tar.gz" ] || sh scripts/package/archive.sh
say "image for $architecture"
set -- --format docker --timestamp "$SOURCE_DATE_EPOCH" --build-arg VERSION="$version" --build-arg TARGETARCH="$architecture"
set -- "$@" --build-arg REVISION="$(git rev-parse HEAD 2>/dev/null || echo unknown)"
[ -z "${LBCTL_IMAGE_BASE:-}" ] || set -- "$@" --build-arg BASE="$LBCTL_IMAGE_BASE"
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

# Sourced by scripts/setup.sh: Debian's user-mode Linux, a kernel with IPVS that runs as an ordinary process.
# It is unpacked into the checkout and not installed: no root needed, nothing left behind on the machine.

uml_dir=.cache/uml

unpack_uml_kernel() {
  [ ! -e "$uml_dir/ready" ] || return 0
  [ "$(uname -m)" = x86_64 ] || fail "the kernel tests need user-mode Linux, which exists for x86_64 only (this is $(uname -m))." \
    "The other tests run anywhere: npx vitest run --project unit"
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null ||
    fail "the kernel tests use Debian's package user-mode-linux, and there is no apt-get here to fetch it with."

  say "fetching the user-mode Linux kernel (40 MB) ..."
  rm -rf "$uml_dir"
  mkdir -p "$uml_dir/root"
  fetch_package user-mode-linux "$uml_dir" || fail "the package user-mode-linux could not be fetched." \
    "Its archive is \"main\" of Debian 12; apt-get update, as root, may be missing."
  run_logged uml-unpack dpkg-deb -x "$uml_dir"/user-mode-linux_*.deb "$uml_dir/root" || exit 1
  rm -f "$uml_dir"/*.deb

  # modprobe --dirname wants ROOT/lib/modules/VERSION, with an index.
  uml_version=$(ls "$uml_dir/root/usr/lib/uml/modules")
  mkdir -p "$uml_dir/root/lib"
  mv "$uml_dir/root/usr/lib/uml/modules" "$uml_dir/root/lib/modules"
  PATH="$PATH:/usr/sbin:/sbin" run_logged uml-depmod depmod -b "$PWD/$uml_dir/root" "$uml_version" || exit 1
  echo "$uml_version" >"$uml_dir/ready"
}

# Sourced by scripts/setup.sh: Debian's 6.12 kernel for QEMU, unpacked and not installed, and an initramfs that brings it
# to the point where the guest's own init takes over. For benchmarks on a newer kernel; the tests do not need it.

qemu_dir=.cache/qemu

qemu_programs='
qemu-system-x86_64 qemu-system-x86
/usr/bin/busybox busybox-static
cpio cpio
'

prepare_qemu_kernel() {
  install_debian_packages "$qemu_programs"
  [ ! -e "$qemu_dir/ready" ] || [ "$qemu_dir/ready" -ot test/kernel/qemu/initramfs-init.sh ] || return 0
  say "fetching Debian's 6.12 kernel (100 MB) ..."
  rm -rf "$qemu_dir"
  mkdir -p "$qemu_dir/root"
  # The package of this name is empty and depends on the newest build.
  kernel_package=$(apt-cache depends linux-image-6.12-amd64 2>/dev/null | sed -n 's/^ *Depends: //p' | head -n 1)
  [ -n "$kernel_package" ] || fail "this archive has no linux-image-6.12-amd64 (Debian 12 with its updates has)."
  fetch_package "$kernel_package" "$qemu_dir" || fail "the package $kernel_package could not be fetched."
  run_logged qemu-unpack dpkg-deb -x "$qemu_dir"/linux-image-*.deb "$qemu_dir/root" || exit 1
  rm -f "$qemu_dir"/*.deb
  qemu_version=${kernel_package#linux-image-}
  PATH="$PATH:/usr/sbin:/sbin" run_logged qemu-depmod depmod -b "$PWD/$qemu_dir/root" "$qemu_version" || exit 1
  mv "$qemu_dir/root/boot/vmlinuz-$qemu_version" "$qemu_dir/vmlinuz"
  build_initramfs
  echo "$qemu_version" >"$qemu_dir/ready"
}

# busybox, the modules that the root file system needs (in the order of loading), and init.
build_initramfs() {
  initramfs=$qemu_dir/initramfs
  mkdir -p "$initramfs/bin" "$initramfs/modules" "$initramfs/proc" "$initramfs/root"
  cp /usr/bin/busybox "$initramfs/bin/busybox"
  ln -s busybox "$initramfs/bin/sh"
  cp test/kernel/qemu/initramfs-init.sh "$initramfs/init"
  chmod 755 "$initramfs/init"
  for module in virtio_pci 9pnet_virtio 9p; do
    PATH="$PATH:/usr/sbin:/sbin" modprobe --dirname "$PWD/$qemu_dir/root" --set-version "$qemu_version" --show-depends "$module"
  done | sed -n 's/^insmod \([^ ]*\).*/\1/p' | awk '!seen[$0]++' >"$qemu_dir/modules"
  number=10
  while read -r file; do
    name=$(basename "${file%.xz}")
    case $file in
    *.xz) xz -dc "$file" >"$initramfs/modules/$number-$name" ;;
    *) cp "$file" "$initramfs/modules/$number-$name" ;;
    esac
    number=$((number + 1))
  done <"$qemu_dir/modules"
  (cd "$initramfs" && find . | cpio --quiet -o -H newc) | gzip -1 >"$qemu_dir/initramfs.gz"
  rm -rf "$initramfs" "$qemu_dir/modules"
}

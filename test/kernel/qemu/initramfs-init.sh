#!/bin/sh
# First program of the QEMU guest: mounts the host's file system, which guest-init.sh then builds upon.
busybox=/bin/busybox
$busybox mount -t proc proc /proc
for module in /modules/*; do $busybox insmod "$module"; done
$busybox mount -t 9p -o ro,trans=virtio,version=9p2000.L,msize=524288,cache=loose root /root || exit 1
$busybox umount /proc
exec $busybox switch_root /root /bin/sh "$GUEST_INIT"

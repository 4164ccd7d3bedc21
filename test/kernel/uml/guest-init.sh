#!/bin/sh
# PID 1 of the guest. Root is the host's file system, read-only; the guest works on an overlay whose changes live in
# its memory, so nothing it does reaches the host. Only $GUEST_DIR is shared, read-write.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb

mount -t proc proc /proc
mount -t tmpfs -o size=80% layer /run
mkdir /run/upper /run/work /run/root
modprobe -d "$GUEST_KERNEL" overlay
mount -t overlay -o lowerdir=/,upperdir=/run/upper,workdir=/run/work overlay /run/root || exit 1

cd /run/root || exit 1
mkdir -p .host proc sys dev run tmp lib/modules
pivot_root . .host
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/shm /dev/pts
mount -t tmpfs shm /dev/shm
mount -t devpts devpts /dev/pts
ln -sfn /proc/self/fd /dev/fd
mount -t tmpfs -o mode=755 run /run
mkdir -p /run/netns /run/lock
mount --bind "$GUEST_KERNEL/lib/modules" /lib/modules
mount $GUEST_SHARE shared "$GUEST_DIR"
umount -l /.host
rmdir /.host

hostname guest
ulimit -n 65536
# IPVS refuses services before the namespace's loopback is up.
ip link set lo up
modprobe -a $GUEST_MODULES

perl "$GUEST_AGENT" 2>"$GUEST_DIR/agent.log"
# reboot(LINUX_REBOOT_CMD_POWER_OFF), as linux/reboot.h numbers it: there is no init system to ask.
exec perl -e 'syscall(169, 0xfee1dead, 672274793, 0x4321fedc, 0)'

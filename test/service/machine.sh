#!/bin/sh
# usage: machine.sh NAME ROOT NETNS PACKAGES
# Boots systemd on a copy-on-write view of ROOT, in the network namespace, with the directory PACKAGES at /packages. Prints the
# process id of its process 1, which is a way into it for nsenter(1). Ends with the machine, or takes its power away on SIGTERM,
# or when descriptor 3, if it is open, reads as ended: the machine must not outlive the test.
name=$1 root=$2 netns=$3 packages=$4

dir=/run/$name
mkdir -p "$dir"
# In memory, whatever file system this is on: an overlay cannot lie on an overlay.
mount -t tmpfs -o size=1500m machine "$dir"
mkdir "$dir/upper" "$dir/work" "$dir/root"
mount -t overlay -o "lowerdir=$root,upperdir=$dir/upper,workdir=$dir/work" overlay "$dir/root" || exit 1

# A control group of its own, in each hierarchy that a systemd may use, which is the root of those in the machine.
mountpoint -q /sys/fs/cgroup || mount -t cgroup2 cgroup2 /sys/fs/cgroup
cgroups=
for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/systemd; do
  [ -e "$hierarchy/cgroup.procs" ] || continue
  mkdir "$hierarchy/$name"
  cgroups="$cgroups $hierarchy/$name"
done

(
  # Of this subshell: $$ is the script's.
  self=$(exec sh -c 'echo $PPID')
  for cgroup in $cgroups; do echo "$self" >"$cgroup/cgroup.procs"; done
  # Its sysctls of the network are its own, as on any machine; nspawn would have them read-only.
  export SYSTEMD_NSPAWN_API_VFS_WRITABLE=network
  exec systemd-nspawn --quiet --directory "$dir/root" --machine "$name" --boot --register=no --keep-unit --console=pipe \
    --network-namespace-path="/run/netns/$netns" --capability=all --bind-ro="$packages:/packages"
) </dev/null >"$dir/console" 2>&1 3<&- &
nspawn=$!

power_off() {
  trap '' TERM
  [ -z "${watcher:-}" ] || kill -KILL "$watcher" 2>/dev/null
  [ -z "${leader:-}" ] || kill -KILL "$leader" 2>/dev/null
  kill -KILL "$nspawn" 2>/dev/null
  wait "$nspawn"
  umount -l "$dir/root" "$dir"
  rmdir "$dir"
  # What its processes leave is gone when the kernel has buried them.
  for _ in $(seq 200); do
    find $cgroups -depth -type d -exec rmdir {} + 2>/dev/null
    ls -d $cgroups >/dev/null 2>&1 || break
    sleep 0.05
  done
  exit 0
}
trap power_off TERM INT

if [ -e /proc/self/fd/3 ]; then
  watched=$$
  { read -r _; kill -TERM "$watched"; } <&3 >/dev/null 2>&1 &
  watcher=$!
fi

while kill -0 "$nspawn" 2>/dev/null; do
  leader=$(pgrep -P "$nspawn" | head -n 1)
  if [ -n "$leader" ] && nsenter -t "$leader" -a test -S /run/systemd/private 2>/dev/null; then break; fi
  sleep 0.05
done
[ -n "$leader" ] || { cat "$dir/console" >&2; power_off; }
echo "$leader"
wait "$nspawn"
cat "$dir/console" >&2
power_off

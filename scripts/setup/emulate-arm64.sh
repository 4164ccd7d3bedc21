#!/bin/sh
# usage: sh scripts/setup/emulate-arm64.sh COMMAND...
# Runs a command, as root, where programs for arm64 run, too, by qemu-user-static: in a user namespace with a binfmt_misc of its own
# (Linux 6.7), so that the machine itself learns nothing of it. Ids are there what they are here.
set -eu
gate=$(mktemp -u)
mkfifo "$gate"
# shellcheck disable=SC2016
inside='mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc
cat /usr/lib/binfmt.d/qemu-aarch64.conf >/proc/sys/fs/binfmt_misc/register
exec "$@"'
# shellcheck disable=SC2016
unshare --user sh -c 'read -r _ <"$0" && exec unshare --mount --pid --fork --kill-child --mount-proc sh -euc "$@"' \
  "$gate" "$inside" sh "$@" &
child=$!
while kill -0 "$child" 2>/dev/null && [ "$(readlink "/proc/$child/ns/user")" = "$(readlink /proc/self/ns/user)" ]; do
  sleep 0.05
done
for map in uid_map gid_map; do echo "0 0 4294967295" >"/proc/$child/$map"; done
echo >"$gate"
rm "$gate"
wait "$child"

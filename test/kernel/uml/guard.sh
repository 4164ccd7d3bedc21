#!/bin/sh
# usage: guard.sh SHARED_DIR COMMAND ARGUMENT...
# Runs the kernel by that command and leaves nothing behind, whoever ends first. Descriptor 3 is the kernel's serial
# line. Descriptor 4 is held open by the test process: it reads as ended when that process is gone, however it went.
# The many processes of the kernel share this script's process group.
shared_dir=${1:?}
shift
"$@" 4<&- &
kernel=$!
exec 3<&-
{
  read -r _ <&4
  rm -rf "$shared_dir"
  kill -KILL 0
} &
wait $kernel
echo "the kernel ended with status $?" >&2
kill -KILL 0

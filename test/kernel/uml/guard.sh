#!/bin/sh
# Runs the kernel given as arguments and leaves nothing behind, whoever ends first.
# Descriptor 3 is the kernel's serial line. Descriptor 4 is held open by the test process: it reads as ended when that
# process is gone, however it went. The kernel's many processes share this script's process group.
"$@" 4<&- &
kernel=$!
exec 3<&-
{
  read -r _ <&4
  kill -KILL 0
} &
wait $kernel
echo "the kernel ended with status $?" >&2
kill -KILL 0

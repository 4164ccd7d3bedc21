#!/bin/sh
# usage: memory.sh GROUP
# One line per process of a control group: PSS KiB, RSS KiB, title without options.
while read -r pid; do
  title=$(tr '\0' ' ' <"/proc/$pid/cmdline" | sed 's/ -.*//')
  awk -v title="$title" '/^Pss:/ { pss = $2 } /^Rss:/ { rss = $2 } END { print pss, rss, title }' "/proc/$pid/smaps_rollup"
done <"/run/cgroup/$1/cgroup.procs"

# Sourced by scripts/setup.sh: the programs that the tests run against and the addon is built with.

# What must be there, and the Debian package that has it.
test_programs='
modprobe kmod
busybox busybox-static
ip iproute2
nft nftables
perl perl-base
ps procps
ipvsadm ipvsadm
keepalived keepalived
tshark tshark
tcpdump tcpdump
/usr/lib/frr/vrrpd frr
nginx nginx-light
nsd nsd
curl curl
openssl openssl
promtool prometheus
groff groff-base
zsh zsh
fish fish
gcc gcc
make make
python3 python3
mmdebstrap mmdebstrap
systemd-nspawn systemd-container
/usr/lib/python3/dist-packages/aiosmtpd python3-aiosmtpd
/usr/include/linux/ip_vs.h linux-libc-dev
/usr/include/stdlib.h libc6-dev
/usr/lib/x86_64-linux-musl/libc.so musl-dev
'

# What only the long tests need.
long_test_programs='
chromium chromium
lintian lintian
man man-db
/usr/share/bash-completion/bash_completion bash-completion
'

# What runs programs for arm64, and says so to mmdebstrap.
arm64_programs='
qemu-aarch64-static qemu-user-static
/usr/lib/binfmt.d/qemu-aarch64.conf qemu-user-static
'

# install_debian_packages LIST: as root; otherwise says what is missing.
install_debian_packages() {
  missing=$(missing_packages "$1")
  [ -n "$missing" ] || return 0
  command -v apt-get >/dev/null ||
    fail "the tests need the programs of these Debian packages: $missing" "Install your distribution's equivalent, then run the command again."
  [ "$(id -u)" = 0 ] ||
    fail "the tests need programs that are not installed. As root, run:" "  apt-get install -y --no-install-recommends $missing"

  say "installing Debian packages: $missing ..."
  run_logged apt-update apt-get update || fail "apt-get update failed."
  without_starting_services run_logged apt-install \
    env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing ||
    fail "the packages could not be installed."
  still_missing=$(missing_packages "$1")
  [ -z "$still_missing" ] || fail "installed, and yet programs of these packages are missing: $still_missing"
}

missing_packages() {
  echo "$1" | while read -r program package; do
    case $program in
    '') continue ;;
    /*) [ -e "$program" ] || printf '%s ' "$package" ;;
    # System programs are often not on an ordinary user's PATH.
    *) (PATH="$PATH:/usr/sbin:/sbin" && command -v "$program" >/dev/null) || printf '%s ' "$package" ;;
    esac
  done
}

# Debian starts a service when its package is installed, and at every boot from then on. We want the program only.
without_starting_services() {
  policy=/usr/sbin/policy-rc.d
  own_policy=
  if [ ! -e "$policy" ]; then
    own_policy=1
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
  fi
  status=0
  "$@" || status=$?
  [ -z "$own_policy" ] || rm -f "$policy"
  if command -v systemctl >/dev/null; then
    for service in nginx keepalived frr nsd prometheus; do
      case " $missing " in *" $service"*) systemctl disable "$service" >/dev/null 2>&1 || true ;; esac
    done
  fi
  return $status
}

# fetch_package NAME DIR: downloads, without installing; no root needed if the package lists are there.
fetch_package() {
  mkdir -p "$log_dir"
  fetch_log=$PWD/$log_dir/apt-download.log
  if (cd "$2" && apt-get download "$1") >"$fetch_log" 2>&1; then return 0; fi
  # No package lists yet, or lists older than the archive.
  if [ "$(id -u)" = 0 ]; then
    run_logged apt-update apt-get update || return 1
    if (cd "$2" && apt-get download "$1") >"$fetch_log" 2>&1; then return 0; fi
  fi
  tail -n 5 "$fetch_log" | sed 's/^/  | /' >&2
  return 1
}

# Sourced by scripts/setup.sh: a Debian root file system that systemd boots, in which the tests install the .deb. It comes from
# where this machine's apt gets Debian, and stays below .cache/: the tests change copies of it.

systemd_root_dir=.cache/systemd-root
systemd_root_packages=systemd-sysv,dbus,iproute2,kmod,procps,nftables,ipvsadm,sudo
# Only for the long tests: the same with others that manage networks, clocks, profiles and the IPVS table. None of them is started.
managers_root_dir=.cache/managers-root
managers_root_packages=$systemd_root_packages,network-manager,chrony,apparmor,keepalived,iptables
managers_root_services='NetworkManager NetworkManager-wait-online chrony apparmor keepalived'

# Only for the long tests: Debian for arm64, its maintainer scripts run by an emulator, in which the .deb for arm64 is installed.
arm64_root_dir=.cache/arm64-root
arm64_root_packages=dpkg,libstdc++6,init-system-helpers,kmod

# Only as root, as those tests are. A machine where it cannot be made still runs all the others.
prepare_systemd_root() {
  prepare_debian_root "$systemd_root_dir" "$systemd_root_packages" "of the .deb"
}

prepare_managers_root() {
  prepare_debian_root "$managers_root_dir" "$managers_root_packages" "of lbctl doctor beside others" \
    --customize-hook="chroot \"\$1\" systemctl disable $managers_root_services"
}

prepare_arm64_root() {
  install_debian_packages "$arm64_programs"
  root_emulator="sh scripts/setup/emulate-arm64.sh" prepare_debian_root "$arm64_root_dir" "$arm64_root_packages" \
    "of the .deb for arm64" --mode=root --architectures=arm64 --skip=check/qemu,output/dev,output/mknod
}

# prepare_debian_root DIRECTORY PACKAGES WHAT-NEEDS-IT [option of mmdebstrap ...]
prepare_debian_root() {
  root_dir=$1 root_packages=$2 needed_by=$3
  shift 3
  [ "$(id -u)" = 0 ] || return 0
  [ "$(cat "$root_dir/ready" 2>/dev/null)" != "$root_packages" ] || return 0
  say "making a Debian root that systemd boots (half a minute the first time) ..."
  rm -rf "$root_dir"
  mkdir -p "$root_dir"
  if make_debian_root "$@"; then
    echo "$root_packages" >"$root_dir/ready"
  else
    say "without it the tests $needed_by fail."
  fi
}

# Of root_dir and root_packages; root_target: where it is to be, if not in "root" of that directory.
make_debian_root() {
  apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Identifier: Packages' 'Origin: Debian' |
    sort -u >"$root_dir/sources.list"
  # Proxies and the like, and no change of user for downloads: /dev/null may not be everybody's in a container.
  apt-config dump --format '%f "%v";%n' | grep -E '^Acquire::https?::' >"$root_dir/apt.conf" || true
  echo 'APT::Sandbox::User "root";' >>"$root_dir/apt.conf"
  run_logged "$(basename "$root_dir")" ${root_emulator:-} mmdebstrap --variant=apt --include="$root_packages" \
    --aptopt="$root_dir/apt.conf" "$@" bookworm "${root_target:-$root_dir/root}" "$root_dir/sources.list"
}

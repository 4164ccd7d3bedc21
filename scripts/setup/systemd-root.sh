# Sourced by scripts/setup.sh: a Debian root file system that systemd boots, in which the tests install the .deb. It comes from
# where this machine's apt gets Debian, and stays below .cache/: the tests change copies of it.

systemd_root_dir=.cache/systemd-root
systemd_root_packages=systemd-sysv,dbus,iproute2,kmod,procps,nftables,ipvsadm,sudo

# Only as root, as those tests are. A machine where it cannot be made still runs all the others.
prepare_systemd_root() {
  [ "$(id -u)" = 0 ] || return 0
  [ "$(cat "$systemd_root_dir/ready" 2>/dev/null)" != "$systemd_root_packages" ] || return 0
  say "making a Debian root that systemd boots (half a minute the first time) ..."
  rm -rf "$systemd_root_dir"
  mkdir -p "$systemd_root_dir"
  if make_systemd_root; then
    echo "$systemd_root_packages" >"$systemd_root_dir/ready"
  else
    say "without it the tests of the .deb fail."
  fi
}

make_systemd_root() {
  apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Identifier: Packages' 'Origin: Debian' |
    sort -u >"$systemd_root_dir/sources.list"
  # Proxies and the like, and no change of user for downloads: /dev/null may not be everybody's in a container.
  apt-config dump --format '%f "%v";%n' | grep -E '^Acquire::https?::' >"$systemd_root_dir/apt.conf" || true
  echo 'APT::Sandbox::User "root";' >>"$systemd_root_dir/apt.conf"
  run_logged systemd-root mmdebstrap --variant=apt --include="$systemd_root_packages" \
    --aptopt="$systemd_root_dir/apt.conf" bookworm "$systemd_root_dir/root" "$systemd_root_dir/sources.list"
}

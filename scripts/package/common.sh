# Sourced by scripts/package.sh and the scripts of the artefacts, which it runs: what they agree on.
#   $out: what is delivered, as an absolute path.   $work: what artefacts are made of; each has a folder of its own there.
#   $version: of package.json.   SOURCE_DATE_EPOCH: the time that every file in an artefact carries.
#   $program: lbctl as JavaScript with its packages, for any architecture, both addons in it (program-tree.ts).

out=${LBCTL_PACKAGE_OUT:-$PWD/dist}
work=$out/.work
program=$work/program
package_log=.cache/log/package.log
version=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' package.json)

say() {
  printf 'package: %s\n' "$*" >&2
}

fail() {
  printf 'package: %s\n' "$@" >&2
  exit 1
}

# quietly COMMAND...: the output is shown when it fails.
quietly() {
  mkdir -p "$(dirname "$package_log")"
  if "$@" >"$package_log" 2>&1 </dev/null; then return 0; fi
  tail -n 20 "$package_log" | sed 's/^/  | /' >&2
  fail "failed: $*"
}

# need PROGRAM-OR-FILE DEBIAN-PACKAGE: installs what is missing when we are root, otherwise names it.
need() {
  [ ! -e "$1" ] || return 0
  (PATH="$PATH:/usr/sbin:/sbin" && command -v "$1" >/dev/null) && return 0
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null ||
    fail "$1 is missing. On Debian: apt-get install -y --no-install-recommends $2"
  say "installing $2"
  if apt-get install -y --no-install-recommends "$2" >/dev/null 2>&1 </dev/null; then return 0; fi
  quietly apt-get update
  quietly apt-get install -y --no-install-recommends "$2"
}

# Names of an architecture: Node's are ours.
debian_arch() {
  case $1 in x64) echo amd64 ;; arm64) echo arm64 ;; esac
}
gnu_machine() {
  case $1 in x64) echo x86_64 ;; arm64) echo aarch64 ;; esac
}
archive_name() {
  echo "lbctl-$version-linux-$(debian_arch "$1")"
}
architectures=${LBCTL_PACKAGE_ARCHITECTURES:-x64 arm64}

# What can be made for these architectures: an image is for this machine's own.
every_part() {
  echo npm archive deb
  case "$(uname -m) $architectures " in
  x86_64\ *x64\ * | aarch64\ *arm64\ *) echo image ;;
  esac
}

# normalise TREE: modes and times as every build has them, whatever the umask and the clock were.
normalise() {
  chmod -R u=rwX,go=rX "$1"
  find "$1" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
}

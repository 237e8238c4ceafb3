# A Debian trixie with OpenSSL 3.5, for machines whose own is older. Sourced after lib.sh, not run: . "$(dirname "$0")/debian.sh"
#
#   need_debian       makes sure that the root is there; where it cannot be, calls no_debian REASON, which whoever sources
#                     this defines and which ends the script
#   in_debian CMD…    runs CMD there
#
# The root is made once by debootstrap, which checks Debian's signatures with the keys in debian-archive-keyring, and is kept in
# ${XDG_CACHE_HOME:-~/.cache}/ronkms/trixie (220 MB; remove it to have it made anew). Nothing of it is changed by a run: the root,
# the SDK and this repository are mounted into it read-only, in a mount namespace that ends with the run however that ends.
# Needs root, the right to mount, debootstrap, and once the network.

suite=trixie
packages=openssl,libsodium23,libstdc++6
mirror=http://deb.debian.org/debian
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
cache=${XDG_CACHE_HOME:-$HOME/.cache}/ronkms
debian=$cache/$suite
recipe="$suite $packages 1"
need_debootstrap() {
  export PATH="$PATH:/usr/sbin:/sbin"
  if ! command -v debootstrap >/dev/null && command -v apt-get >/dev/null; then
    say "debootstrap is missing; installing it with apt-get"
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends debootstrap debian-archive-keyring; } >&2 || true
  fi
  command -v debootstrap >/dev/null || no_debian "debootstrap is missing and could not be installed"
  [ -e "$keyring" ] || no_debian "Debian's keys are missing: $keyring (package debian-archive-keyring)"
}

# Makes the root beside its place and moves it there when it is whole. In a mount namespace: debootstrap mounts /proc.
make_debian() {
  local new
  rm -rf --one-file-system "$cache/$suite".new.*
  new=$(mktemp -d "$cache/$suite.new.XXXXXX")
  say "making a Debian $suite in $debian"
  if ! unshare --mount timeout 1200 debootstrap --variant=minbase --force-check-gpg --keyring="$keyring" --include="$packages" \
    "$suite" "$new" "$mirror" >"$cache/$suite.log" 2>&1; then
    rm -rf --one-file-system "$new"
    ! grep -qiE 'invalid (Release )?signature|unknown key|NO_PUBKEY|BADSIG|was corrupt' "$cache/$suite.log" || fail "what debootstrap fetched is not Debian's ($cache/$suite.log)"
    no_debian "debootstrap could not make a Debian $suite: $(tail -n 1 "$cache/$suite.log") (all of it: $cache/$suite.log)"
  fi
  rm -rf "$new"/var/cache/apt/archives/*.deb
  mkdir -p "$new/opt/dotnet" "$new/ronkms/main" "$new/ronkms/shared/vectors"
  chmod 755 "$new"
  printf '%s\n' "$recipe" >"$new/ronkms/recipe"
  rm -rf --one-file-system "$debian"
  mv -T "$new" "$debian"
}

is_made() { [ "$(cat "$debian/ronkms/recipe" 2>/dev/null)" = "$recipe" ]; }

# in_debian CMD…: runs it there, with /ronkms/main, /ronkms/shared/vectors and /opt/dotnet, and a /tmp of its own.
in_debian() {
  local dotnet_root
  dotnet_root=$(dirname "$(dirname "$(dotnet --list-runtimes | sed -n 's/^Microsoft\.NETCore\.App 10\..*\[\(.*\)\]$/\1/p' | tail -n 1)")")
  # shellcheck disable=SC2016
  unshare --mount --pid --fork --kill-child --propagation private bash -euc '
    debian=$1 root=$2 dotnet=$3
    shift 3
    read_only() { mount --bind "$1" "$2" && mount -o remount,bind,ro "$2"; }
    read_only "$debian" "$debian"
    read_only "$root" "$debian/ronkms/main"
    if [ -d "$root/../shared/vectors" ]; then read_only "$root/../shared/vectors" "$debian/ronkms/shared/vectors"; fi
    read_only "$dotnet" "$debian/opt/dotnet"
    mount -t proc proc "$debian/proc"
    mount -t tmpfs -o mode=1777 tmpfs "$debian/tmp"
    exec chroot "$debian" env -i PATH=/usr/bin:/bin:/opt/dotnet DOTNET_ROOT=/opt/dotnet HOME=/tmp LC_ALL=C.UTF-8 "$@"
  ' bash "$debian" "$root" "$dotnet_root" "$@" </dev/null
}

need_debian() {
  [ "$(uname -s)" = Linux ] || no_debian "this is not Linux"
  [ "$(id -u)" = 0 ] || no_debian "making and entering a Debian root needs root"
  unshare --mount --pid --fork true 2>/dev/null || no_debian "this process may not mount, and .NET needs /proc in the root"

  mkdir -p "$cache"
  exec 9>"$cache/$suite.lock"
  flock 9
  is_made || { need_debootstrap && make_debian; }
  flock -u 9
}

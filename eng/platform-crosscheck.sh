#!/usr/bin/env bash
# Checks the post-quantum algorithms of the platform (.NET's own classes over OpenSSL 3.5) against the managed ones, both ways,
# and against the openssl command, in a Debian trixie of their own. For machines whose OpenSSL is older; any machine will do.
#
#   eng/platform-crosscheck.sh [short|whole] [--no-build]
#
# short (the default) takes two minutes. whole makes 500 random rounds of what short makes 20 of, and runs the rest of the
# post-quantum tests there too. --no-build tests what was built last, in Release.
#
# The root is made once by debootstrap, which checks Debian's signatures with the keys in debian-archive-keyring, and is kept in
# ${XDG_CACHE_HOME:-~/.cache}/ronkms/trixie (220 MB; remove it to have it made anew). Nothing of it is changed by a run: the root,
# the SDK and this repository are mounted into it read-only, in a mount namespace that ends with the run however that ends.
#
# Fails where a test fails, where one of the cross-check is skipped, and where none ran. Where it cannot run at all (it needs root,
# the right to mount, debootstrap, and once the network) it says so, in a line of its own, and does not fail.
# Ends with: platform cross-check: N passed, N failed, N skipped
set -euo pipefail
. "$(dirname "$0")/lib.sh"

suite=trixie
packages=openssl,libsodium23,libstdc++6
mirror=http://deb.debian.org/debian
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
cache=${XDG_CACHE_HOME:-$HOME/.cache}/ronkms
debian=$cache/$suite
recipe="$suite $packages 1"
project=tests/RonKms.PostQuantum.Tests

not_run() {
  echo "platform cross-check: NOT RUN: $*"
  exit 0
}

form=short
case ${1:-} in short | whole) form=$1 && shift ;; esac
no_build=false
[ "${1:-}" != --no-build ] || { no_build=true && shift; }
[ $# -eq 0 ] || fail "usage: eng/platform-crosscheck.sh [short|whole] [--no-build]"

need_debootstrap() {
  export PATH="$PATH:/usr/sbin:/sbin"
  if ! command -v debootstrap >/dev/null && command -v apt-get >/dev/null; then
    say "debootstrap is missing; installing it with apt-get"
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends debootstrap debian-archive-keyring; } >&2 || true
  fi
  command -v debootstrap >/dev/null || not_run "debootstrap is missing and could not be installed"
  [ -e "$keyring" ] || not_run "Debian's keys are missing: $keyring (package debian-archive-keyring)"
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
    not_run "debootstrap could not make a Debian $suite: $(tail -n 1 "$cache/$suite.log") (all of it: $cache/$suite.log)"
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

# run_tests ARGUMENTS…: sets passed, failed and skipped from the runner's own summary, and code.
run_tests() {
  local log=$root/artifacts/platform-crosscheck.log summary
  mkdir -p "$root/artifacts"
  code=0
  in_debian RONKMS_TEST_PROVIDER=platform RONKMS_CROSSCHECK="$form" \
    dotnet "/ronkms/main/$project/bin/Release/net10.0/RonKms.PostQuantum.Tests.dll" -noLogo -noColor "$@" 2>&1 | tee "$log" || code=$?
  summary=$(grep -E 'Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+, Skipped: [0-9]+, Not Run: [0-9]+' "$log" | tail -n 1 || true)
  count() { printf '%s' "$summary" | { grep -oE "$1: [0-9]+" || echo 0; } | grep -oE '[0-9]+$'; }
  failed=$(($(count Errors) + $(count Failed)))
  skipped=$(count Skipped)
  passed=$(($(count Total) - failed - skipped - $(count 'Not Run')))
}

[ "$(uname -s)" = Linux ] || not_run "this is not Linux"
[ "$(id -u)" = 0 ] || not_run "making and entering a Debian root needs root"
unshare --mount --pid --fork true 2>/dev/null || not_run "this process may not mount, and .NET needs /proc in the root"

mkdir -p "$cache"
exec 9>"$cache/$suite.lock"
flock 9
is_made || { need_debootstrap && make_debian; }
flock -u 9

need_dotnet
cd "$root"
$no_build || build "$project" -restore
dotnet_root=$(dirname "$(dirname "$(dotnet --list-runtimes | sed -n 's/^Microsoft\.NETCore\.App 10\..*\[\(.*\)\]$/\1/p' | tail -n 1)")")

in_debian openssl version
# The cross-check, and the contracts and keystore tests with the platform's algorithms in them.
run_tests -filter '/*/RonKms.PostQuantum.Tests.CrossCheck' -filter '/*/*/*Algorithms+*' -filter '/*/*/*KeystoreTests' \
  -filter '/*/*/PostQuantumProviderTests'
result="platform cross-check: $passed passed, $failed failed, $skipped skipped"

verdict=0
if [ "$passed" -eq 0 ]; then
  say "error: no test of the cross-check ran"
  verdict=1
elif [ "$skipped" -gt 0 ]; then
  say "error: tests of the cross-check were skipped, above with their reasons; in the root none may be"
  verdict=1
elif [ "$failed" -gt 0 ] || [ "$code" -ne 0 ]; then
  say "error: the cross-check failed (the tests ended with $code)"
  verdict=1
fi

if [ "$form" = whole ]; then
  # Skips are expected here: those that say what happens without a platform.
  run_tests
  echo "all post-quantum tests in the root: $passed passed, $failed failed, $skipped skipped"
  [ "$passed" -gt 0 ] && [ "$failed" -eq 0 ] && [ "$code" -eq 0 ] || verdict=1
fi

echo "$result"
exit "$verdict"

#!/usr/bin/env bash
# Kills a process that changes a file store, over and over, and checks after each kill what it left.
# Ends with the plain line "N kills, 0 lost, 0 half-done, 0 broken chains"; docs/durability.md says what each means.
#
#   eng/crash.sh KILLS                 with a seed of chance, which is printed first
#   eng/crash.sh KILLS --seed N        with the same choices as a run that printed it
#   eng/crash.sh --no-build …          (first) with what was built last, in Release
#   eng/crash.sh --help                prints this
#
# Stores take turns, each without an anchor and with one, on the disk (TMPDIR) and in memory (/dev/shm, where there is one): a flush that
# takes no time lets the kill fall elsewhere. Exit codes: 0 nothing found, 1 something was found or the run failed (the stores are kept), 2 wrong usage.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

usage() {
  usage_of "$0" >&2
  exit 2
}

if [ "$*" = --help ]; then
  usage_of "$0"
  exit
fi

build=yes
if [ "${1:-}" = --no-build ]; then
  build=no
  shift
fi
seed=$RANDOM
case $# in
  1) ;;
  3) [ "$2" = --seed ] || usage; seed=$3 ;;
  *) usage ;;
esac
[[ $1 =~ ^[1-9][0-9]{0,6}$ && $seed =~ ^[0-9]{1,9}$ ]] || usage

need_all
cd "$root"
[ "$build" = no ] || build tests/RonKms.CrashProbe/RonKms.CrashProbe.csproj -restore >&2

directories=("$(mktemp -d)")
[ ! -w /dev/shm ] || directories+=("$(mktemp -d -p /dev/shm)")
stores=("${directories[@]/%//plain}")
for directory in "${directories[@]}"; do stores+=("anchored:$directory/anchored"); done

code=0
dotnet tests/RonKms.CrashProbe/bin/Release/net10.0/RonKms.CrashProbe.dll drive "$1" "$seed" "${stores[@]}" </dev/null || code=$?
if [ "$code" -eq 0 ]; then
  rm -rf "${directories[@]}"
else
  say "the stores are kept in ${directories[*]}"
fi
exit "$code"

#!/usr/bin/env bash
# Measures. Needs a quiet machine to be worth anything.
#
#   eng/bench.sh GROUP            the tables that people read (BenchmarkDotNet)
#   eng/bench.sh --check GROUP    one line a figure, "name value limit ok|short"; exit 0 only when all are ok
#   eng/bench.sh --timing         statistical timing tests of secrets, "name largest-|t| measurements"; exit 0 only when no times differ
#
# Exit codes: 0 all ok, 1 a figure is short or the run failed, 2 wrong usage.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

groups="core pq store"

usage() {
  say "usage: eng/bench.sh [--check] GROUP | --timing"
  say "groups: $groups"
  exit 2
}

if [ "$*" = --timing ]; then
  need_all
  cd "$root"
  exec dotnet run -c Release --project benches/RonKms.Benchmarks -- timing
fi

verb=table
if [ "${1:-}" = --check ]; then
  verb=check
  shift
fi
[ $# -eq 1 ] || usage
case " $groups " in
  *" $1 "*) ;;
  *)
    say "error: there is no group '$1'"
    usage
    ;;
esac

need_all
cd "$root"
exec dotnet run -c Release --project benches/RonKms.Benchmarks -- "$verb" "$1"

#!/usr/bin/env bash
# Measures. Needs a quiet machine to be worth anything.
#
#   eng/bench.sh GROUP            the tables that people read (BenchmarkDotNet)
#   eng/bench.sh --check GROUP    one line a figure, "name value limit ok|short"; exit 0 only when all are ok
#   eng/bench.sh --timing         statistical timing tests of secrets, "name largest-|t| measurements"; exit 0 only when no times differ
#   eng/bench.sh --help           prints this
#
# GROUP is core (keys, signatures, envelopes in memory), pq (post-quantum algorithms), store (stores on a disk) or harness (requests over HTTP).
#
# --check pq compares with OpenSSL 3.5 through .NET, in one run with it: in the Debian trixie of eng/debian.sh. Where that cannot be made
# the figures without a reference are measured all the same, and it ends with the line "no reference" and exit code 2.
#
# Exit codes: 0 all ok, 1 a figure is short or the run failed, 2 wrong usage, or no reference.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/debian.sh"

groups="core pq store harness"

usage() {
  usage_of "$0" >&2
  exit 2
}

if [ "$*" = --help ]; then
  usage_of "$0"
  exit
fi

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

project=benches/RonKms.Benchmarks
not_run() {
  say "no Debian root: $*"
  exec dotnet "$project/bin/Release/net10.0/RonKms.Benchmarks.dll" check pq
}

need_all
cd "$root"
if [ "$verb $1" = "check pq" ]; then
  build "$project" -restore
  need_debian
  in_debian dotnet "/ronkms/main/$project/bin/Release/net10.0/RonKms.Benchmarks.dll" check pq
  exit
fi

exec dotnet run -c Release --project "$project" -- "$verb" "$1"

#!/usr/bin/env bash
# Loads a harness from a second process, signing, verifying and rotating in a fixed mix, and watches it. Prints p50, p95 and p99 of each,
# memory and handles, and ends with "soak: N min, N requests a second, N errors, memory RATIO: ok". It fails on any error, where memory in the
# last minute is more than 1.1 of that in the second, and where handles grew. (Of a run of less than three minutes, sixths are compared.)
#
#   eng/soak.sh                    one minute
#   eng/soak.sh MINUTES
#   eng/soak.sh --no-build …       (first) with what was built last, in Release
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/harness-lib.sh"

with_build=yes
if [ "${1:-}" = --no-build ]; then
  with_build=no
  shift
fi
minutes=${1:-1}
if [ $# -gt 1 ] || ! [[ $minutes =~ ^[0-9]{1,4}(\.[0-9]+)?$ ]]; then
  usage_of "$0" >&2
  exit 2
fi

need_all
if [ "$with_build" = yes ]; then
  for project in RonKms.DevServer RonKms.Soak; do
    build "$root/tests/$project/$project.csproj" -restore >&2
  done
fi

work=$root/artifacts/soak
mkdir -p "$work"
start_harness "$work"
code=0
KMS=$harness_capability dotnet "$root/tests/RonKms.Soak/bin/Release/net10.0/RonKms.Soak.dll" "$minutes" "$harness_address" "$harness_pid" || code=$?
stop_harness
exit "$code"

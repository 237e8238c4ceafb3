#!/usr/bin/env bash
# What takes too long for .ci/run. A failed stage does not stop the others; the last line names those that failed.
# A new long run is one more line at the end.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

cd "$root"
failed=()

# long NAME CMD…: a stage that may fail without ending the night. Not `stage … ||`: there -e would be off within.
long() {
  local code=0
  set +e
  (set -e; stage "$@")
  code=$?
  set -e
  [ "$code" -eq 0 ] || failed+=("$1")
}

# explicit PROJECT METHOD: an explicit test, which the ordinary run leaves out. Without its vectors it says so and is skipped.
explicit() {
  local output
  output=$(dotnet "tests/$1/bin/Release/net10.0/$1.dll" -noLogo -noColor -explicit only -method "$2") || true
  printf '%s\n' "$output"
  grep -qE 'Total: [1-9][0-9]*, Errors: 0, Failed: 0, .*Not Run: 0,' <<<"$output" || fail "$2 failed, or there is no such explicit test"
}

stage needs need_all
stage build build RonKms.sln -restore

long tests ./eng/test.sh --no-build
long widths ./eng/widths.sh whole --no-build
long platform-crosscheck ./eng/platform-crosscheck.sh whole --no-build
long slh-dsa-small-sets explicit RonKms.PostQuantum.Tests RonKms.PostQuantum.Tests.SlhDsa.AcvpTests.SigGenOfTheSmallSets
long x25519-a-million-times explicit RonKms.Tests RonKms.Tests.Algorithms.X25519Tests.Rfc7748IteratedAMillionTimes
long crash ./eng/crash.sh --no-build 500
long bench-store ./eng/bench.sh --check store
long model ./eng/model.sh
long mutants ./eng/mutants.sh --no-build 78
long fuzz ./eng/fuzz.sh --no-build --all 120
long soak ./eng/soak.sh --no-build 10
long bench-harness ./eng/bench.sh --check harness
long power-cuts explicit RonKms.Tests RonKms.Tests.Durability.KeystorePowerCutTests.What_was_acknowledged_survives_many_power_cuts
long power-cuts-after-kills explicit RonKms.Tests RonKms.Tests.Durability.KeystorePowerCutTests.What_was_acknowledged_survives_many_power_cuts_after_many_kills

if [ ${#failed[@]} -gt 0 ]; then
  printf '\nnightly: FAILED after %d s: %s\n' "$SECONDS" "${failed[*]}"
  exit 1
fi
printf '\nnightly: all stages passed in %d s\n' "$SECONDS"

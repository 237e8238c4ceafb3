#!/usr/bin/env bash
# Runs the post-quantum tests at each width of vectors that the managed algorithms have kernels for, narrower than the processor's own:
# four lanes (AVX2), two (any vectors), one (none). Known answers and comparisons with the portable forms among them.
#
#   eng/widths.sh [short|whole] [--no-build]
#
# short (the default) leaves the signatures of SLH-DSA to the test run and to whole, which runs everything. --no-build tests what was built last, in Release.
# RONKMS_TEST_OUTPUT=Coverage takes the copy that eng/coverage.sh made. Ends with: widths: N passed, N failed
set -euo pipefail
. "$(dirname "$0")/lib.sh"

project=tests/RonKms.PostQuantum.Tests
form=short
case ${1:-} in short | whole) form=$1 && shift ;; esac
no_build=false
[ "${1:-}" != --no-build ] || { no_build=true && shift; }
[ $# -eq 0 ] || fail "usage: eng/widths.sh [short|whole] [--no-build]"

need_all
cd "$root"
$no_build || build "$project" -restore

tests=$project/bin/${RONKMS_TEST_OUTPUT:-Release}/net10.0/RonKms.PostQuantum.Tests.dll
# Whole has the tests that the ordinary run leaves out too.
chosen=(-explicit on)
if [ "$form" = short ]; then
  filters=('/*/RonKms.PostQuantum.Tests.'{Keccak,Sha2,MLKem,MLDsa} '/*/RonKms.PostQuantum.Tests.SlhDsa/'{WotsTests,TreeHashTests,DestinationTests})
  need_tests "$tests" "${filters[@]}"
  chosen=()
  for filter in "${filters[@]}"; do chosen+=(-filter "$filter"); done
fi

passed=0 failed=0 code=0 unexpected=0
# run LANES VARIABLE: the tests, of which one makes sure that there are no more lanes than these.
run() {
  local output summary reason
  say "at most $1 lanes of 64 bits ($2=0)"
  output=$(env RONKMS_TEST_LANES="$1" "$2=0" dotnet "$tests" -noLogo -noColor "${chosen[@]}" 2>&1) || code=1
  summary=$(grep -E 'Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+, Skipped: [0-9]+, Not Run: [0-9]+' <<<"$output" | tail -n 1 || true)
  count() { { grep -oE "$1: [0-9]+" <<<"$summary" || echo 0; } | grep -oE '[0-9]+$'; }
  local bad=$(($(count Errors) + $(count Failed)))
  local good=$(($(count Total) - bad - $(count Skipped) - $(count 'Not Run')))
  [ "$bad" -eq 0 ] || printf '%s\n' "$output"
  failed=$((failed + bad))
  passed=$((passed + good))
  while IFS= read -r reason; do
    # What is switched off here is why it runs.
    [[ $reason == "the processor has no "* ]] || may_be_skipped "$reason" || { say "skipped: $reason" && note_not_run "a test with $2=0" "$reason" && unexpected=$((unexpected + 1)); }
  done < <(sed -nE '/ \[SKIP\]$/ { n; s/^ *((skipped|not run): *)?//p }' <<<"$output")
  [ $((good + bad)) -gt 0 ] || { printf '%s\n' "$output" && fail "no test ran with $2=0"; }
}

# The runtime of .NET 10 has one switch for all of AVX-512.
run 4 DOTNET_EnableAVX512
run 2 DOTNET_EnableAVX2
run 1 DOTNET_EnableHWIntrinsic

echo "widths: $passed passed, $failed failed"
if is_strict && [ "$unexpected" -gt 0 ]; then fail "$unexpected tests were skipped for reasons that eng/allowed-skips.txt does not have"; fi
[ "$failed" -eq 0 ] && [ "$code" -eq 0 ]

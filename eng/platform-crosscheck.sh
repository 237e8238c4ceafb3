#!/usr/bin/env bash
# Checks the post-quantum algorithms of the platform (.NET's own classes over OpenSSL 3.5) against the managed ones, both ways,
# and against the openssl command, in the Debian trixie of eng/debian.sh. For machines whose OpenSSL is older; any machine will do.
#
#   eng/platform-crosscheck.sh [short|whole] [--no-build]
#
# short (the default) takes two minutes. whole makes 500 random rounds of what short makes 20 of, and runs the rest of the
# post-quantum tests there too. --no-build tests what was built last, in Release.
#
# Fails where a test fails, where one of the cross-check is skipped, and where none ran. Where it cannot run at all (it needs root,
# the right to mount, debootstrap, and once the network) it says so, in a line of its own, and fails under RONKMS_STRICT=1 alone.
# Ends with: platform cross-check: N passed, N failed, N skipped
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/debian.sh"

project=tests/RonKms.PostQuantum.Tests
tests=$project/bin/Release/net10.0/RonKms.PostQuantum.Tests.dll
# The cross-check, and the contracts and keystore tests with the platform's algorithms in them.
filters=('/*/RonKms.PostQuantum.Tests.CrossCheck' '/*/*/*Algorithms+*' '/*/*/*KeystoreTests' '/*/*/PostQuantumProviderTests' '/*/*/*OwnVectorTests' '/*/*/XWingVectorTests')

no_debian() { not_run "platform cross-check" "$*"; }

form=short
case ${1:-} in short | whole) form=$1 && shift ;; esac
no_build=false
[ "${1:-}" != --no-build ] || { no_build=true && shift; }
[ $# -eq 0 ] || fail "usage: eng/platform-crosscheck.sh [short|whole] [--no-build]"

# run_tests ARGUMENTS…: sets passed, failed and skipped from the runner's own summary, and code.
run_tests() {
  local log=$root/artifacts/platform-crosscheck.log summary
  mkdir -p "$root/artifacts"
  code=0
  in_debian RONKMS_TEST_PROVIDER=platform RONKMS_CROSSCHECK="$form" \
    dotnet "/ronkms/main/$tests" -noLogo -noColor "$@" 2>&1 | tee "$log" || code=$?
  summary=$(grep -E 'Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+, Skipped: [0-9]+, Not Run: [0-9]+' "$log" | tail -n 1 || true)
  count() { printf '%s' "$summary" | { grep -oE "$1: [0-9]+" || echo 0; } | grep -oE '[0-9]+$'; }
  failed=$(($(count Errors) + $(count Failed)))
  skipped=$(count Skipped)
  passed=$(($(count Total) - failed - skipped - $(count 'Not Run')))
}

need_debian

need_dotnet
cd "$root"
$no_build || build "$project" -restore

need_tests "$tests" "${filters[@]}"

in_debian openssl version
chosen=()
for filter in "${filters[@]}"; do chosen+=(-filter "$filter"); done
run_tests "${chosen[@]}"
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

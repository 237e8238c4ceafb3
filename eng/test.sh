#!/usr/bin/env bash
# Builds everything and runs every test. Ends with the plain line "N passed, N failed".
#
#   eng/test.sh                           all tests
#   eng/test.sh --filter Name~Journal     arguments go to `dotnet test`
#   eng/test.sh --no-build                what was built last, in Release
set -euo pipefail
. "$(dirname "$0")/lib.sh"

need_all
cd "$root"

case " $* " in
  *" --no-build "*) ;;
  *) dotnet build RonKms.sln -c Release -v quiet ;;
esac

log=$(mktemp)
trap 'rm -f "$log"' EXIT

code=0
dotnet test RonKms.sln -c Release --no-build "$@" </dev/null 2>&1 | tee "$log" || code=$?

# Each project closes with: Passed!  - Failed:     0, Passed:     4, Skipped:     1, Total:     5, …
total() { # total FIELD: its sum over the projects
  { grep -E '^[A-Z][a-z]+! +- Failed:' "$log" || true; } |
    { grep -oE "$1: +[0-9]+" || true; } | awk '{ n += $2 } END { print n + 0 }'
}
passed=$(total Passed) failed=$(total Failed) skipped=$(total Skipped)

if [ $((passed + failed)) -eq 0 ]; then
  say "error: no test ran"
  [ "$code" -ne 0 ] || code=1
elif [ "$failed" -eq 0 ] && [ "$code" -ne 0 ]; then
  say "error: a test run was cut short (dotnet test ended with $code)"
elif [ "$failed" -ne 0 ] && [ "$code" -eq 0 ]; then
  code=1
fi

if [ "$skipped" -gt 0 ]; then
  echo "$passed passed, $failed failed, $skipped skipped"
else
  echo "$passed passed, $failed failed"
fi
exit "$code"

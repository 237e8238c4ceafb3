#!/usr/bin/env bash
# Builds everything and runs every test. Ends with the plain line "N passed, N failed".
#
#   eng/test.sh                           all tests
#   eng/test.sh --filter Name~Journal     arguments go to `dotnet test`
#   eng/test.sh --no-build …              (first) tests what was built last, in Release
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/nss.sh"

need_all
want_softhsm
want_nss
cd "$root"

if [ "${1:-}" = --no-build ]; then
  shift
else
  say "building…"
  build RonKms.sln -restore
fi

results=$root/artifacts/test-results
log=$results/log
rm -rf "$results"
mkdir -p "$results"

# The SDK leaves empty directories behind in the temporary directory. (Sticky and open: some tests run as a user without rights.)
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
chmod 1777 "$temporary"

# What the runner says of files and of each skipped test is in the log alone; the reasons come below, one line each.
worth_reading() { grep --line-buffered -vE '^$|^Test run for |^A total of |^Results File: |^ +Skipped |\[SKIP\]$' || true; }

say "testing; everything is written to ${log#"$root/"}"
code=0
TMPDIR=$temporary MSBUILDDISABLENODEREUSE=1 dotnet test RonKms.sln -c Release --no-build --logger trx --results-directory "$results" "$@" </dev/null 2>&1 |
  tee "$log" | worth_reading || code=$?

# Each project closes with: Passed!  - Failed:     0, Passed:     4, Skipped:     1, Total:     5, …
total() { # total FIELD: its sum over the projects
  { grep -E '^[A-Z][a-z]+! +- Failed:' "$log" || true; } |
    { grep -oE "$1: +[0-9]+" || true; } | awk '{ n += $2 } END { print n + 0 }'
}
passed=$(total Passed) failed=$(total Failed) skipped=$(total Skipped)

# Why tests were skipped, from the result files: one line a reason.
awk '
  /<UnitTestResult / { skipped = /outcome="NotExecuted"/ }
  skipped && sub(/.*<Message>/, "") {
    sub(/<\/Message>.*/, "")
    sub(/^(skipped|not run): */, "")
    count[$0]++
    skipped = 0
  }
  END { for (reason in count) print "skipped: " reason " (" count[reason] (count[reason] == 1 ? " test)" : " tests)") }
' /dev/null "$results"/*.trx 2>/dev/null || true

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

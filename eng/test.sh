#!/usr/bin/env bash
# Builds everything and runs every test. Ends with the plain line "N passed, N failed", and before it a line for each reason why tests were skipped.
# Fails where a test fails, where a project has no test that ran (unless a filter chose), and under RONKMS_STRICT=1 where a test was skipped
# for a reason that is not in eng/allowed-skips.txt.
#
#   eng/test.sh                           all tests
#   eng/test.sh --filter FullyQualifiedName~Journal     arguments go to `dotnet test`
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

# Why tests were skipped, from the result files: one line a reason, "COUNT REASON".
awk '
  /<UnitTestResult / { skipped = /outcome="NotExecuted"/ }
  skipped && sub(/.*<Message>/, "") {
    sub(/<\/Message>.*/, "")
    sub(/^(skipped|not run): */, "")
    count[$0]++
    skipped = 0
  }
  END { for (reason in count) print count[reason] " " reason }
' /dev/null "$results"/*.trx 2>/dev/null | sort -k 2 >"$results/skips" || true

wrong=no
complain() { say "error: $*" && wrong=yes; }

explained=0 unexpected=0
while read -r count reason; do
  explained=$((explained + count))
  echo "skipped: $reason ($count $([ "$count" -eq 1 ] && echo test || echo tests))"
  may_be_skipped "$reason" || {
    unexpected=$((unexpected + count))
    note_not_run "$count of the tests" "$reason"
  }
done <"$results/skips"
# Nor may one be whose reason cannot be read.
[ "$skipped" -le "$explained" ] || unexpected=$((unexpected + skipped - explained))
[ "$unexpected" -eq 0 ] || ! is_strict || complain "$unexpected tests were skipped for reasons that eng/allowed-skips.txt does not have"

if [ $((passed + failed)) -eq 0 ]; then
  complain "no test ran"
elif [ "$failed" -eq 0 ] && [ "$code" -ne 0 ]; then
  complain "a test run was cut short (dotnet test ended with $code)"
fi
case " $*" in
  *" --filter"*) ;;
  *)
    for project in tests/*.Tests/*.csproj; do
      project=$(basename "$project" .csproj)
      grep -qE "^[A-Z][a-z]+! +- .*(Failed|Passed): +[1-9].* - $project\.dll " "$log" || complain "no test of $project ran"
    done
    ;;
esac
if [ "$code" -eq 0 ] && { [ "$failed" -ne 0 ] || [ $wrong = yes ]; }; then code=1; fi

if [ "$skipped" -gt 0 ]; then
  echo "$passed passed, $failed failed, $skipped skipped"
else
  echo "$passed passed, $failed failed"
fi
exit "$code"

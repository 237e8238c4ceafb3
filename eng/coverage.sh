#!/usr/bin/env bash
# Line and branch coverage of the library. The tests run on a copy of it that notes what of it ran, in every process that loads it.
#
#   eng/coverage.sh [--no-build]       every test, the post-quantum tests at each width too, then the report
#   eng/coverage.sh [--no-build] test  begins anew and runs every test; ends with eng/test.sh's line "N passed, N failed"
#   eng/coverage.sh report             what ran since: a line a package, one for each file below 95 % of its lines, the totals
#
# Fails where a file that holds, seals, signs or stores keys has less than 95 % of its lines run, without what eng/coverage-exceptions.txt excepts.
# On a machine where fewer tests run, or other code, it says so and judges nothing. docs/testing.md says more.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/nss.sh"

cd "$root"
coverage=eng/Coverage/bin/Release/net10.0/Coverage.dll
no_build=false
[ "${1:-}" != --no-build ] || { no_build=true && shift; }

begin_and_test() {
  need_all
  $no_build || build RonKms.sln -restore
  dotnet "$coverage" instrument
  ./eng/test.sh --no-build -p:OutDir=bin/Coverage/net10.0/
}

# Why the bounds do not hold here, if they do not.
not_judged() {
  [ "$(id -u)" = 0 ] || echo "some tests need root"
  command -v softhsm2-util >/dev/null || echo "there is no SoftHSM"
  is_nss_there || echo "there is no NSS with post-quantum mechanisms"
  grep -q avx512bw /proc/cpuinfo 2>/dev/null || echo "the processor has no AVX-512"
  [[ $(openssl version 2>/dev/null) =~ ^OpenSSL\ 3\.[0-4]\. ]] || echo "the exceptions are those of OpenSSL 3.0 to 3.4"
}

report() {
  local why code=0
  dotnet "$coverage" report || code=$?
  # 1 says that a bound does not hold; anything else is no judgement, and nothing excuses it.
  [ "$code" -eq 1 ] || return "$code"
  why=$(not_judged)
  [ -n "$why" ] || return 1
  echo "coverage: not judged: ${why//$'\n'/; }"
}

case ${1:-all} in
  test) begin_and_test ;;
  report) report ;;
  all)
    code=0
    begin_and_test || code=$?
    RONKMS_TEST_OUTPUT=Coverage ./eng/widths.sh short --no-build || code=$?
    report || code=$?
    exit "$code"
    ;;
  *) fail "usage: eng/coverage.sh [--no-build] [test|report]" ;;
esac

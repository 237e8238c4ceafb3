#!/usr/bin/env bash
# Line and branch coverage of the library. The tests run on a copy of it that notes what of it ran, in every process that loads it.
#
#   eng/coverage.sh [--no-build]       every test, the post-quantum tests at each width too, then the report
#   eng/coverage.sh [--no-build] test  begins anew and runs every test; ends with eng/test.sh's line "N passed, N failed"
#   eng/coverage.sh report             what ran since: a line a package, one for each file below 95 % of its lines, the totals
#
# Fails where a file of the library has less than 95 % of its lines run, without what eng/coverage-exceptions.txt excepts. A package whose bounds want more than
# this machine has is not judged: "coverage: NOT RUN: why", and with RONKMS_STRICT=1 an error. docs/testing.md says more.
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

# The packages whose bounds do not hold here, a line each, with what they want. The others are judged everywhere.
not_judged() {
  [ "$(id -u)" = 0 ] || echo "RonKms: root"
  command -v softhsm2-util >/dev/null || printf '%s: SoftHSM\n' RonKms RonKms.Pkcs11
  is_nss_there || echo "RonKms.Pkcs11: NSS with post-quantum mechanisms"
  grep -q avx512bw /proc/cpuinfo 2>/dev/null || echo "RonKms.PostQuantum: a processor with AVX-512"
  [[ $(openssl version 2>/dev/null) =~ ^OpenSSL\ 3\.[0-4]\. ]] || echo "RonKms.PostQuantum: OpenSSL 3.0 to 3.4"
}

report() {
  local wants packages
  wants=$(not_judged)
  mapfile -t packages < <(sed -nE 's/: .*//p' <<<"$wants" | sort -u)
  dotnet "$coverage" report "${packages[@]}" || return
  [ -n "$wants" ] || return 0
  not_run coverage "these packages' bounds want what is not here: ${wants//$'\n'/; }"
}

case ${1:-all} in
  test) begin_and_test ;;
  report) report ;;
  all)
    code=0
    # Not `… ||`: there -e would be off within.
    set +e
    (set -e; begin_and_test)
    code=$?
    set -e
    RONKMS_TEST_OUTPUT=Coverage ./eng/widths.sh short --no-build || code=$?
    (report) || code=$?
    exit "$code"
    ;;
  *) fail "usage: eng/coverage.sh [--no-build] [test|report]" ;;
esac

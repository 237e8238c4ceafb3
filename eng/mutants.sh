#!/usr/bin/env bash
# Changes the compiled library in small ways, one at a time, and runs the tests that ought to notice. docs/testing.md says more.
#
#   eng/mutants.sh [--no-build] [--of=FIRST-LAST] [COUNT [SEED [FILES]]]
#
# COUNT (default 60) mutants, spread evenly over the lines of eng/mutants.txt. The SEED (default 1) chooses them: the same mutants while their source
# lines stay. FILES: only those whose path begins so, or the one mutant with that id; several with commas. --of: only those from the FIRST to the LAST place in the order of
# seed 1; 1-124 are the ones that `eng/mutants.sh 124` tries.
# Fails where a mutant survives that docs/mutants.md does not explain, where that explains one that there is no more, where tests could not run, or
# fail without a change, and where no mutant was chosen. Ends with:
# mutants: N killed (N by a test that failed, N by the end of the process, N timed out), N survived (N explained), N broken
set -euo pipefail
. "$(dirname "$0")/lib.sh"

cd "$root"
no_build=false of=1-999999
[ "${1:-}" != --no-build ] || { no_build=true && shift; }
[[ ${1:-} != --of=* ]] || { of=${1#*=} && shift; }
[[ $# -le 3 && ${1:-60} =~ ^[0-9]{1,6}$ && $of =~ ^[1-9][0-9]{0,5}-[1-9][0-9]{0,5}$ ]] || fail "$(usage_of "$0")"
need_all
$no_build || build RonKms.sln -restore
trap 'rm -rf tests/*/bin/Mutant[0-9]*' EXIT
dotnet eng/Mutants/bin/Release/net10.0/Mutants.dll "${1:-60}" "${2:-1}" "${3:-}" "${of%-*}" "${of#*-}"

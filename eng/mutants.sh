#!/usr/bin/env bash
# Changes the compiled library in small ways, one at a time, and runs the tests that ought to notice. docs/testing.md says more.
#
#   eng/mutants.sh [--no-build] [COUNT [SEED [FILES]]]
#
# COUNT (default 60) mutants, spread evenly over the lines of eng/mutants.txt. The SEED (default 1) chooses them: the same mutants while their source
# lines stay. FILES: only those whose path begins so. Fails where a mutant survives that docs/mutants.md does not explain,
# and where that explains one that there is no more. Ends with: mutants: N killed, N timed out, N survived (N explained)
set -euo pipefail
. "$(dirname "$0")/lib.sh"

cd "$root"
no_build=false
[ "${1:-}" != --no-build ] || { no_build=true && shift; }
[[ $# -le 3 && ${1:-60} =~ ^[0-9]+$ ]] || fail "usage: eng/mutants.sh [--no-build] [COUNT [SEED [FILES]]]"
need_all
$no_build || build RonKms.sln -restore
trap 'rm -rf tests/*/bin/Mutant[0-9]*' EXIT
dotnet eng/Mutants/bin/Release/net10.0/Mutants.dll "${1:-60}" "${2:-1}" "${3:-}"

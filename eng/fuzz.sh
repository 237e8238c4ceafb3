#!/usr/bin/env bash
# Fuzzes what reads foreign bytes: changed inputs, kept where they take the code a new way. docs/fuzzing.md says what is checked.
#
#   eng/fuzz.sh TARGET SECONDS          one target
#   eng/fuzz.sh --all SECONDS           each target for that long, several side by side; --self-test first
#   eng/fuzz.sh --list                  the targets
#   eng/fuzz.sh --self-test             finds three planted bugs, each within 30 s from a valid input, or fails
#   eng/fuzz.sh --replay TARGET FILE    runs one input, in the library as it was built
#   eng/fuzz.sh --minimise TARGET       makes one small corpus of it and of what earlier runs found
#   eng/fuzz.sh --seeds TARGET          adds the valid inputs that the vectors have to the corpus
#   eng/fuzz.sh --no-build …            (first) with what was built last, in Release
#   eng/fuzz.sh --help                  prints this
#
# RONKMS_FUZZ_SEED=N repeats the choices of a run that printed seed N. A fuzzing run ends with "fuzz: N targets, N executions, N crashes".
# Exit codes: 0 nothing found, 1 a crash (the input is kept in fuzz/crashes) or the run failed, 2 wrong usage.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

if [ "$*" = --help ]; then
  usage_of "$0"
  exit
fi

build=yes
if [ "${1:-}" = --no-build ]; then
  build=no
  shift
fi

need_all
project=$root/fuzz/RonKms.Fuzz
[ "$build" = no ] || build "$project/RonKms.Fuzz.csproj" -restore >&2

code=0
dotnet "$project/bin/Release/net10.0/RonKms.Fuzz.dll" "$root" "$@" </dev/null || code=$?
[ "$code" -ne 2 ] || usage_of "$0" >&2
exit "$code"

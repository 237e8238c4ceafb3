#!/usr/bin/env bash
# Compiles and runs the code blocks of README.md, docs/ and the packages' READMEs, so that what is printed there works.
#
#   eng/snippets.sh               check; places to fill in, such as @NAME@, fail too
#   eng/snippets.sh --update      check, and write the real output into the blocks of expected output
#   eng/snippets.sh --no-build    with what was built last, in Release
#
# eng/Snippets/Document.cs says how blocks are marked.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

need_all
cd "$root"
update=() build=yes
for argument in "$@"; do
  case $argument in
    --update) update=(--update) ;;
    --no-build) build=no ;;
    *) fail "unknown argument '$argument'; known: --update --no-build" ;;
  esac
done
[ "$build" = no ] || build eng/Snippets/Snippets.csproj -restore
exec dotnet eng/Snippets/bin/Release/net10.0/Snippets.dll ${update[@]+"${update[@]}"} README.md docs src/*/README.md tests/RonKms.Testing/README.md

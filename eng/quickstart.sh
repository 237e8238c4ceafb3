#!/usr/bin/env bash
# Shows the library at work on files of yours: keys are made, sealed on disk, used, rotated and checked.
# Run it again and the same keys go on. Everything it keeps is under .quickstart/; delete that to start afresh.
#
#   eng/quickstart.sh [FILE…]     default: LICENSE-MIT LICENSE-APACHE
set -euo pipefail
. "$(dirname "$0")/lib.sh"

case ${1:-} in --help | -h) usage_of "$0" && exit 0 ;; esac
if [ $# -eq 0 ]; then
  cd "$root"
  set -- LICENSE-MIT LICENSE-APACHE
fi
for file in "$@"; do
  [ -f "$file" ] && [ -r "$file" ] || fail "cannot read the file '$file'"
done

need_all
# Only the program's own lines belong on standard output.
say "building…"
build "$root/samples/Quickstart/Quickstart.csproj" -restore >&2
exec dotnet "$root/samples/Quickstart/bin/Release/net10.0/Quickstart.dll" "$root/.quickstart" "$@"

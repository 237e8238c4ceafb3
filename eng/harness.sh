#!/usr/bin/env bash
# The keystore over HTTP on 127.0.0.1, for development and tests: keys in memory alone, gone with it. Prints the way in; the log, JSON, goes to
# standard error. docs/harness.md says what it answers. Ctrl-C or SIGTERM ends it.
#
#   eng/harness.sh                        builds and starts it; listens on port 8080
#   eng/harness.sh --no-build             starts what was built last, in Release
#   PORT=0 TENANTS=auth,billing RON_KMS_PQ_MODE=hybrid eng/harness.sh
set -euo pipefail
. "$(dirname "$0")/lib.sh"

case ${*:-} in
  "") with_build=yes ;;
  --no-build) with_build=no ;;
  *)
    usage_of "$0" >&2
    exit 2
    ;;
esac

need_all
if [ "$with_build" = yes ]; then
  say "building…"
  build "$root/tests/RonKms.DevServer/RonKms.DevServer.csproj" -restore >&2
fi
exec dotnet "$root/tests/RonKms.DevServer/bin/Release/net10.0/RonKms.DevServer.dll"

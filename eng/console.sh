#!/usr/bin/env bash
# Drives the harness's console in a headless Chromium: create, sign, verify, rotate, the journal's chain sound and tampered with, two widths,
# light and dark. Screenshots go to artifacts/console. Ends with "console: N checks passed", or with "console: NOT RUN: reason", which is a failure
# under RONKMS_STRICT=1 alone, where a browser or npm cannot be had.
#
#   eng/console.sh                builds the harness first
#   eng/console.sh --no-build     with what was built last, in Release
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/harness-lib.sh"

case ${*:-} in
  "") with_build=yes ;;
  --no-build) with_build=no ;;
  *)
    usage_of "$0" >&2
    exit 2
    ;;
esac

need_all
need_browser || not_run console "$why"
if [ "$with_build" = yes ]; then
  build "$root/tests/RonKms.DevServer/RonKms.DevServer.csproj" -restore >&2
fi

work=$root/artifacts/console
mkdir -p "$work"
cp "$root"/eng/console/* "$work"
npm_ci "$work" || not_run console "$why"

start_harness "$work"
code=0
KMS=$harness_capability node "$work/check.mjs" "$harness_address" "$chromium" "$work" || code=$?
stop_harness
exit "$code"

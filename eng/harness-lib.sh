# For scripts that need a running harness. Sourced after lib.sh, never run.
#
#   start_harness DIR   starts what was built last on a free port, with its output in DIR, and sets harness_pid, harness_address, harness_capability;
#                       it ends with the script at the latest
#   stop_harness        ends it, and fails where it does not end well

start_harness() {
  local out=$1/harness.out waited=0
  # It will hold a capability.
  rm -f "$out"
  (umask 077 && : >"$out")
  PORT=0 dotnet "$root/tests/RonKms.DevServer/bin/Release/net10.0/RonKms.DevServer.dll" >"$out" 2>"$1/harness.log" &
  harness_pid=$!
  trap 'kill "$harness_pid" 2>/dev/null || true' EXIT
  # The address comes in the first line, the capability a few lines later.
  until grep -q '^KMS=' "$out"; do
    kill -0 "$harness_pid" 2>/dev/null || fail "the harness did not start: $(cat "$1/harness.log")"
    waited=$((waited + 1))
    [ "$waited" -lt 300 ] || fail "the harness did not start in 30 s"
    sleep 0.1
  done
  harness_address=$(grep -oE 'http://[0-9.:]+' "$out" | head -n 1)
  harness_capability=$(sed -n "s/^KMS='\(.*\)'$/\1/p" "$out")
}

stop_harness() {
  local code=0
  kill -TERM "$harness_pid"
  wait "$harness_pid" || code=$?
  trap - EXIT
  [ "$code" -eq 0 ] || fail "the harness ended with $code"
}

#!/usr/bin/env bash
# What takes too long for .ci/run. A failed part does not stop the others; the last line names those that failed.
# docs/evidence/nightly.md says of each part how its last run ended, when, of which commit, on what machine, and with which figures.
#
#   eng/nightly.sh                    all parts
#   eng/nightly.sh PART…              these; the others keep what was written of them before
#   eng/nightly.sh --no-build [PART…] with what was built last, in Release
#
# A part that cannot run on this machine has failed, unless RONKMS_STRICT=0.
# A new part is one more line, `long NAME CMD`, at the end.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

export RONKMS_STRICT=${RONKMS_STRICT:-1}
parts=($(sed -nE 's/^long ([^ ]+) .*/\1/p' "$0"))
with_build=yes
if [ "${1:-}" = --no-build ]; then
  with_build=no
  shift
fi
for part in "$@"; do
  case " ${parts[*]} " in
    *" $part "*) ;;
    *) fail "there is no part '$part'; there are: ${parts[*]}" ;;
  esac
done
chosen=" ${*:-${parts[*]}} "

cd "$root"
failed=() idle=()
evidence=$root/docs/evidence/nightly.md

machine() {
  local cpu memory system
  cpu=$(sed -nE 's/^model name\s*: (.*)/\1/p' /proc/cpuinfo | head -n 1)
  memory=$(awk '/^MemTotal:/ { printf "%.1f GiB", $2 / 1048576 }' /proc/meminfo)
  system=$(. /etc/os-release && printf '%s' "$PRETTY_NAME")
  printf '%s, %s cores, %s, %s, .NET %s' "${cpu:-$(uname -m)}" "$(nproc)" "$memory" "$system" \
    "$(dotnet --list-runtimes | sed -nE 's/^Microsoft\.NETCore\.App (10\.[^ ]+) .*/\1/p' | tail -n 1)"
}

commit() {
  git rev-parse --short=12 HEAD
  [ -z "$(git status --porcelain -- . ':!docs/evidence')" ] || echo "with changes that are not committed"
}

# long NAME CMD…: a part, where it is chosen; one that may fail without ending the night. Not `stage … ||`: there -e would be off within.
long() {
  local name=$1 log=$scratch/log began=$SECONDS code result=passed
  case $chosen in
    *" $name "*) ;;
    *) return 0 ;;
  esac
  set +e
  (set -e; stage "$@") 2>&1 | tee "$log"
  code=${PIPESTATUS[0]}
  set -e
  # Without the stage's own first and last line, and without this machine's paths.
  sed -E "/^== ${name}(:.*)?\$/d; s#$root#.#g; /^[[:space:]]*\$/d" "$log" >"$scratch/output"
  if [ "$code" -ne 0 ]; then
    failed+=("$name")
    result=FAILED
  elif tail -n 1 "$scratch/output" | grep -q ': NOT RUN: '; then
    result="not run"
    idle+=("$name")
  fi
  {
    printf '## %s\n\n**%s** after %d s, %s, at %s, on %s.\n\n```text\n' "$name" "$result" $((SECONDS - began)) "$(date -u '+%Y-%m-%d %H:%M UTC')" \
      "$(commit | paste -sd ' ')" "$(machine)"
    if [ "$code" -eq 0 ]; then
      # Figures, "name value limit ok", and the last lines, which sum up; of what the test runner says, the sum alone.
      sed -E '/^(=== |  [A-Z][a-z]+: )/d' "$scratch/output" >"$scratch/said"
      { head -n -3 "$scratch/said" | grep -E '^[^ ].* ok$' || true; tail -n 3 "$scratch/said"; }
    else
      tail -n 20 "$scratch/output"
    fi
    printf '```\n\n'
  } >"$scratch/$name.md"
}

# At the beginning and however the night ends. What was not chosen keeps what was written of it before.
write_evidence() {
  local part
  {
    for part in "${parts[@]}"; do
      if [ -f "$scratch/$part.md" ]; then
        cat "$scratch/$part.md"
      elif ! awk -v head="## $part" '/^## / { in_it = $0 == head } in_it { print; found = 1 } END { exit !found }' "$scratch/before"; then
        printf '## %s\n\n**not run** yet.\n\n' "$part"
      fi
    done
  } >"$scratch/sections"
  {
    printf '# The long runs\n\nWritten by `eng/nightly.sh`, not by hand. Each part tells of its own last run.\n\n'
    awk -F '[*][*]' '/^## / { part = substr($0, 4) } /^[*][*]/ { of[$2] = of[$2] " " part } END { for (r in of) print "- " r ":" of[r] }' \
      "$scratch/sections" | sort
    # Without the empty line at the end.
    printf '\n' && sed '${/^$/d}' "$scratch/sections"
  } >"$scratch/evidence"
  mv "$scratch/evidence" "$evidence"
}

# explicit PROJECT METHOD: an explicit test, which the ordinary run leaves out. Without its vectors it is skipped: it could not run.
explicit() {
  local output
  output=$(dotnet "tests/$1/bin/Release/net10.0/$1.dll" -noLogo -noColor -explicit only -method "$2") || true
  printf '%s\n' "$output"
  grep -qE 'Total: [1-9][0-9]*, Errors: 0, Failed: 0, .*Not Run: 0,' <<<"$output" || fail "$2 failed, or there is no such explicit test"
  ! grep -q 'Skipped: [1-9]' <<<"$output" || not_run "$2" "it was skipped, as above"
}

stage needs need_all
[ "$with_build" = no ] || stage build build RonKms.sln -restore

# Of a part that is chosen nothing earlier counts: a test reads that page, and an old failure must not be this night's.
scratch=$(mktemp -d)
mkdir -p "$(dirname "$evidence")"
cat "$evidence" >"$scratch/before" 2>/dev/null || true
for part in $chosen; do printf '## %s\n\n**not run** yet.\n\n' "$part" >"$scratch/$part.md"; done
write_evidence
trap 'write_evidence; rm -rf "$scratch"' EXIT

long tests ./eng/test.sh --no-build
long widths ./eng/widths.sh whole --no-build
long platform-crosscheck ./eng/platform-crosscheck.sh whole --no-build
long slh-dsa-small-sets explicit RonKms.PostQuantum.Tests RonKms.PostQuantum.Tests.SlhDsa.AcvpTests.SigGenOfTheSmallSets
long x25519-a-million-times explicit RonKms.Tests RonKms.Tests.Algorithms.X25519Tests.Rfc7748IteratedAMillionTimes
long crash ./eng/crash.sh --no-build 500
long bench-core ./eng/bench.sh --check core
long bench-pq ./eng/bench.sh --check pq
long bench-store ./eng/bench.sh --check store
long bench-hsm ./eng/bench.sh --check hsm
long bench-gate ./eng/bench.sh --gate
long timing ./eng/bench.sh --timing
long model ./eng/model.sh
long mutants ./eng/mutants.sh --no-build 124
long fuzz ./eng/fuzz.sh --no-build --all 120
long soak ./eng/soak.sh --no-build 10
long sbom ./eng/sbom.sh
long consumer ./eng/consumer.sh
long bench-harness ./eng/bench.sh --check harness
long schedules explicit RonKms.Schedules.Tests RonKms.Schedules.ScheduleTests.No_schedule_of_many_breaks
long starvation explicit RonKms.Schedules.Tests RonKms.Schedules.StarvationTests.Callers_get_on_for_long_where_the_thread_pool_is_blocked
long power-cuts explicit RonKms.Tests RonKms.Tests.Durability.KeystorePowerCutTests.What_was_acknowledged_survives_many_power_cuts
long power-cuts-after-kills explicit RonKms.Tests RonKms.Tests.Durability.KeystorePowerCutTests.What_was_acknowledged_survives_many_power_cuts_after_many_kills

if [ ${#failed[@]} -gt 0 ]; then
  printf '\nnightly: FAILED after %d s: %s\n' "$SECONDS" "${failed[*]}"
  exit 1
fi
if [ ${#idle[@]} -gt 0 ]; then
  printf '\nnightly: passed in %d s, but these could not run here: %s\n' "$SECONDS" "${idle[*]}"
  exit 3
fi
printf '\nnightly: all parts passed in %d s\n' "$SECONDS"

#!/usr/bin/env bash
# Measures. Needs a quiet machine to be worth anything.
#
#   eng/bench.sh GROUP              the tables that people read (BenchmarkDotNet)
#   eng/bench.sh --check GROUP      one line a figure, "name value limit ok|short"; exit 0 only when all are ok
#   eng/bench.sh --gate             the same of the drift gate: operations beside the committed baseline, benches/baseline.json
#   eng/bench.sh --gate --update    measures and writes the baseline anew
#   eng/bench.sh --timing           statistical timing tests of secrets, "name largest-|t| measurements"; exit 0 only when no times differ
#   eng/bench.sh --write-docs …     with --check GROUP, --gate or --timing: the same, and what came out is written into docs/performance.md
#   eng/bench.sh --help             prints this
#
# GROUP is core (keys, signatures, envelopes in memory), pq (post-quantum algorithms), store (stores on a disk), hsm (keys in a PKCS#11 token)
# or harness (requests over HTTP).
#
# --check pq compares with OpenSSL 3.5 through .NET, in one run with it: in the Debian trixie of eng/debian.sh. Where that cannot be made
# the figures without a reference are measured all the same, and it ends with the line "no reference" and exit code 2.
# hsm measures with SoftHSM2; where it is missing and cannot be installed, nothing is measured and the exit code is 2.
#
# Exit codes: 0 all ok, 1 a figure is short or the run failed, 2 wrong usage, or no reference.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/debian.sh"

groups="core pq store hsm harness"
project=benches/RonKms.Benchmarks
baseline=benches/baseline.json
docs=docs/performance.md

usage() {
  usage_of "$0" >&2
  exit 2
}

# write_docs NAME COMMAND FIGURES DETAILS: writes figures between the markers of that name, with the command and the machine.
write_docs() {
  local machine new
  machine=$(sed -n 's/^machine: //p' "$4" | tail -n 1)
  grep -qxF "<!-- figures: $1 -->" "$docs" || fail "$docs has no place for these figures: <!-- figures: $1 -->"
  new=$(mktemp)
  awk -v begin="<!-- figures: $1 -->" -v command="$2" -v machine="$machine" -v figures="$3" '
    !inside { print }
    $0 == begin {
      inside = 1
      print "On " machine ":\n\n```\n$ " command
      while ((getline line < figures) > 0) print line
      print "```"
    }
    inside && $0 == "<!-- end of figures -->" { inside = 0; print }
  ' "$docs" >"$new"
  cat "$new" >"$docs"
  rm -f "$new"
}

if [ "${1:-}" = --write-docs ]; then
  shift
  what="$*"
  case $what in
    "--check "?* | --gate | --timing) ;;
    *) usage ;;
  esac
  cd "$root"
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  code=0
  { ./eng/bench.sh "$@" 2>&1 >&3 3>&- | tee "$scratch/details" >&2; } 3>"$scratch/figures" || code=$?
  cat "$scratch/figures"
  [ -s "$scratch/figures" ] || exit "$code"
  write_docs "${what#--check }" "eng/bench.sh $what" "$scratch/figures" "$scratch/details"
  exit "$code"
fi

case "$*" in
  --help)
    usage_of "$0"
    exit
    ;;
  --timing) arguments=(timing) ;;
  --gate) arguments=(gate "$baseline") ;;
  "--gate --update") arguments=(baseline "$baseline") ;;
  *)
    verb=table
    if [ "${1:-}" = --check ]; then
      verb=check
      shift
    fi
    [ $# -eq 1 ] || usage
    case " $groups " in
      *" $1 "*) ;;
      *)
        say "error: there is no group '$1'"
        usage
        ;;
    esac
    arguments=("$verb" "$1")
    ;;
esac

no_debian() {
  ! is_strict || fail "RONKMS_STRICT=1 asks for every check, and there is no Debian root: $*"
  say "no Debian root: $*"
  exec dotnet "$project/bin/Release/net10.0/RonKms.Benchmarks.dll" check pq
}

need_all
cd "$root"
if [ "${arguments[1]:-}" = hsm ]; then
  need_command softhsm2-util softhsm2 || exit 2
fi
if [ "${arguments[*]}" = "check pq" ]; then
  build "$project" -restore
  need_debian
  in_debian dotnet "/ronkms/main/$project/bin/Release/net10.0/RonKms.Benchmarks.dll" check pq
  exit
fi

exec dotnet run -c Release --project "$project" -- "${arguments[@]}"

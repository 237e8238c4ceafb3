#!/usr/bin/env bash
# Checks the model of the commit, docs/models/commit.pml: every property in every state, and that every mutant is found faulty.
# Ends with the plain line "model: N properties hold, M mutants found", or with "model: NOT RUN: reason" where spin or a C compiler is
# missing and cannot be installed, which is a failure under RONKMS_STRICT=1 alone.
#
#   eng/model.sh            checks, and prints a line for each property and mutant
#   eng/model.sh -v         the same, and shows spin's own words
#   eng/model.sh --help     prints this
#
# Exit codes: 0 all as it should be or not run, 1 a property is broken or a mutant was not found, 2 wrong usage.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

model=$root/docs/models/commit.pml
verbose=no
case "$*" in
  '') ;;
  -v) verbose=yes ;;
  --help) usage_of "$0"; exit ;;
  *) usage_of "$0" >&2; exit 2 ;;
esac

need_command spin spin && need_command gcc gcc libc6-dev || not_run model "$why"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

# compile [MUTANT]: makes ./pan of the model, or of a mutant of it.
compile() {
  spin -a ${1:+"-D$1"} "$model" >spin.log 2>&1 || { cat spin.log >&2; fail "spin does not take the model"; }
  gcc -O1 -w -o pan pan.c
}

# check PROPERTY: looks at every state; "asserts" stands for the assertions and the end states.
check() {
  local claim=(-a -N "$1")
  [ "$1" != asserts ] || claim=(-noclaim)
  ./pan "${claim[@]}" -m200000 >pan.log 2>&1 || true
  [ "$verbose" = no ] || cat pan.log >&2
  # An incomplete search proves nothing.
  if grep -qE 'max search depth too small|out of memory|aborted' pan.log || ! grep -qE 'errors: [0-9]+' pan.log; then
    cat pan.log >&2
    fail "the search was not exhaustive"
  fi
}

# figure PATTERN: the first number that spin prints so.
figure() {
  local number
  number=$(sed -nE "s/$1/\1/p" pan.log | head -n 1)
  [ -n "$number" ] || { cat pan.log >&2; fail "spin's words have no '$1'"; }
  printf '%s' "$number"
}

errors() { figure '.*errors: ([0-9]+).*'; }
states() { figure '^ *([0-9.e+]+) states, stored.*'; }

compile
holding=0
for property in asserts $(sed -nE 's/^ltl ([a-z]+) .*/\1/p' "$model"); do
  check "$property"
  errors=$(errors)
  states=$(states)
  [ "$errors" = 0 ] || { cat pan.log >&2; fail "the model breaks '$property'"; }
  echo "$property: errors: 0, $states states"
  # Every statement must be reachable, or a proof of it is empty. The processes never end.
  if [ "$property" = asserts ]; then
    unreached=$(sed -nE 's/^\t(.*commit\.pml:[0-9]+.*)/\1/p' pan.log | grep -v -- '"-end-"' || true)
    [ -z "$unreached" ] || { say "$unreached"; fail "the model holds statements that are never reached"; }
  fi
  holding=$((holding + 1))
done
[ "$holding" -eq $((1 + $(grep -c '^ *ltl' "$model"))) ] || fail "the model has properties that were not read: each is 'ltl name …', in small letters, at a line's start"

found=0
while read -r mutant property; do
  compile "$mutant"
  check "$property"
  errors=$(errors)
  [ "$errors" != 0 ] || fail "the mutant $mutant does not break '$property': the check cannot fail"
  echo "$mutant breaks $property, as it must"
  found=$((found + 1))
done <<'MUTANTS'
ACK_EARLY durable
LATE_JOINS durable
NO_LOCK one
FROM_ANCHOR gapless
ANCHOR_EARLY anchored
ACK_UNANCHORED seen
RECORD_LATE recorded
NO_SETTLE served
MUTANTS

echo "model: $holding properties hold, $found mutants found"

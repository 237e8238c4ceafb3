#!/usr/bin/env bash
# Draws docs/diagrams/*.mmd as the .svg files beside them, with mermaid-cli in a headless Chromium.
#
#   eng/diagrams.sh            draws them all
#   eng/diagrams.sh --check    changes nothing; fails where a picture is not the one of its .mmd
#
# The check has two parts. Each .svg names the SHA-256 of what it was drawn from (its .mmd, the settings, the renderer and the versions of all that it
# stands on): that it is the one of today needs nothing but sha256sum. Then all are drawn again and compared without their numbers and paths, which hang
# on the machine's fonts: the same elements with the same words, in the same order. Where the renderer cannot be had, the last line is
# "diagrams: NOT RUN: reason", which is a failure under RONKMS_STRICT=1 alone.
#
# The renderer (npm, 460 MB) is installed once, into ${XDG_CACHE_HOME:-~/.cache}/ronkms/mermaid; Chromium is the system's.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

case ${*:-} in
  "") check=no ;;
  --check) check=yes ;;
  *)
    usage_of "$0" >&2
    exit 2
    ;;
esac

cd "$root"
settings=eng/diagrams/mermaid.json
renderer=(eng/diagrams/{package.json,package-lock.json,render.mjs})
diagrams=(docs/diagrams/*.mmd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# mark_of DIAGRAM: the last line of its picture.
mark_of() { printf '<!-- drawn by eng/diagrams.sh from sha256 %s -->\n' "$(cat "$1" "$settings" "${renderer[@]}" | sha256sum | cut -d ' ' -f 1)"; }

# picture FILE: what the check compares: a tag a line, without numbers and paths.
picture() { sed -E '$d; s/>/>\n/g' "$1" | sed -E 's/ (d|points|transform|data-points)="[^"]*"//g; s/-?[0-9]+(\.[0-9]+)?(e-?[0-9]+)?//g'; }

not_drawn() {
  [ "$check" = yes ] || fail "nothing was drawn: $why"
  not_run diagrams "${#diagrams[@]} pictures are of today's definitions, but were not drawn again: $why"
}

if [ "$check" = yes ]; then
  for svg in docs/diagrams/*.svg; do
    [ -f "${svg%.svg}.mmd" ] || fail "$svg has no .mmd"
  done
  for mmd in "${diagrams[@]}"; do
    svg=${mmd%.mmd}.svg
    [ -f "$svg" ] && [ "$(tail -n 1 "$svg")" = "$(mark_of "$mmd")" ] ||
      fail "$svg was not drawn from the $mmd, the settings and the renderer of today: run eng/diagrams.sh, look at it, and commit it"
  done
fi

need_browser || not_drawn

cache=${XDG_CACHE_HOME:-$HOME/.cache}/ronkms
mkdir -p "$cache"
exec 9>"$cache/mermaid.lock"
flock 9
if ! cmp -s eng/diagrams/package-lock.json "$cache/mermaid/package-lock.json"; then
  rm -rf "$cache"/mermaid.new.*
  new=$(mktemp -d "$cache/mermaid.new.XXXXXX")
  cp eng/diagrams/package*.json "$new"
  say "installing mermaid-cli in $cache/mermaid"
  npm_ci "$new" || { rm -rf "$new" && not_drawn; }
  rm -rf "$cache/mermaid"
  mv -T "$new" "$cache/mermaid"
fi
cp eng/diagrams/render.mjs "$cache/mermaid"
cp "${diagrams[@]}" "$scratch"
node "$cache/mermaid/render.mjs" "$chromium" "$settings" "$scratch"/*.mmd
flock -u 9

for mmd in "${diagrams[@]}"; do
  svg=${mmd%.mmd}.svg
  fresh=$scratch/$(basename "$svg")
  printf '\n%s\n' "$(mark_of "$mmd")" >>"$fresh"
  if [ "$check" = no ]; then
    cp "$fresh" "$svg"
  elif ! diff <(picture "$svg") <(picture "$fresh") >"$scratch/diff"; then
    head -n 20 "$scratch/diff" >&2
    fail "$svg is not what its .mmd gives: run eng/diagrams.sh, look at it, and commit it"
  fi
done
[ "$check" = no ] && echo "diagrams: ${#diagrams[@]} drawn; look at them" || echo "diagrams: ${#diagrams[@]} drawn again, and the same"

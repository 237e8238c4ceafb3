#!/usr/bin/env bash
# Holds packages to the texts that were reviewed: which there are and what is in each, to eng/package/contents.txt; what they depend on, to the
# table of docs/packages.md and, in which version, to docs/dependencies.md. Of one another they need exactly their own version.
# Ends with "checked: N files, N dependencies", or with what is missing and what is too many.
#
#   eng/package/check.sh DIR     the .nupkg and .snupkg in the directory DIR
set -euo pipefail
. "$(dirname "$0")/../lib.sh"

[ -d "${1:-}" ] || {
  usage_of "$0" >&2
  exit 2
}
need_command unzip unzip || fail "what is in the packages is seen with unzip"
dir=$(cd "$1" && pwd -P)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export LC_ALL=C
shopt -s nullglob

# What there is, as lines "NAME.KIND has ENTRY" and "NAME.KIND needs PACKAGE VERSION".
version=''
for file in "$dir"/*.nupkg "$dir"/*.snupkg; do
  kind=${file##*.}
  unzip -p "$file" '*.nuspec' >"$scratch/nuspec" || fail "$file is no package"
  name=$(sed -n 's|^ *<id>\(.*\)</id>.*|\1|p' "$scratch/nuspec")
  own=$(sed -n 's|^ *<version>\(.*\)</version>.*|\1|p' "$scratch/nuspec")
  version=${version:-$own}
  [ "${file##*/}" = "$name.$version.$kind" ] || fail "${file##*/} holds $name $own, beside packages of version $version"
  # NuGet before 7.9 names this one at random.
  unzip -Z1 "$file" | sed -E "s|/[0-9a-f]{32}\.psmdcp$|/nuget.psmdcp|; s|^|$name.$kind has |" >>"$scratch/there"
  sed -n "s|^ *<dependency id=\"\([^\"]*\)\" version=\"\([^\"]*\)\".*|$name.$kind needs \1 \2|p" "$scratch/nuspec" >>"$scratch/there"
done
[ -n "$version" ] || fail "there is no package in '$dir'"

# What there may be, in the same form.
awk -v version="$version" '
  FILENAME ~ /contents.txt$/ && $1 == "package" { names[$2] }
  FILENAME ~ /contents.txt$/ && $1 ~ /^s?nupkg$/ { kinds[$1]; entries[$1 " has " $2] }
  FILENAME ~ /dependencies.md$/ && $1 == "|" { versions[$2] = $4 }
  FILENAME ~ /packages.md$/ && $1 == "|" && $2 ~ /^`RonKms/ {
    split($0, cells, " *[|] *")
    gsub("`", "", cells[2])
    needed[cells[2]] = cells[4]
  }
  END {
    for (name in names) for (entry in entries) {
      line = name "." entry
      gsub("NAME", name, line)
      print line
    }
    for (name in needed) for (kind in kinds) {
      n = split(needed[name], list, ", ")
      for (i = 1; i <= n; i++) print name "." kind " needs " list[i] " " (list[i] == "RonKms" ? "[" version "]" : versions[list[i]])
    }
  }
' "$root/eng/package/contents.txt" "$root/docs/dependencies.md" "$root/docs/packages.md" | sort >"$scratch/expected"

sort -o "$scratch/there" "$scratch/there"
comm -23 "$scratch/expected" "$scratch/there" | sed 's/^/missing: /' >"$scratch/wrong"
comm -13 "$scratch/expected" "$scratch/there" | sed 's/^/too many: /' >>"$scratch/wrong"
if [ -s "$scratch/wrong" ]; then
  cat "$scratch/wrong" >&2
  fail "the packages are not what eng/package/contents.txt, docs/packages.md and docs/dependencies.md say. If they are to be, change these with them"
fi
echo "checked: $(grep -c ' has .*\.nuspec$' "$scratch/there") files, $(grep -c '\.nupkg needs ' "$scratch/there") dependencies"

#!/usr/bin/env bash
# Packs the libraries: NAME.VERSION.nupkg and, with the symbols, NAME.VERSION.snupkg. Beside them the list of algorithms, cbom.cdx.json.
#
#   eng/pack.sh [OUT]                  into the directory OUT, artifacts/packages by default; packages that lie there are replaced
#   eng/pack.sh --no-build [OUT]       with what was built last, in Release and with CI=true
#   eng/pack.sh --baseline DIR [OUT]   refuses a change that breaks users of the packages in DIR, those of the last release
#   eng/pack.sh --check [OUT]          packs; packs a clone too, in another place, which must come out the same to the byte; and removes a
#                                      public type there, which must be refused
set -euo pipefail
. "$(dirname "$0")/lib.sh"

build=yes check=no baseline='' out=$root/artifacts/packages
while [ $# -gt 0 ]; do
  case $1 in
    --no-build) build=no ;;
    --check) check=yes ;;
    --baseline)
      [ -d "${2:-}" ] || fail "--baseline names a directory with packages, and '${2:-}' is none"
      baseline=$(cd "$2" && pwd -P)
      shift
      ;;
    -*)
      usage_of "$0" >&2
      exit 2
      ;;
    *) out=$1 ;;
  esac
  shift
done

need_dotnet
# What is built for CI names no directory of the machine.
export CI=true

# version_in DIR: of the packages there.
version_in() {
  local file
  for file in "$1"/RonKms.[0-9]*.nupkg; do
    [ -f "$file" ] || fail "there is no package RonKms in '$1'"
    file=${file##*/RonKms.}
    printf '%s' "${file%.nupkg}"
    return 0
  done
}

# pack DIR WHAT PROPERTY…: packs what is in the checkout DIR into $out.
pack() {
  local dir=$1 what=$2
  shift 2
  dotnet msbuild "$dir/$what" -t:Pack -p:Configuration=Release -p:PackageOutputPath="$out" -v:quiet -nologo -m "$@"
}

mkdir -p "$out"
out=$(cd "$out" && pwd -P)
[ "$out" != "$baseline" ] || fail "the baseline lies in '$out', where the packages would replace it"
rm -f "$out"/RonKms*.nupkg "$out"/RonKms*.snupkg
how=()
# Anew: the compiler is not run again just because the directory's name is to be left out.
if [ "$build" = yes ]; then dotnet msbuild "$root/eng/Packages.slnf" -restore -t:Rebuild -p:Configuration=Release -v:quiet -nologo -m; fi
how+=(-p:NoBuild=true)
[ -z "$baseline" ] || how+=(-p:BaselineFolder="$baseline" -p:BaselineVersion="$(version_in "$baseline")")
pack "$root" eng/Packages.slnf "${how[@]}"
for library in "$root"/src/*/bin/Release/net10.0/RonKms*.{dll,pdb} "$root"/tests/RonKms.Testing/bin/Release/net10.0/RonKms.Testing.{dll,pdb}; do
  if grep -aqF "$root/" "$library"; then fail "$library names this directory: build it with CI=true"; fi
done
cp "$root/docs/cbom.cdx.json" "$out"
packages=("$out"/*.nupkg)
echo "packed ${#packages[@]} packages of version $(version_in "$out") in $out"
[ "$check" = yes ] || exit 0

# A clone with what is not committed yet laid over it, elsewhere: nothing of the first build can show in it.
need_command unzip unzip || fail "--check compares what is in the packages, with unzip"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
git clone -q "$root" "$scratch/clone"
if origin=$(git -C "$root" remote get-url origin 2>/dev/null); then
  git -C "$scratch/clone" remote set-url origin "$origin"
else
  git -C "$scratch/clone" remote remove origin
fi
(cd "$root" && git ls-files -z --deleted) | (cd "$scratch/clone" && xargs -0 -r rm -f)
(cd "$root" && git ls-files -z --modified --others --exclude-standard | while IFS= read -r -d '' file; do
  [ ! -e "$file" ] || cp --parents -P "$file" "$scratch/clone"
done)

# Analyzers write nothing into a library, and the first build has had them.
first=$out out=$scratch/again
against=(-p:RunAnalyzers=false -p:BaselineFolder="$first" -p:BaselineVersion="$(version_in "$first")")
pack "$scratch/clone" eng/Packages.slnf -restore "${against[@]}"
compared=0
mkdir "$scratch/first" "$scratch/second"
for package in "$first"/*.nupkg "$first"/*.snupkg; do
  name=${package##*/}
  unzip -q "$package" -d "$scratch/first/$name"
  unzip -q "$out/$name" -d "$scratch/second/$name"
  # NuGet may name these two parts at random; they hold the nuspec's texts once more.
  rm -r "$scratch"/{first,second}/"$name"/{_rels,package}
  compared=$((compared + 1))
done
diff -r "$scratch/first" "$scratch/second" || fail "the same sources gave other packages in another place"
echo "packed again in another place: $compared packages with the same content, to the byte"

sed -i 's/^public sealed class MemoryRevocations/internal sealed class MemoryRevocations/' "$scratch/clone/src/RonKms.Capabilities/MemoryRevocations.cs"
out=$scratch/broken
if pack "$scratch/clone" src/RonKms.Capabilities/RonKms.Capabilities.csproj "${against[@]}" >"$scratch/broken.log" 2>&1; then
  fail "a public type was removed and package validation said nothing"
fi
grep -q "CP0001.*MemoryRevocations" "$scratch/broken.log" || fail "a public type was removed, and packing failed for another reason: $(cat "$scratch/broken.log")"
echo "a public type removed is refused: CP0001"

#!/usr/bin/env bash
# Packs the libraries: NAME.VERSION.nupkg and, with the symbols, NAME.VERSION.snupkg. What is in them and what they depend on must be as
# eng/package/check.sh demands. Beside them the list of algorithms, cbom.cdx.json.
#
#   eng/pack.sh [OUT]                  into the directory OUT, artifacts/packages by default; packages of RonKms that lie there are replaced
#   eng/pack.sh --no-build [OUT]       with what was built last, in Release and with CI=true
#   eng/pack.sh --release [OUT]        what the signed tag of this version has, in a clone, and only with the SDK that eng/package/sdk.txt names
#   eng/pack.sh --baseline DIR [OUT]   refuses a change that breaks users of the packages in DIR, those of the last release
#   eng/pack.sh --check [OUT]          packs; packs a clone too, in another place, which must come out the same to the byte; and changes in the
#                                      clone what must be refused
set -euo pipefail
. "$(dirname "$0")/lib.sh"

build=yes check=no release=no baseline='' out=$root/artifacts/packages
while [ $# -gt 0 ]; do
  case $1 in
    --no-build) build=no ;;
    --release) release=yes ;;
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
sdk=$(cd "$root" && dotnet --version) release_sdk=$(cat "$root/eng/package/sdk.txt")
if [ "$release" = yes ]; then
  [ "$build" = yes ] || fail "a release is built anew: leave out --no-build"
  [ "$sdk" = "$release_sdk" ] || fail "a release is packed with the .NET SDK $release_sdk (eng/package/sdk.txt), and this is $sdk. docs/packages.md says how to take that one"
  changed=$(git -C "$root" status --porcelain) || fail "a release is packed in a clone of the repository"
  [ -z "$changed" ] || fail "a release is packed from what is committed, and here is more: $changed"
  tag=v$(sed -nE 's|^ *<Version>(.*)</Version>$|\1|p' "$root/Directory.Build.props")
  [ "$(git -C "$root" rev-parse -q --verify "refs/tags/$tag^{commit}")" = "$(git -C "$root" rev-parse HEAD)" ] || fail "a release is packed from its tag, and this commit is not $tag"
  git -C "$root" verify-tag "$tag" || fail "the tag $tag has no signature that git can verify here"
fi

# What is built for CI names no directory of the machine.
export CI=true
# The time of everything in the archives: the commit's. Outside a repository it is the present one.
if committed=$(git -C "$root" log -1 --format=%ct 2>/dev/null); then export SOURCE_DATE_EPOCH=$committed; fi

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

# run_msbuild DIR WHAT ARGUMENT…: in the checkout DIR, whose global.json chooses the SDK.
run_msbuild() {
  local dir=$1 what=$2
  shift 2
  (cd "$dir" && dotnet msbuild "$what" -p:Configuration=Release -v:quiet -nologo -m "$@")
}

# copy_to DIR: a clone, with where this one comes from.
copy_to() {
  local origin
  git clone -q "$root" "$1"
  if origin=$(git -C "$root" remote get-url origin 2>/dev/null); then
    git -C "$1" remote set-url origin "$origin"
  else
    git -C "$1" remote remove origin
  fi
}

mkdir -p "$out"
out=$(cd "$out" && pwd -P)
[ "$out" != "$baseline" ] || fail "the baseline lies in '$out', where the packages would replace it"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
if [ "$release" = yes ]; then
  # Nothing that git ignores, as somebody's own settings or what was left of a build, can get in.
  copy_to "$scratch/RonKms"
  root=$scratch/RonKms
fi
how=(-p:NoBuild=true -p:PackageOutputPath="$scratch/packed")
[ -z "$baseline" ] || how+=(-p:BaselineFolder="$baseline" -p:BaselineVersion="$(version_in "$baseline")")
# Anew: the compiler is not run again just because the directory's name is to be left out.
if [ "$build" = yes ]; then run_msbuild "$root" eng/Packages.slnf -restore -p:RestoreLockedMode=true -t:Rebuild; fi
run_msbuild "$root" eng/Packages.slnf -t:Pack "${how[@]}"
for library in "$root"/src/*/bin/Release/net10.0/RonKms*.{dll,pdb} "$root"/tests/RonKms.Testing/bin/Release/net10.0/RonKms.Testing.{dll,pdb}; do
  if grep -aqF "$root/" "$library"; then fail "$library names this directory: build it with CI=true"; fi
done
"$root/eng/package/check.sh" "$scratch/packed"
rm -f "$out"/RonKms*.nupkg "$out"/RonKms*.snupkg
cp "$scratch"/packed/*.nupkg "$scratch"/packed/*.snupkg "$root/docs/cbom.cdx.json" "$out"
echo "packed version $(version_in "$out") with the .NET SDK $sdk in $out"
[ "$check" = yes ] || exit 0

# A clone with what is not committed yet laid over it, elsewhere: nothing of the first build can show in it.
copy_to "$scratch/clone"
(cd "$root" && git ls-files -z --deleted) | (cd "$scratch/clone" && xargs -0 -r rm -f)
(cd "$root" && git ls-files -z --modified --others --exclude-standard | while IFS= read -r -d '' file; do
  [ ! -e "$file" ] || cp --parents -P "$file" "$scratch/clone"
done)

# Analyzers write nothing into a library, and the first build has had them.
against=(-p:RunAnalyzers=false -p:BaselineFolder="$out" -p:BaselineVersion="$(version_in "$out")" -p:PackageOutputPath="$scratch/again")
run_msbuild "$scratch/clone" eng/Packages.slnf -restore -p:RestoreLockedMode=true -t:Pack "${against[@]}"
mkdir "$scratch/first" "$scratch/second"
compared=0 same=0
for package in "$scratch"/packed/*; do
  name=${package##*/}
  unzip -q "$package" -d "$scratch/first/$name"
  unzip -q "$scratch/again/$name" -d "$scratch/second/$name"
  compared=$((compared + 1))
  if cmp -s "$package" "$scratch/again/$name"; then same=$((same + 1)); fi
done
# An older NuGet names two parts at random, which hold the nuspec's texts once more, and takes the time of packing: there the rest is compared.
if [ "$sdk" != "$release_sdk" ]; then rm -r "$scratch"/{first,second}/*/{_rels,package}; fi
diff -r "$scratch/first" "$scratch/second" || fail "the same sources gave other packages in another place"
[ "$same" = "$compared" ] || [ "$sdk" != "$release_sdk" ] || fail "the same sources gave archives in another place that hold the same, and differ: zipinfo -v shows where"
echo "packed again in another place: $compared packages with the same content, $same of them the same file, to the byte"

# refused WHAT FILE SED SAYS COMMAND…: with FILE of the clone changed by the script SED, the command must fail and say so.
refused() {
  local what=$1 file=$scratch/clone/$2 change=$3 says=$4
  shift 4
  cp "$file" "$scratch/kept"
  sed -i "$change" "$file"
  if "$@" >"$scratch/log" 2>&1; then fail "$what, and nothing was said"; fi
  grep -q -e "$says" "$scratch/log" || fail "$what, and something else went wrong: $(cat "$scratch/log")"
  cp "$scratch/kept" "$file"
  echo "$what: refused"
}

held=("$scratch/clone/eng/package/check.sh" "$out")
refused "a package that is not foreseen" eng/package/contents.txt '/^package RonKms.Testing$/d' 'too many: RonKms.Testing.snupkg has ' "${held[@]}"
refused "a package that is missing" eng/package/contents.txt '$a package RonKms.Missing' 'missing: RonKms.Missing.nupkg has ' "${held[@]}"
refused "an entry that is not foreseen" eng/package/contents.txt '/icon/d' 'too many: RonKms.nupkg has icon.png' "${held[@]}"
refused "an entry that is missing" eng/package/contents.txt '$a snupkg LICENSE' 'missing: RonKms.snupkg has LICENSE' "${held[@]}"
refused "a dependency that is not foreseen" docs/packages.md 's/, xunit.v3.assert//' 'too many: RonKms.Testing.nupkg needs xunit.v3.assert ' "${held[@]}"
refused "a dependency in another version" docs/dependencies.md 's/^| xunit.v3.assert | 3/| xunit.v3.assert | 2/' 'missing: .* needs xunit.v3.assert 2' "${held[@]}"
refused "a release with another SDK" eng/package/sdk.txt 's/.*/10.0.1/' 'with the .NET SDK 10.0.1 ' "$scratch/clone/eng/pack.sh" --release
refused "a release of what was built before" eng/package/sdk.txt 's/^/&/' 'leave out --no-build' "$scratch/clone/eng/pack.sh" --release --no-build
if [ "$sdk" = "$release_sdk" ]; then
  refused "a release of what is not committed" eng/package/contents.txt '$a # changed' 'and here is more' "$scratch/clone/eng/pack.sh" --release
fi
refused "a public type removed" src/RonKms.Capabilities/MemoryRevocations.cs 's/^public sealed class/internal sealed class/' 'CP0001.*MemoryRevocations' \
  run_msbuild "$scratch/clone" src/RonKms.Capabilities/RonKms.Capabilities.csproj -t:Pack "${against[@]}"

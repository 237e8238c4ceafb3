#!/usr/bin/env bash
# The packages' software bill of materials (CycloneDX 1.6), from the lock files of src/ and of RonKms.Testing; and checks it, and the list of
# algorithms in docs/cbom.cdx.json, against CycloneDX's schema. Ends with "sbom: N components, both documents valid", or with
# "sbom: NOT RUN: reason", which is a failure under RONKMS_STRICT=1 alone, where npm or cdxgen cannot be had.
#
#   eng/sbom.sh [OUT]     sbom.cdx.json into the directory OUT, artifacts/packages by default
set -euo pipefail
. "$(dirname "$0")/lib.sh"

case ${1:-} in
  -*)
    usage_of "$0" >&2
    exit 2
    ;;
  "") out=$root/artifacts/packages ;;
  *) out=$1 ;;
esac

need_dotnet
need_command npm npm nodejs || not_run sbom "$why"
work=$root/artifacts/sbom
mkdir -p "$work" "$out"
out=$(cd "$out" && pwd -P)
cp "$root"/eng/sbom/* "$work"
npm_ci "$work" --omit=optional || not_run sbom "$why"

# What is shipped, and nothing that a build left: project files and their locks.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
(cd "$root" && cp --parents src/*/{*.csproj,packages.lock.json} tests/RonKms.Testing/{*.csproj,packages.lock.json} "$scratch")
version=$(dotnet msbuild "$root/src/RonKms/RonKms.csproj" -getProperty:Version)
"$work/node_modules/.bin/cdxgen" --type csharp --no-install-deps --spec-version 1.6 --project-name RonKms --project-version "$version" --json-pretty \
  --output "$out/sbom.cdx.json" "$scratch" >"$scratch/log" 2>&1 || fail "cdxgen failed: $(cat "$scratch/log")"
[ -s "$out/sbom.cdx.json" ] || fail "cdxgen wrote nothing: $(cat "$scratch/log")"

# Every package of the lock files must be in it.
for file in "$scratch"/src/*/packages.lock.json "$scratch"/tests/RonKms.Testing/packages.lock.json; do
  node -e '
    const [lock, bom] = process.argv.slice(1).map(path => JSON.parse(require("fs").readFileSync(path)));
    const listed = new Set(bom.components.map(c => c.name + " " + c.version));
    for (const target of Object.values(lock.dependencies))
      for (const [name, { type, resolved }] of Object.entries(target))
        if (type !== "Project" && !listed.has(name + " " + resolved)) { console.error("not in the bill of materials: " + name + " " + resolved); process.exitCode = 1; }
  ' "$file" "$out/sbom.cdx.json" || fail "the bill of materials is not whole"
done
node "$work/validate.mjs" "$out/sbom.cdx.json" "$root/docs/cbom.cdx.json" || fail "not CycloneDX"
count=$(node -e 'console.log(JSON.parse(require("fs").readFileSync(process.argv[1])).components.length)' "$out/sbom.cdx.json")
echo "sbom: $count components, both documents valid"

#!/usr/bin/env bash
# Uses the packages as a stranger does, in a directory outside the repository, with its own NuGet settings and an empty package cache:
# a new project that signs; a program with every package, run twice over one store, trimmed, and as a ReadyToRun single file, with the trimmer's
# and the AOT analyzers' warnings as errors; somebody's own store, anchor and algorithm under RonKms.Testing. Then a clone and its quickstart.
# Tells how long a stranger waits.
#
#   eng/consumer.sh                    packs first
#   eng/consumer.sh --packages DIR     with the packages in DIR, from eng/pack.sh
set -euo pipefail
. "$(dirname "$0")/lib.sh"

need_all
case ${1:-} in
  "") packages='' ;;
  --packages)
    [ -d "${2:-}" ] || fail "--packages names a directory with packages, and '${2:-}' is none"
    packages=$(cd "$2" && pwd -P)
    ;;
  *)
    usage_of "$0" >&2
    exit 2
    ;;
esac

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
if [ -z "$packages" ]; then
  packages=$scratch/feed
  "$root/eng/pack.sh" "$packages"
fi
version=$(basename "$packages"/RonKms.[0-9]*.nupkg .nupkg)
version=${version#RonKms.}
[ -f "$packages/RonKms.$version.nupkg" ] || fail "'$packages' must hold the packages of one version"
runtime=$(dotnet --info | sed -n 's/^ *RID: *//p')

# Neither the cache nor a registry can stand in for what was packed.
source=$(dotnet nuget list source | sed -n 's/^ *[0-9]*\. *\(.*\) \[Enabled\]$/\1/p' | head -n 1)
cat >"$scratch/NuGet.config" <<EOF
<configuration>
  <packageSources>
    <add key="ronkms-packed" value="$packages" />
  </packageSources>
  <packageSourceMapping>
    <packageSource key="ronkms-packed"><package pattern="RonKms" /><package pattern="RonKms.*" /></packageSource>
    <packageSource key="$source"><package pattern="*" /></packageSource>
  </packageSourceMapping>
</configuration>
EOF
export NUGET_PACKAGES=$scratch/cache RonKmsVersion=$version
# Settings of this shell are not the stranger's.
unset CI
for name in $(compgen -e RON_KMS_) $(compgen -e KMS_); do unset "$name"; done

# quiet CMD…: its output only where it fails.
quiet() {
  "$@" >"$scratch/log" 2>&1 || fail "'$*' failed: $(cat "$scratch/log")"
}

cd "$scratch"
began=$SECONDS
quiet dotnet new console --output First
cat >First/Program.cs <<'EOF'
using RonKms;

using var kms = Keystore.InMemory();
KeyId kid = kms.Create("auth", "signing", KeyAlgorithm.Ed25519);
byte[] signature = kms.Sign(kid, "hello"u8);
Console.WriteLine(kms.Verify(kid, "hello"u8, signature));
EOF
quiet dotnet add First package RonKms --version "$version"
said=$(dotnet run --project First)
[ "$said" = True ] || fail "the first program said: $said"
first=$((SECONDS - began))

cp -r "$root"/eng/consumer/App "$root"/eng/consumer/StoreTests .
# try_out PROGRAM NAME: twice over one store.
try_out() {
  "$1" "$scratch/$2-home" >"$scratch/said"
  "$1" "$scratch/$2-home" >>"$scratch/said"
  diff "$scratch/said" - <<EOF || fail "the program ($2) said something else"
consumer: all is well, with a new store
consumer: all is well, with the store of an earlier run
EOF
  echo "a program with every package: $2"
}

quiet dotnet build App -c Release -o "$scratch/plain"
try_out plain/App plain
publish() {
  local name=$1
  shift
  quiet dotnet publish App -c Release -r "$runtime" -o "$scratch/$name" "$@"
  try_out "$name/App" "$name"
}
publish trimmed --self-contained -p:PublishTrimmed=true
publish single-file --no-self-contained -p:PublishSingleFile=true -p:PublishReadyToRun=true

quiet dotnet build StoreTests -c Release
tests=StoreTests/bin/Release/net10.0/StoreTests.dll
quiet dotnet "$tests" -noLogo -noColor -class- StoreTests.CarelessStoreTests
said=$(sed -n 's/^ *StoreTests  *\(Total:.*\), Time:.*/\1/p' "$scratch/log")
echo "own store, anchor, algorithm under RonKms.Testing: $said"
# The suites have more than 300 tests for them, and none of these may leave one out.
[[ $said =~ ^Total:\ ([0-9]+),\ .*\ Skipped:\ 0,\ Not\ Run:\ 0$ ]] && [ "${BASH_REMATCH[1]}" -ge 300 ] || fail "too few of RonKms.Testing's tests ran"
if dotnet "$tests" -noLogo -noColor -class StoreTests.CarelessStoreTests >"$scratch/log" 2>&1; then
  fail "the store's suite passes a store that loses changes"
fi
grep -q 'StoreTests.CarelessStoreTests.A_commit_on_another_head_changes_nothing.*\[FAIL\]' "$scratch/log" || fail "the careless store failed otherwise: $(cat "$scratch/log")"
echo "a store that loses changes fails the suite"

began=$SECONDS
git clone -q "$root" clone
NUGET_PACKAGES=$scratch/another-cache clone/eng/quickstart.sh >"$scratch/log" 2>&1 || fail "the clone's quickstart failed: $(cat "$scratch/log")"
grep -q '^signed ' "$scratch/log" || fail "the quickstart signed nothing: $(cat "$scratch/log")"

echo "from an empty project to a signed message: $first s"
echo "from a clone to the first signature: $((SECONDS - began)) s"

# What the scripts in eng/ and .ci/ share. Sourced, not run: . "$(dirname "$0")/lib.sh"
#
#   $root             the repository's root
#   need_all          makes sure that the .NET SDK and the system libraries are there
#   need_command C P… whether the command C is there, or could be installed as the packages P
#   need_browser      whether npm and a Chromium are there, or could be installed; sets chromium
#   need_tests DLL F… fails where a filter F fits no test of DLL
#   npm_ci DIR […]    whether what DIR/package-lock.json names could be fetched into DIR
#   not_run NAME WHY  a check that cannot be made here: says "NAME: NOT RUN: WHY" and ends the script
#   build PROJECT […] builds in Release; says nothing but errors and warnings
#   may_be_skipped R  whether a test may be skipped for the reason R where every check is asked for
#   stage NAME CMD…   runs CMD, says what it is and how long it took, stops the script if it fails
#   usage_of SCRIPT   the comment at a script's head, without its #: what --help prints
#   say / fail        a line for the reader on standard error; fail also stops with exit code 1
#
# RONKMS_STRICT=1 asks for every check: with it not_run fails. RONKMS_NOT_RUN=FILE has what was not run written there too, for a sum at the end.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

# The SDK's own tools want ICU unless told otherwise; RonKms needs no culture data. They still ask for cultures by name.
# (Without cultures its messages are English too: the tests' summary is parsed.)
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DOTNET_SYSTEM_GLOBALIZATION_PREDEFINED_CULTURES_ONLY=0
# Neither a greeting nor advice about workloads: none is used, and only root could update them.
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
export DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE=1 DOTNET_SKIP_WORKLOAD_INTEGRITY_CHECK=1

# A service account may have no home; the SDK and NuGet need one.
if [ ! -w "${HOME:-/nonexistent}" ]; then
  export HOME="$root/artifacts/home"
  mkdir -p "$HOME"
fi

# Where installers put the SDK without putting it on the PATH.
if ! command -v dotnet >/dev/null; then
  for dir in "${DOTNET_ROOT:-}" "$HOME/.dotnet" /usr/share/dotnet /usr/lib/dotnet /usr/local/share/dotnet; do
    if [ -n "$dir" ] && [ -x "$dir/dotnet" ]; then
      export PATH="$dir:$PATH"
      break
    fi
  done
fi

# `dotnet build` closes with a summary whatever it is told.
build() { dotnet msbuild "$@" -p:Configuration=Release -v:quiet -nologo -m; }

say() { printf '%s\n' "$*" >&2; }

usage_of() { sed -nE '1d; /^#/!q; s/^# ?//p' "$1"; }

fail() {
  say "error: $*"
  exit 1
}

is_strict() { [ "${RONKMS_STRICT:-}" = 1 ]; }

note_not_run() { [ -z "${RONKMS_NOT_RUN:-}" ] || echo "$1: $2" >>"$RONKMS_NOT_RUN"; }

not_run() {
  note_not_run "$1" "$2"
  ! is_strict || say "error: RONKMS_STRICT=1 asks for every check"
  echo "$1: NOT RUN: $2"
  is_strict && exit 1 || exit 0
}

stage() {
  local name=$1 began=$SECONDS code=0
  shift
  printf '\n== %s\n' "$name"
  # In a subshell with -e, so that a failure anywhere inside the stage ends it.
  set +e
  (set -euo pipefail; "$@")
  code=$?
  set -e
  if [ "$code" -ne 0 ]; then
    printf '== %s: FAILED with exit code %d after %d s\n' "$name" "$code" $((SECONDS - began))
    exit "$code"
  fi
  printf '== %s: %d s\n' "$name" $((SECONDS - began))
}

# may_be_skipped REASON: whether a line of the list of reasons fits it.
may_be_skipped() {
  local line
  while IFS= read -r line; do
    # shellcheck disable=SC2053 # * stands for anything.
    case $line in '' | '#'*) ;; *) [[ $1 != $line ]] || return 0 ;; esac
  done <"$root/eng/allowed-skips.txt"
  return 1
}

need_dotnet() {
  command -v dotnet >/dev/null ||
    fail "the .NET SDK 10 is missing: https://dotnet.microsoft.com/download/dotnet/10.0"
  (cd "$root" && dotnet --version >/dev/null 2>&1) ||
    fail "'dotnet' is there, but not an SDK that global.json accepts (10.0.100 or a later 10.0 one): https://dotnet.microsoft.com/download/dotnet/10.0
       installed: $(cd / && dotnet --list-sdks 2>&1 | tr '\n' ' ')"
}

# has_library NAME: whether the loader can find a shared library of that name, of any version.
has_library() {
  local name=$1 dir file
  if PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null | grep -qE "[[:space:]]$name\.so(\.[0-9]+)* "; then
    return 0
  fi
  # musl and macOS have no ldconfig -p.
  local IFS=:
  for dir in ${LD_LIBRARY_PATH:-} ${DYLD_LIBRARY_PATH:-} /usr/local/lib /opt/homebrew/lib /opt/local/lib /usr/lib /usr/lib64 /lib /lib64 \
    "/usr/lib/$(uname -m)-linux-gnu"; do
    for file in "$dir/$name".so "$dir/$name".so.[0-9]* "$dir/$name".dylib "$dir/$name".[0-9]*.dylib; do
      [ -e "$file" ] && return 0
    done
  done
  return 1
}

# apt_name CANDIDATE…: the first that this release of the distribution has.
apt_name() {
  local package
  for package in "$@"; do
    if apt-cache show "$package" >/dev/null 2>&1; then
      printf '%s' "$package"
      return 0
    fi
  done
  return 1
}

need_sodium() {
  has_library libsodium && return 0
  local package
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "libsodium is missing; installing it with apt-get"
    if apt-get update >&2 && package=$(apt_name libsodium23 libsodium26 libsodium-dev) &&
      DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$package" >&2 &&
      has_library libsodium; then
      return 0
    fi
    say "apt-get could not install it"
  fi
  say "error: libsodium (1.0.18 or later) is missing. To install it:"
  say "  Debian, Ubuntu:  apt-get install libsodium23"
  say "  Fedora, RHEL:    dnf install libsodium"
  say "  Alpine:          apk add libsodium"
  say "  macOS:           brew install libsodium"
  exit 1
}

# need_command COMMAND PACKAGE…: for a check that can be left out. Where the command is missing it says how to install it, sets why, and returns 1.
need_command() {
  local command=$1
  why="$1 is missing"
  shift
  command -v "$command" >/dev/null && return 0
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "$command is missing; installing it with apt-get"
    if apt-get update >&2 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >&2 &&
      command -v "$command" >/dev/null; then
      return 0
    fi
    say "apt-get could not install it"
  fi
  say "$command is missing. To install it on Debian or Ubuntu: apt-get install $*"
  return 1
}

# npm, and the system's Chromium in $chromium. Where one is missing: as need_command.
need_browser() {
  local name
  need_command npm npm nodejs || return 1
  for name in chromium chromium-browser google-chrome; do
    ! chromium=$(command -v "$name") || return 0
  done
  need_command chromium chromium && chromium=$(command -v chromium)
}

# npm_ci DIR [OPTION…]: the versions and contents of the lock file, into DIR/node_modules. No script of a package is run: whoever runs this may be root.
npm_ci() {
  local said
  if said=$(cd "$1" && shift && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error "$@" 2>&1); then return 0; fi
  say "$said"
  # Only for want of a registry: neither where a package is not the one that was locked, nor where the lock file does not fit.
  [[ $said =~ (ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ESOCKETTIMEDOUT|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|E5[0-9][0-9]|ERR_SOCKET_TIMEOUT) && $said != *EINTEGRITY* ]] ||
    fail "npm refuses what package-lock.json names"
  why="npm could not fetch what package-lock.json names"
  return 1
}

# need_tests DLL FILTER…: a misspelt filter among others would go unseen.
need_tests() {
  local dll=$1 filter classes
  shift
  for filter in "$@"; do
    classes=$(dotnet "$dll" -noColor -list classes -filter "$filter")
    # A class a line; what the runner says of itself has spaces.
    grep -qE '^[A-Za-z][^ ]*$' <<<"$classes" || fail "no test fits the filter '$filter'"
  done
}

# SoftHSM2 and pkcs11-tool, for the tests with a PKCS#11 token. Where they cannot be had, those tests are skipped and say so.
want_softhsm() {
  need_command softhsm2-util softhsm2 && need_command pkcs11-tool opensc || say "tests with a PKCS#11 token are skipped"
}

# promtool, for the tests of the Prometheus text format. Likewise.
want_promtool() {
  need_command promtool prometheus || say "tests with promtool are skipped"
}

need_all() {
  need_dotnet
  need_sodium
}

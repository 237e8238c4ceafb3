# An NSS with post-quantum mechanisms, for machines whose own is older. Sourced after lib.sh, not run: . "$(dirname "$0")/nss.sh"
#
#   want_nss   makes sure that libsoftokn3 and what it loads lie in ${XDG_CACHE_HOME:-~/.cache}/ronkms/nss, where the tests look for them.
#              Where that cannot be, it says why; the tests that need it are skipped then, and say so too.
#
# They are Debian's packages, fetched by apt-get with sources and lists of its own and checked by the keys in debian-archive-keyring, and only
# unpacked: nothing is installed. Their versions and SHA-256 are fixed below; where Debian keeps one no longer, or for another processor, there
# are none. What NSS stands on comes from an older release, whose C library nearly every machine has or surpasses.
# Remove the directory to have them fetched anew (4 MB, and once 20 MB of package lists). Needs apt-get and dpkg-deb, but not root.

nss=${XDG_CACHE_HOME:-$HOME/.cache}/ronkms/nss
nss_packages="\
c0899d931c14afb5b293adf3197ea96f0cb4654f1cfa4cf20828c8c7cfdbc438  libnss3_2%3a3.131.1-1_amd64.deb
6cca09767e94e4b5d2888ef31ad797bd3e7cec27fbbe98b49b10d4884746ce77  libnspr4_2%3a4.35-1_amd64.deb
a8d78b40e9b4e422224aeebfe0e4dfc243f6acf3532490b0c05480d4283d41e2  libsqlite3-0_3.40.1-2+deb12u2_amd64.deb"

want_nss() {
  local tool keys=/usr/share/keyrings/debian-archive-keyring.gpg
  is_nss_there && return 0
  for tool in apt-get dpkg-deb flock sha256sum; do
    command -v "$tool" >/dev/null || { nss_is_missing "$tool is missing"; return 0; }
  done
  [ -e "$keys" ] || { nss_is_missing "Debian's keys are missing: $keys (package debian-archive-keyring)"; return 0; }

  (
    { mkdir -p "$(dirname "$nss")" && exec 9>"$nss.lock" && flock 9; } || exit 1
    is_nss_there && exit 0
    rm -rf "$nss" || exit 1
    say "fetching an NSS with post-quantum mechanisms from Debian"
    new=$(mktemp -d "$nss.new.XXXXXX") || exit 1
    trap 'rm -rf "$new"' EXIT
    fetch_nss "$new" "$keys" >"$nss.log" 2>&1
  ) </dev/null || { [ $? -ne 2 ] || fail "$(tail -n 1 "$nss.log") ($nss.log)"; nss_is_missing "it could not be fetched: $(tail -n 1 "$nss.log" 2>/dev/null) ($nss.log)"; }
}

# What anybody else could have put there or changed is not loaded.
is_nss_there() {
  [ "$(cat "$nss/packages" 2>/dev/null)" = "$nss_packages" ] && [ -O "$nss" ] && [ -z "$(find "$nss" ! -user "$(id -u)" -o ! -type l -perm /022)" ]
}

nss_is_missing() { say "tests with the post-quantum mechanisms of NSS are skipped: $1"; }

# fetch_nss DIR KEYS: works in DIR, and puts the libraries in their place when they are whole.
fetch_nss() {
  local new=$1 suite package apt
  mkdir -p "$new"/{lists/partial,cache/archives/partial,root,lib,packages}
  for suite in forky bookworm; do
    printf 'deb [signed-by=%s] http://deb.debian.org/debian %s main\n' "$2" "$suite"
  done >"$new/sources"
  apt=(
    -o Dir::Etc::SourceList="$new/sources" -o Dir::Etc::SourceParts=/dev/null -o Dir::State::Lists="$new/lists" -o Dir::State::Status=/dev/null
    -o Dir::Cache="$new/cache" -o Acquire::Languages=none -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false
    -o Acquire::IndexTargets::deb::CNF::DefaultEnabled=false -o APT::Update::Error-Mode=any -o APT::Get::AllowUnauthenticated=false
    -o Acquire::AllowInsecureRepositories=false -o Acquire::http::Timeout=20 -o Acquire::Retries=1
  )
  timeout 300 apt-get "${apt[@]}" update || return 1
  (cd "$new/packages" && timeout 300 apt-get "${apt[@]}" download \
    libnss3=2:3.131.1-1 libnspr4=2:4.35-1 libsqlite3-0=3.40.1-2+deb12u2) || return 1
  (cd "$new/packages" && printf '%s\n' "$nss_packages" | sha256sum --check --strict) || { echo "error: what was fetched is not what is named here: another SHA-256"; return 2; }
  for package in "$new"/packages/*.deb; do
    dpkg-deb --extract "$package" "$new/root" || return 1
  done
  cp -L "$new"/root/usr/lib/*/lib{softokn3,freebl3,freeblpriv3,nssutil3,nspr4,plc4,plds4}.so "$new"/root/usr/lib/*/libsqlite3.so.0 "$new/lib" || return 1
  printf '%s\n' "$nss_packages" >"$new/lib/packages"
  chmod -R u=rwX,go=rX "$new/lib"
  rm -rf "$nss"
  mv -T "$new/lib" "$nss"
}

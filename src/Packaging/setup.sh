# Installs missing prerequisites of the build: the .NET SDK from a package source of the machine. On systems other than Debian it names the
# packages. Sourced by build.sh, whose variables and functions it uses.
# shellcheck shell=bash disable=SC2154 # variables of build.sh

# The command that installs the SDK if no package source has it.
sdk_command="curl -sSL https://dot.net/v1/dotnet-install.sh | bash -s -- --channel $sdk_major.0 --install-dir /usr/local/share/dotnet && ln -s /usr/local/share/dotnet/dotnet /usr/local/bin"

has_sdk() {
  command -v dotnet >/dev/null && dotnet --list-sdks | grep -q "^$sdk_major\."
}

# Installs the SDK if a package source has it, else names the command that does.
set_up_sdk() {
  ! has_sdk || return 0
  command -v apt-get >/dev/null || fail $unavailable "the .NET SDK $sdk_major is missing: $(packages_elsewhere)"
  [ "$(id -u)" != 0 ] || apt-get -qq update >&2 || say "apt-get update failed; trying with the package lists that are there"
  apt-cache show "dotnet-sdk-$sdk_major.0" >/dev/null 2>&1 ||
    fail $unavailable "the .NET SDK $sdk_major is missing, and no package source has dotnet-sdk-$sdk_major.0. This brings it (as root): $sdk_command"
  need_packages "dotnet-sdk-$sdk_major.0"
}

# Prints the command that installs the prerequisites of the build on systems whose packages are known.
packages_elsewhere() {
  local family
  # shellcheck source=/dev/null
  family=$(. /etc/os-release 2>/dev/null && printf ' %s %s ' "${ID:-}" "${ID_LIKE:-}")
  case $family in
    *' fedora '*) printf '%s' "dnf install dotnet-sdk-$sdk_major.0 gcc binutils musl-devel musl-libc-static; then: MuslDirectory=/usr/x86_64-linux-musl/lib64 ./build.sh build" ;;
    *' alpine '*) printf '%s' "apk add bash dotnet${sdk_major}-sdk gcc binutils musl-dev; then: MuslDirectory=/usr/lib IlcPackage=runtime.linux-musl-x64.Microsoft.DotNet.ILCompiler ./build.sh build" ;;
    *' arch '*) printf '%s' "pacman -S dotnet-sdk gcc binutils musl; then: MuslDirectory=/usr/lib/musl/lib ./build.sh build" ;;
    *) printf '%s' "install the .NET SDK $sdk_major, gcc, binutils and the static musl (rcrt1.o, libc.a); then, with the directory of rcrt1.o: MuslDirectory=DIR ./build.sh build" ;;
  esac
}

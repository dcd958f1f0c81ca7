#!/bin/bash
# chroot.sh DIR: makes a small Debian of this machine's release and sources in DIR, once, for the test that installs the packages. Debian's s6
# and its dependencies are in its cache, not installed.
set -euo pipefail

directory=$1
[ ! -d "$directory" ] || exit 0
# shellcheck source=/dev/null
release=$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")
mirror=$(apt-get indextargets --format '$(SITE) $(CODENAME)' 'Created-By: Packages' | awk -v release="$release" '$2 == release { print $1; exit }')
printf '==> making a Debian %s to install packages in\n' "$release" >&2
unfinished=$directory.unfinished
rm -rf "$unfinished"
mkdir -p "${directory%/*}"
debootstrap --variant=minbase "$release" "$unfinished" "$mirror" >"$directory.log" 2>&1 || { tail -n 20 "$directory.log" >&2; exit 100; }
chroot "$unfinished" apt-get -qq -y install --download-only --no-install-recommends s6 >>"$directory.log" 2>&1 || { tail -n 20 "$directory.log" >&2; exit 100; }
mv "$unfinished" "$directory"

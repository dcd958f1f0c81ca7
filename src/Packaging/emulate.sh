#!/bin/bash
# emulate.sh [NAME...]: runs the end-to-end tests, or those whose display names contain a NAME, with bin/arm64/localservice under qemu-user. The
# kernel starts qemu for each arm64 file, by a rule (binfmt_misc) that only exists in the user namespace of the tests: Linux 6.7 or later.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
emulator=/usr/bin/qemu-aarch64-static
list=$root/tests/EndToEnd/qemu-user.list
[ -x $emulator ] || { echo "emulate.sh: fatal: qemu-user-static is missing" >&2; exit 100; }

# Escapes the special characters of the filter's language.
escape() { sed -E 's/([()&|!=~\\])/\\\1/g'; }
# Tests that the emulation can't run: each line has a part of a test's name, then two blanks and the reason.
filter=$(sed -E '/^#|^$/d; s/  .*//' "$list" | escape | sed 's/^/DisplayName!~/' | paste -sd '&')
[ $# = 0 ] || filter="($filter)&($(printf '%s\n' "$@" | escape | sed 's/^/DisplayName~/' | paste -sd '|'))"

dotnet build "$root/tests/EndToEnd/EndToEnd.csproj" -c Release -nologo -v quiet
# The first 20 bytes of an executable for arm64, and a mask of the relevant bits: class, byte order, kind and machine.
magic='\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00'
mask='\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff'
# All ids are mapped to themselves. A process keeps the namespaces until the tests have ended.
unshare --user --mount sleep infinity &
keeper=$!
trap 'kill $keeper' EXIT
until [ "$(readlink /proc/$keeper/ns/mnt)" != "$(readlink /proc/self/ns/mnt)" ]; do sleep 0.1; done
echo '0 0 4294967295' >/proc/$keeper/uid_map
echo '0 0 4294967295' >/proc/$keeper/gid_map
nsenter --target $keeper --user --mount --setuid 0 --setgid 0 --wd="$PWD" bash -c '
  mount -t binfmt_misc none /proc/sys/fs/binfmt_misc &&
  printf "%s" ":localservice-arm64:M::$1:$2:$3:F" >/proc/sys/fs/binfmt_misc/register || exit 100
  export LOCALSERVICE_EXECUTABLE=$4/bin/arm64/localservice LOCALSERVICE_PATIENCE=${LOCALSERVICE_PATIENCE:-5}
  "$LOCALSERVICE_EXECUTABLE" --version >&2 || exit
  exec dotnet test "$4/tests/EndToEnd/EndToEnd.csproj" -c Release --no-build -nologo -v quiet --logger "console;verbosity=normal" --filter "$5"
' bash "$magic" "$mask" $emulator "$root" "$filter"

#!/usr/bin/env bash
# The one script for set-up, build, demonstrations, tests, measurements and installation. See `./build.sh help`.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
packaging=$root/src/Packaging
caller=$PWD
executable=$root/bin/localservice
sdk_major=10

# Debian packages that the link needs, that the tests run besides the executable itself, and that the measurements compare it with.
build_packages=(gcc binutils musl-tools)
test_packages=(
  apparmor bash-completion bsdextrautils bsdutils busybox curl cvs dnsmasq-base execline fish iproute2 ipsvd knot libcap2-bin libevent-2.1-7
  mandoc netcat-openbsd openssl procps python3 runit s6 socat spin strace systemd tinycdb tmux ucspi-tcp ucspi-unix unbound util-linux wrk
  xinetd zsh
)
afl_packages=(afl++)
model_packages=(gcc libc6-dev spin)
bench_packages=(adns-tools bind9-dnsutils busybox python3 python3-matplotlib s6 ucspi-tcp)
# For writing the manual pages and completions.
page_packages=(mandoc python3)
# For the tests of packages and images.
artefact_packages=(debootstrap lintian runc skopeo umoci)
# Packages for the tests that can't be installed beside the others. They are unpacked into obj/packages.
unpacked_packages=(openbsd-inetd)
# For the link for arm64 on x86-64. The tests also compare the layouts of structures with these headers.
arm64_packages=(gcc-aarch64-linux-gnu musl-dev:arm64)
# For making packages.
package_packages=(debhelper dpkg-dev git python3)

readonly unavailable=100

usage() {
  cat <<'TEXT'
usage: ./build.sh COMMAND

  setup         install the Debian packages for building and testing, and the .NET SDK if a package source has it (as root; otherwise
                name the missing packages); on Fedora, Alpine and Arch name the packages for building
  build [--arch arm64]
                build bin/localservice and its debug symbols, bin/localservice.debug; with --arch arm64, on x86-64, set up the cross build
                and build the same in bin/arm64
  man [--html]  build, and write the manual pages to bin/man, or as HTML to bin/html
  completions   build, and write the completions for bash, zsh and fish to bin/completions
  run [NAME]    set up, build, and show a local service with a credential gate; or the recipe NAME of the README: sudo, upgrade, wait,
                lock, dns, tcp, syslog; or all
  test [--arch arm64 [NAME...]]
                set up, build, and run every test; with --arch arm64, on x86-64, run the end-to-end tests (all, or those whose names
                contain a NAME) with the executable for arm64 in an emulator
  bench [NAME]  set up, build, measure everything, write bench/RESULTS.md and draw doc/figures.svg from it; or print one group: startup,
                connections, threads, live, memory, ioconnect, fdholder, sudo, tcp, syslog, events, locks, dns, micro; --rounds N: the
                number of rounds, 10 by default; --peer NAME=DIR: also compare with the executables s6-* in a directory
  figures       draw doc/figures.svg from bench/RESULTS.md without measuring
  fuzz [SECONDS [TARGET]]
                set up, build, and fuzz each parser for SECONDS, 60 by default; tests/Fuzz/driver.c lists the targets
  fuzz --afl TARGET [SECONDS]
                the same for one target, with the mutations of AFL++
  model [large]  set up, and check the model of the server; large: with more threads and clients, takes many minutes
  soak HOURS    set up, build, and run everything under load with faults for HOURS; writes bench/SOAK.md if it runs for an hour or more
  install [--replace] DIR
                build, copy the executable to DIR and link every role to it, as s6-NAME and as NAME
  package KIND [--arch ARCHITECTURE] [--no-build] [--output DIR]
                set up, build, and make packages in bin/packages or DIR, for amd64 and arm64 or one of them: tarball, deb, image (an OCI
                layout), or all, with checksums and a bill of materials; --no-build uses the existing executables
  clean         remove all build results
  help          show this text

Exit codes: 0 success; 100 a prerequisite is missing or the command line is wrong; any other code: a step failed, see its message.
TEXT
}

wrong_use() {
  usage >&2
  exit $unavailable
}

say() { printf '==> %s\n' "$*" >&2; }

fail() {
  local code=$1
  shift
  printf 'build.sh: fatal: %s\n' "$*" >&2
  exit "$code"
}

# ---- set-up ----------------------------------------------------------------------------------------------------------

need_sdk() {
  command -v dotnet >/dev/null ||
    fail $unavailable "the .NET SDK $sdk_major is missing: see https://dotnet.microsoft.com/download"
  # The dotnet command keeps its own files below HOME and fails without it.
  [ -n "${HOME:-}" ] || export DOTNET_CLI_HOME="${DOTNET_CLI_HOME:-$root/obj/home}"
  dotnet --list-sdks | grep -q "^$sdk_major\." ||
    fail $unavailable "the .NET SDK $sdk_major is missing (dotnet --list-sdks shows what is there): see https://dotnet.microsoft.com/download"
}

# Prints the named packages that are not installed.
missing_packages() {
  local installed package
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n${db:Status-Status} ${Package}:${Architecture}\n' "$@" 2>/dev/null || true)
  for package in "$@"; do
    grep -qx "installed $package" <<<"$installed" || printf '%s\n' "$package"
  done
}

need_packages() {
  local missing
  command -v dpkg-query >/dev/null ||
    fail $unavailable "this is not Debian: $(packages_elsewhere) (on Debian: $*)"
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -gt 0 ] || return 0
  [ "$(id -u)" = 0 ] ||
    fail $unavailable "missing Debian packages: ${missing[*]} (as root: apt-get install --no-install-recommends ${missing[*]})"
  say "installing ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  # apt only knows packages of another architecture after that has been added.
  [[ "${missing[*]}" != *:arm64* ]] || dpkg --add-architecture arm64
  apt-get -qq update >&2 || say "apt-get update failed; trying with the package lists that are there"
  apt-get -qq -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "${missing[@]}" >&2 ||
    fail $unavailable "could not install: ${missing[*]}"
}

# shellcheck source=src/Packaging/setup.sh
source "$packaging/setup.sh"

# Unpacks each of the named packages into a folder of its own.
need_unpacked() {
  local package folder
  for package in "$@"; do
    folder=$root/obj/packages/$package
    [ ! -e "$folder" ] || continue
    say "unpacking $package"
    rm -rf "$folder.new"
    mkdir -p "$folder.new"
    (cd "$folder.new" && apt-get -qq -o APT::Sandbox::User=root download "$package" >&2 && dpkg -x "$package"_*.deb .) || fail $unavailable "could not unpack: $package"
    mv "$folder.new" "$folder"
  done
}

setup() {
  set_up_sdk
  need_sdk
  need_packages "$@"
}

setup_tests() {
  setup "${build_packages[@]}" "${arm64_packages[@]}" "${test_packages[@]}" "${package_packages[@]}" "${artefact_packages[@]}"
  need_unpacked "${unpacked_packages[@]}"
}

# ---- build -----------------------------------------------------------------------------------------------------------

# The same settings for every call of dotnet.
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1

build() {
  need_sdk
  say "building bin/localservice"
  dotnet publish "$root/Multicall.csproj" -c Release -nologo -v quiet >&2
  say "built: $(stat -c %s "$executable") bytes"
}

build_for_arm64() {
  setup "${arm64_packages[@]}"
  say "building bin/arm64/localservice"
  dotnet publish "$root/Multicall.csproj" -c Release -p:NativeArchitecture=arm64 -nologo -v quiet >&2
  say "built: $(stat -c %s "$root/bin/arm64/localservice") bytes"
}

# Regenerates the files that are derived from `--describe`, so that nothing of an older version stays.
write_pages() {
  local target=$root/bin/$1
  rm -rf "$target"
  case $1 in
    completions) "$root/src/Packaging/pages.py" completions "$executable" "$target" ;;
    *) "$root/src/Packaging/pages.py" "$1" "$executable" "$root/doc/man" "$target" ;;
  esac
  say "written: bin/$1"
}

clean() {
  rm -rf "${root:?}"/{bin,obj} "$root"/tests/*/{bin,obj} "$root"/bench/{bin,obj}
}

install_to() {
  build
  (cd "$caller" && "$executable" --install "$@")
}

# ---- packages --------------------------------------------------------------------------------------------------------

make_packages() {
  local kind=${1:-} architectures=(amd64 arm64) build=yes architecture part packages=$root/bin/packages
  shift || true
  while [ $# -gt 0 ]; do
    case $1 in
      --arch) architectures=("${2:-}") && shift $(($# > 1)) ;;
      --no-build) build=no ;;
      --output) packages=$(cd "$caller" && realpath -m "${2:-.}") && shift $(($# > 1)) ;;
      *) wrong_use ;;
    esac
    shift
  done
  [[ $kind =~ ^(tarball|deb|image|all)$ && ${architectures[*]} =~ ^(amd64|arm64|amd64 arm64)$ ]] || wrong_use
  if [ $build = yes ]; then
    setup "${build_packages[@]}" "${package_packages[@]}"
    # For any architecture, the names of the roles come from the executable that runs here.
    build
    [[ ${architectures[*]} != *arm64* ]] || build_for_arm64
    rm -rf "$root"/bin/{man,completions}
  fi
  for part in man completions; do [ -d "$root/bin/$part" ] || write_pages $part; done
  # shellcheck source=src/Packaging/package.sh
  source "$packaging/package.sh"
  for architecture in "${architectures[@]}"; do
    [ -x "$(executable_for "$architecture")" ] || fail $unavailable "$(executable_for "$architecture") is not built"
  done
  package "$kind" "${architectures[@]}"
}

# ---- tests -----------------------------------------------------------------------------------------------------------

# Sums the counters of the runner's result files into the last line that `test` prints. A line before it reports failed attempts: a check
# that depends on how soon processes run has three attempts.
print_totals() {
  local failed
  failed=$(cat "$1"/attempts.* 2>/dev/null | grep -c ': attempt [0-9]*:$') && say "$failed attempts failed, before those that counted: $1/attempts.*"
  cat "$1"/*.trx 2>/dev/null | grep -o '<Counters [^>]*' | awk '
    function counter(name) { return match($0, " " name "=\"[0-9]+\"") ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4) + 0 : 0 }
    { total += counter("total"); ran += counter("executed"); passed += counter("passed") }
    END { printf "%d passed, %d failed", passed, ran - passed; if (total > ran) printf ", %d skipped", total - ran; print "" }'
}

run_tests() {
  local results=$root/obj/test-results code=0
  rm -rf "$results"
  say "running the tests"
  dotnet test "$root/Multicall.slnx" -c Release -nologo -v quiet --logger trx --logger "console;verbosity=minimal" --results-directory "$results" || code=$?
  print_totals "$results"
  return $code
}

# ---- measurements ----------------------------------------------------------------------------------------------------

# The C programs that mark the possible minimum: static, with musl, at a fixed and at a random address.
build_floors() {
  local source name musl=/usr/lib/x86_64-linux-musl options=(-O2 -s -nostdinc -isystem /usr/include/x86_64-linux-musl -nostdlib)
  mkdir -p "$root/obj/bench"
  for source in "$root"/bench/floor/*.c; do
    name=$root/obj/bench/$(basename "$source" .c)
    gcc "${options[@]}" -static -no-pie -o "$name" \
      $musl/crt1.o $musl/crti.o "$source" -L$musl -lc -lgcc $musl/crtn.o
    gcc "${options[@]}" -fPIE -static-pie -o "$name-pie" \
      $musl/rcrt1.o $musl/crti.o "$source" -L$musl -lc -lgcc $musl/crtn.o
  done
}

# Draws the existing results; the same results give the same picture. Uses Debian's Python, which has the library.
draw_figures() {
  /usr/bin/python3 "$root/bench/figures.py" "$root/bench/RESULTS.md" "$root/doc/figures.svg"
}

bench() {
  build_floors
  dotnet build "$root/bench/Bench.csproj" -c Release -nologo -v quiet >&2
  say "measuring: other work on this machine makes the spread wider"
  (cd "$caller" && "$root/bench/bin/Release/net10.0/Bench" "$@")
  draw_figures
}

# ---- proof -----------------------------------------------------------------------------------------------------------

fuzz_targets=(cdb rules messages expressions dns environment options)

build_fuzzer() {
  local driver=$root/bin/fuzz/driver
  if [ -x "$driver" ] && [ -z "$(find "$root/src" "$root/tests/Fuzz" "$root"/Multicall.csproj "$root"/Directory.* -newer "$driver" -print -quit)" ]; then
    return
  fi
  say "building bin/fuzz/driver"
  # Other builds may be running, in tests, so this doesn't restore again.
  [ -f "$root/obj/project.assets.json" ] || dotnet restore "$root/Multicall.csproj" -v quiet >&2
  dotnet build "$root/Multicall.csproj" -c Release --no-restore -p:Fuzz=true -t:CompileNative -nologo -v quiet >&2
  "$root/tests/Fuzz/build.sh" "$root"
}

fuzz() {
  local seconds=${1:-60} target targets running=0 code=0
  [ $# = 2 ] && targets=("$2") || targets=("${fuzz_targets[@]}")
  build_fuzzer
  mkdir -p "$root/obj/fuzz/corpus" "$root/obj/fuzz/found"
  for target in "${targets[@]}"; do
    # New inputs go into a copy of the versioned corpus.
    mkdir -p "$root/obj/fuzz/corpus/$target" "$root/obj/fuzz/found/$target"
    cp "$root/tests/corpus/$target"/* "$root/obj/fuzz/corpus/$target/"
    # Runs as many at a time as there are processors.
    if [ $running -ge "$(nproc)" ]; then wait -n || code=$?; else running=$((running + 1)); fi
    "$root/bin/fuzz/driver" "$target" "$seconds" "$root/obj/fuzz/corpus/$target" "$root/obj/fuzz/found/$target" &
  done
  for ((; running > 0; running--)); do wait -n || code=$?; done
  [ $code = 0 ] || say "what was found is in obj/fuzz/found"
  return $code
}

# The same with afl-fuzz instead of the driver's own mutations. Exit code 101 means that a parser contradicted itself.
fuzz_with_afl() {
  local target=$1 seconds=${2:-60} results=$root/obj/fuzz/afl/$1 input found=()
  [[ " ${fuzz_targets[*]} " == *" $target "* && $seconds =~ ^[1-9][0-9]*$ ]] || wrong_use
  need_packages "${afl_packages[@]}"
  build_fuzzer
  rm -rf "$results"
  mkdir -p "$results" "$root/obj/fuzz/found/$target"
  AFL_NO_UI=1 AFL_NO_AFFINITY=1 AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_CRASH_EXITCODE=101 \
    afl-fuzz -i "$root/tests/corpus/$target" -o "$results" -G 4096 -t 10000 -V "$seconds" -- "$root/bin/fuzz/driver" "$target" >"$results/log" ||
    { tail -n 20 "$results/log" >&2; return 1; }
  grep -E '^(execs_done|corpus_found|saved_crashes|saved_hangs) ' "$results/default/fuzzer_stats"
  for input in "$results"/default/{crashes,hangs}/id:*; do
    [ ! -e "$input" ] || { cp "$input" "$root/obj/fuzz/found/$target/" && found+=("$input"); }
  done
  [ ${#found[@]} = 0 ] || { say "what was found is in obj/fuzz/found/$target"; return 1; }
}

soak() {
  local hours=$1 result=$root/obj/SOAK.md code=0
  mkdir -p "$root/obj"
  # Low priority, so that it doesn't disturb other work on this machine.
  nice -n 19 python3 "$root/tests/Soak/soak.py" "$executable" "$hours" "$result" || code=$?
  [ "${hours%%.*}" -lt 1 ] || cp "$result" "$root/bench/SOAK.md"
  return $code
}

# ---- commands --------------------------------------------------------------------------------------------------------

main() {
  local command=${1:-help}
  [ $# = 0 ] || shift
  case $command in
    setup) setup_tests ;;
    build)
      case "$*" in
        '') build ;;
        '--arch arm64') build_for_arm64 ;;
        *)
          wrong_use
          ;;
      esac
      ;;
    man | completions)
      case $command$* in
        man--html) command=html ;;
        man | completions) ;;
        *)
          wrong_use
          ;;
      esac
      setup "${build_packages[@]}" "${page_packages[@]}"
      build
      write_pages "$command"
      ;;
    run)
      # shellcheck source=src/Packaging/run.sh
      source "$packaging/run.sh"
      is_demonstration "$@" || wrong_use
      if [ "${2:-}" != --no-build ]; then
        setup "${build_packages[@]}"
        build
      fi
      demonstrate "${1:-tour}"
      ;;
    test)
      if [ "${1:-}" = --arch ]; then
        [ "${2:-}" = arm64 ] || wrong_use
        setup_tests
        need_packages qemu-user-static
        build
        build_for_arm64
        exec "$packaging/emulate.sh" "${@:3}"
      fi
      [ $# = 0 ] || wrong_use
      setup_tests
      build
      build_for_arm64
      "$packaging/chroot.sh" "$root/obj/chroot"
      run_tests
      ;;
    bench)
      setup "${build_packages[@]}" "${bench_packages[@]}"
      build
      bench "$@"
      ;;
    figures)
      need_packages "${bench_packages[@]}"
      draw_figures
      ;;
    fuzz)
      setup "${build_packages[@]}"
      if [ "${1:-}" = --afl ]; then
        [ $# = 2 ] || [ $# = 3 ] || wrong_use
        fuzz_with_afl "${@:2}"
      else
        fuzz "$@"
      fi
      ;;
    model)
      need_packages "${model_packages[@]}"
      "$root/tests/Model/check.sh" "${1:-small}"
      ;;
    soak)
      [ $# = 1 ] || wrong_use
      setup "${build_packages[@]}" "${test_packages[@]}"
      build
      soak "$1"
      ;;
    install)
      [ $# = 1 ] || [ "$#/${1:-}" = 2/--replace ] || wrong_use
      install_to "$@"
      ;;
    package)
      make_packages "$@"
      ;;
    clean) clean ;;
    help | --help | -h) usage ;;
    *)
      wrong_use
      ;;
  esac
}

main "$@"

#!/bin/sh
# Goes through every order of events in the model of the server: check.sh small (seconds), or check.sh large (many minutes, up to 8 GB).
# And each fault that is put into it has to be found. Exit codes: 0 nothing is wrong; 1 something is; 100 usage.
set -eu

model=$(cd "$(dirname "$0")" && pwd)/server.pml
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

# check EXPECTED NAME=VALUE...: EXPECTED is whether the model holds, or has a fault that is found.
check() {
  expected=$1
  shift
  definitions=
  for definition in "$@"; do definitions="$definitions -D$definition"; done
  cd "$work"
  # shellcheck disable=SC2086 # several words
  { cp "$model" . && spin $definitions -a server.pml && gcc -O2 -DSAFETY -DCOLLAPSE -DMEMLIM=8000 -o pan pan.c; } >log 2>&1 || { cat log; exit 1; }
  ./pan -E -m1000000 -w20 >log 2>&1 || true
  states=$(sed -n 's/^ *\([0-9]*\) states, stored.*/\1/p' log)
  if grep -q 'errors: 0$' log && ! grep -qE 'max search depth too small|out of memory|reached -DMEMLIM' log; then
    result=holds
  elif grep -q 'assertion violated' log; then
    result=found
  else
    cat log
    exit 1
  fi
  printf '%s: %s: %s states\n' "$*" "$result" "$states"
  [ "$result" = "$expected" ] || { grep pan: log; exit 1; }
}

case "$*" in
  small)
    check holds THREADS=1 CLIENTS=2 STRANGERS=1 SHORTAGES=1 FAILURES=0
    check holds THREADS=2 CLIENTS=2 STRANGERS=0 SHORTAGES=0 FAILURES=0 MOST=1
    check holds THREADS=1 CLIENTS=2 STRANGERS=0 SHORTAGES=0 FAILURES=1 EARLY_TERM=1
    # SlotFreed wakes nobody; places that are reserved aren't counted; only the child that SIGCHLD names is waited for; a thread that was woken
    # doesn't look again; the kernel doesn't say who a child is before it runs; a failed child is waited for without WNOTHREAD.
    check found THREADS=2 CLIENTS=2 STRANGERS=0 SHORTAGES=0 FAILURES=0 MOST=1 FAULT=1
    check found THREADS=2 CLIENTS=2 STRANGERS=0 SHORTAGES=0 FAILURES=0 MOST=1 FAULT=2
    check found THREADS=1 CLIENTS=2 STRANGERS=0 SHORTAGES=0 FAILURES=0 MOST=2 MOST_PER_KEY=2 FAULT=3
    check found THREADS=2 CLIENTS=3 STRANGERS=0 SHORTAGES=0 FAILURES=0 MOST=1 FAULT=4
    check found THREADS=1 CLIENTS=2 STRANGERS=0 SHORTAGES=0 FAILURES=0 FAULT=5
    check found THREADS=2 CLIENTS=2 STRANGERS=0 SHORTAGES=0 FAILURES=1 MOST_PER_KEY=2 PIDS=2 FAULT=6
    ;;
  large)
    check holds THREADS=1 CLIENTS=2 EARLY_TERM=1
    check holds THREADS=1 CLIENTS=3
    check holds THREADS=2 CLIENTS=2 SHORTAGES=0
    check holds THREADS=2 CLIENTS=3 STRANGERS=0 SHORTAGES=0 FAILURES=1 MOST=2 MOST_PER_KEY=2
    check holds THREADS=2 CLIENTS=2 STRANGERS=0 FAILURES=1 EARLY_TERM=1
    check holds THREADS=3 CLIENTS=3 STRANGERS=0 SHORTAGES=0 FAILURES=0 MOST=2 MOST_PER_KEY=2
    ;;
  *)
    echo "usage: $0 small | large" >&2
    exit 100
    ;;
esac

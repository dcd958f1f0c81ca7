#!/bin/sh
# Checks every order of events in the model of the server: check.sh small (seconds), or check.sh large (many minutes, up to 8 GB). Each
# fault that is put into the model has to be found. Exit codes: 0 nothing is wrong; 1 something is wrong; 100 usage.
set -eu

model=$(cd "$(dirname "$0")" && pwd)/server.pml
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

# check EXPECTED NAME=VALUE...: checks one model. EXPECTED is "holds", or "found" for a model with a fault.
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
    # The faults: SlotFreed wakes no thread; reserved places aren't counted; the server only waits for the child that SIGCHLD names; a woken
    # thread doesn't check again; the kernel doesn't report a child's process id before it runs; the wait for a failed child lacks WNOTHREAD.
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

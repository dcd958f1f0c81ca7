#!/usr/bin/python3
"""stopped.py [--always] BEFORE CHANGE PROGRAM...: what a program does when files change while it looks at them.

It is run again and again, each time stopped at a later system call that has to do with files; there the shell command CHANGE is run, and it goes on.
BEFORE is run before each. With --always the program is run once, and stopped at each of these calls. Prints the different results,
EXITCODE: OUTPUT, and how often it was stopped."""
import os
import re
import signal
import subprocess
import sys
import time

CALLS = ("openat", "newfstatat", "statx", "fstat", "faccessat", "getdents64", "pread64", "close")
TRACE = "stopped.trace"


def stops():
    with open(TRACE) as trace:
        return trace.read().count("--- stopped by SIGSTOP ---")


def run(program, change, calls, when):
    """Runs the program; the result, and how often it was stopped."""
    open(TRACE, "w").close()
    inject = f"inject={calls}:signal=SIGSTOP:when={when}"
    tracer = subprocess.Popen(
        ["strace", "-f", "-o", TRACE, "-e", "trace=" + calls, "-e", inject, *program], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    stopped = 0
    while tracer.poll() is None:
        if stops() > stopped:
            stopped += 1
            subprocess.run(change, shell=True, check=True)
            with open(TRACE) as trace:
                pids = set(re.findall(r"^(\d+) ", trace.read(), re.M))
            for pid in pids:
                os.kill(int(pid), signal.SIGCONT)
        time.sleep(0.001)
    output = tracer.stdout.read().decode()
    return f"{tracer.returncode}: {output}".strip(), stopped


def main():
    words = sys.argv[1:]
    always = words[0] == "--always"
    before, change, *program = words[1:] if always else words
    results, stops_in_all = set(), 0
    for calls in [",".join(CALLS)] if always else CALLS:
        number, stopped = 0, 1
        while stopped and not (always and number):
            number += 1
            subprocess.run(before, shell=True, check=True)
            result, stopped = run(program, change, calls, "1+" if always else number)
            results.add(result)
            stops_in_all += stopped
    print(*sorted(results), sep="\n")
    print("stopped often" if stops_in_all >= 10 else f"stopped {stops_in_all} times")


main()

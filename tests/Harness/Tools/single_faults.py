#!/usr/bin/python3
"""single_faults.py ERRORS PROGRAM...: runs a program once for each system call that it makes on files or memory, until it becomes another program,
and each of the errors, ERROR,ERROR..., with which that one call fails. Prints the result without a fault, EXITCODE: OUTPUT, each different one (of those
that end with 111 just that), and how many runs there were."""
import re
import subprocess
import sys

FILES = ("openat", "newfstatat", "statx", "fstat", "faccessat", "getdents64", "pread64")
OTHERS = ("mmap", "mremap", "munmap", "getsockname", "close")  # no signal interrupts these
TRACE = "faults.trace"


def run(program, inject=()):
    done = subprocess.run(["strace", "-qq", "-o", TRACE, *inject, *program], capture_output=True, timeout=30, check=False)
    with open(TRACE) as trace:
        before, injected, _ = trace.read().partition("(INJECTED)")
    injected = injected and len(re.findall(r"^execve\(.* = 0$", before, re.M)) == 1
    return f"{done.returncode}: {done.stdout.decode()}".strip(), injected


def main():
    errors, *program = sys.argv[1:]
    expected, _ = run(program)
    others, runs = set(), 0
    for error in errors.split(","):
        for call in FILES if error == "EINTR" else FILES + OTHERS:
            number, injected = 0, True
            while injected:
                number += 1
                result, injected = run(program, ["-e", f"trace=execve,{call}", "-e", f"inject={call}:error={error}:when={number}"])
                runs += bool(injected)
                if injected and result != expected:
                    others.add("111" if result.startswith("111:") else f"{call} {number} {error}: {result}")
    print("expected", expected)
    print(*sorted(others), sep="\n", end="\n" if others else "")
    print("many runs" if runs >= 20 else f"{runs} runs")


main()

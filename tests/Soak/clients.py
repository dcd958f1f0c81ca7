"""What the clients of the soak do, and what their answers have to be."""
import fcntl
import mmap
import os
import random
import socket
import struct
import subprocess
import time

from tally import ALLOWED, PATIENCE


def converse(address, source=None, family=socket.AF_UNIX, held=None):
    """What a server says until the end; '' when it says nothing, None when it takes too long."""
    client = socket.socket(family)
    client.settimeout(PATIENCE)
    try:
        if source:
            client.bind((source, 0))
        client.connect(address)
        if held is not None:
            answer = client.recv(256)
            if answer:
                held(answer)
            return answer
        answer = b""
        while True:
            part = client.recv(256)
            if not part:
                return answer
            answer += part
    except socket.timeout:
        return None
    except (ConnectionResetError, BrokenPipeError):
        return b""
    except OSError as error:
        return error
    finally:
        client.close()


def judge(answer, allowed, who, most):
    if answer is None:
        return "hung", "no end"
    if isinstance(answer, OSError):
        return ("turned_away", str(answer)) if allowed else ("failed", str(answer))
    if not allowed:
        return ("let_in_wrongly", answer) if answer else ("refused", "")
    if not answer:
        return "turned_away", "nothing said"
    words = answer.decode("latin-1").split()
    if len(words) != 3 or words[0] != who or words[1] != who or not words[2].isdigit():
        # A child that is killed during its only write has written all or nothing.
        return "wrong_answer", f"{answer!r} for {who}"
    if not 1 <= int(words[2]) <= most:
        return "over_limit", f"number {words[2]} of at most {most}"
    return "served", ""


def unix_client(path, uid, most=200):
    allowed = uid in ALLOWED
    return lambda number: judge(converse(path), allowed, str(uid), most)


def tcp_client(port, source, allowed):
    return lambda number: judge(converse(("127.0.0.1", port), source, socket.AF_INET), allowed, source, 200)


class Gauge:
    """Counts in shared memory, under a lock of a file, what is connected at a time."""

    def __init__(self, directory):
        self.page = mmap.mmap(-1, 4096)
        self.lock = open(os.path.join(directory, "gauge"), "w")
        os.chmod(self.lock.name, 0o666)

    def change(self, place, by):
        fcntl.lockf(self.lock, fcntl.LOCK_EX)
        value = struct.unpack_from("<i", self.page, place * 4)[0] + by
        struct.pack_into("<i", self.page, place * 4, value)
        fcntl.lockf(self.lock, fcntl.LOCK_UN)
        return value


def limited_client(path, uid, gauge, most, most_per_user):
    """A client of a server that is always full: what is connected at a time is counted by the clients themselves."""
    def step(number):
        seen = []

        def held(answer):
            total = gauge.change(0, 1)
            own = gauge.change(ALLOWED.index(uid) + 1, 1)
            seen.append((total, own))
            time.sleep(random.random() * 0.01)
            gauge.change(ALLOWED.index(uid) + 1, -1)
            gauge.change(0, -1)
        answer = converse(path, held=held)
        if seen and (seen[0][0] > most or seen[0][1] > most_per_user):
            return "crowded", f"{seen[0][0]} connections, {seen[0][1]} of uid {uid}"
        verdict = judge(answer, True, str(uid), most_per_user)
        # A client above the limit for one user is refused, which is the purpose of this server.
        return ("refused", "") if verdict == ("turned_away", "nothing said") else verdict
    return step


def command(words, want_code=0, want_output=None, stdin=b"", seconds=PATIENCE):
    try:
        done = subprocess.run(words, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=seconds)
    except subprocess.TimeoutExpired:
        return "hung", " ".join(words)
    if done.returncode != want_code:
        return "failed", f"{' '.join(words)}: exit code {done.returncode}: {done.stderr.decode('latin-1').strip()}"
    if want_output is not None and done.stdout != want_output:
        return "wrong_answer", f"{' '.join(words)}: {done.stdout!r} instead of {want_output!r}"
    return "served", ""


def sudo_client(tool, path, uid):
    def step(number):
        if uid in ALLOWED:
            # The exit code and the output come back. Earlier children of the server may still be ending, so the number varies.
            done = subprocess.run([tool("s6-sudo"), path], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE)
            return judge(done.stdout, True, str(uid), 200) if done.returncode == 0 else ("failed", f"{done.returncode} {done.stderr!r}")
        done = subprocess.run([tool("s6-sudo"), path], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=PATIENCE)
        return ("let_in_wrongly", done.stdout) if done.returncode == 0 or done.stdout else ("refused", "")
    return step


def unhurried(client):
    """The same, but most of the time it does nothing: for servers that are slow because somebody traces them."""
    def step(number):
        time.sleep(0.05)
        return client(number)
    step.tidy_up = getattr(client, "tidy_up", lambda: None)
    return step


def holder_client(tool, path, directory):
    """Stores a pipe with a message, lists it, takes it out again elsewhere, and deletes it."""
    left = []

    def tidy_up():
        for name in list(left):
            done = subprocess.run([tool("s6-fdholder-delete"), path, name], stderr=subprocess.DEVNULL, timeout=PATIENCE)
            if done.returncode in (0, 1):
                left.remove(name)

    def step(number):
        tidy_up()
        name = f"own:{os.getpid()}.{random.randrange(1 << 30)}"
        read, write = os.pipe()
        text = name.encode() + b"\n"
        os.write(write, text)
        os.close(write)
        with os.fdopen(read) as source:
            done = subprocess.run([tool("s6-fdholder-store"), path, name], stdin=source, stderr=subprocess.PIPE, timeout=PATIENCE)
        if done.returncode:
            left.append(name)
            return "failed", f"store: {done.returncode} {done.stderr!r}"
        verdict = command([tool("s6-fdholder-retrieve"), "-D", path, name, "cat"], 0, text)
        if verdict[0] != "served":
            left.append(name)
        return verdict
    step.tidy_up = tidy_up
    return step


def lock_client(tool, path, directory):
    """Adds one to a number in a file, under a lock; the sum is looked at in the end."""
    counter = os.path.join(directory, "count")
    script = f'read -r n <"{counter}"; echo $((n+1)) >"{counter}.$$"; mv "{counter}.$$" "{counter}"'

    def step(number):
        return command([tool("s6-lock-acquire"), "-t", "50000", path, "lock", "sh", "-c", script])
    return step


def event_client(tool, fifodir):
    def step(number):
        return command([tool("s6-ftrig-listen1"), "-t", "50000", fifodir, "a", tool("s6-ftrig-notify"), fifodir, "a"], 0, b"a\n")
    return step


def syslog_client(path, ident):
    """Numbered lines; the reader of what the daemon writes misses none."""
    state = {"next": 0, "socket": None}

    def step(number):
        if state["socket"] is None:
            state["socket"] = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            state["socket"].settimeout(PATIENCE)
            state["socket"].connect(path)
        try:
            for _ in range(50):
                state["socket"].send(f"<13>{ident}: {state['next']}".encode())
                state["next"] += 1
        except socket.timeout:
            return "hung", "the syslog daemon takes nothing"
        time.sleep(0.005)
        return "served", ""
    return step


def stream_log_client(path, ident):
    """The same over streams, with a new connection for every few lines."""
    state = {"next": 0}

    def step(number):
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(PATIENCE)
        try:
            client.connect(path)
            client.sendall(b"".join(f"<13>{ident}: {state['next'] + place}\0".encode() for place in range(20)))
            client.shutdown(socket.SHUT_WR)
            state["next"] += 20
            # The daemon closes after it has read everything.
            client.recv(1)
        except socket.timeout:
            return "hung", "the syslog daemon takes nothing"
        finally:
            client.close()
        time.sleep(0.005)
        return "served", ""
    return step

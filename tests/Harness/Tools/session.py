#!/usr/bin/python3
"""session.py: runs the Python program on standard input, which has all that is below: clients of services that have a channel of their own
for events, as doc/services.md describes them."""
import array
import fcntl
import os
import select
import socket
import struct
import subprocess
import sys
import time

LIMIT = 30


class Session:
    """A client. Commands and answers are bytes; an answer or event that doesn't come is "closed" or, after a while, "nothing"."""

    def __init__(self, commands, answers, events, process=None):
        self.commands, self.answers, self.events, self.process = commands, answers, events, process

    @staticmethod
    def spawn(*program, before=None, **options):
        """Starts a service over pipes. What it is greeted with is left to the caller, unless it is given."""
        commands_read, commands = os.pipe()
        answers, answers_write = os.pipe()
        events, events_write = os.pipe()
        variables = dict(os.environ, SKALIBS_CHILD_SPAWN_FDS=str(events_write))
        process = subprocess.Popen(program, stdin=commands_read, stdout=answers_write, pass_fds=[events_write], env=variables, **options)
        for descriptor in (commands_read, answers_write, events_write):
            os.close(descriptor)
        session = Session(commands, answers, events, process)
        if before:
            session.greet(before)
        return session

    @staticmethod
    def connect(path, before):
        """Connects to a service behind a socket."""
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(LIMIT)
        connection.connect(path)
        return Session.over(connection, before)

    @staticmethod
    def over(connection, before):
        connection.sendall(frame(before))
        mark, control, _, _ = connection.recvmsg(1, socket.CMSG_SPACE(4 * 4))
        descriptors = array.array("i")
        for _, _, content in control:
            descriptors.frombytes(content)
        if mark != b"|" or len(descriptors) != 1:
            return None
        number = connection.detach()
        session = Session(number, number, descriptors[0])
        assert session.event_bytes() == session.answer_bytes() == after(before)
        return session

    def greet(self, before):
        self.write(frame(before))
        assert self.event_bytes() == after(before), "the third channel comes first"
        assert self.answer_bytes() == after(before)

    def write(self, data):
        try:
            os.write(self.commands, data)
        except BrokenPipeError:
            pass

    def send(self, data):
        self.write(frame(data))

    def answer_bytes(self):
        return receive(self.answers)

    def event_bytes(self, limit=LIMIT):
        return receive(self.events, limit)

    def answer(self):
        return text(self.answer_bytes())

    def event(self, limit=LIMIT):
        return text(self.event_bytes(limit))

    def ask(self, data):
        """Sends a command and returns the answer, in hexadecimal."""
        self.send(data)
        return self.answer()

    def end(self):
        """Closes everything, and returns the exit code of a service that was started."""
        for descriptor in {self.commands, self.answers, self.events}:
            os.close(descriptor)
        return self.process.wait(LIMIT) if self.process else None

    def exit_code(self):
        return self.process.wait(LIMIT)


def frame(data):
    return struct.pack(">I", len(data)) + data


def after(before):
    return before.replace(b"(b)", b"(a)")


def receive(descriptor, limit=LIMIT):
    """The next message; None at the end, an empty one when nothing comes in time."""
    size, data = 4, b""
    while len(data) < size:
        if not select.select([descriptor], [], [], limit)[0]:
            return b""
        try:
            part = os.read(descriptor, size - len(data))
        except BlockingIOError:
            continue
        except ConnectionResetError:
            part = b""
        if not part:
            return None
        data += part
        if len(data) == 4 and size == 4:
            size += struct.unpack(">I", data)[0]
    return data[4:]


def text(message):
    return "closed" if message is None else message.hex() or "nothing"


def until(condition):
    """Waits until a condition holds."""
    end = time.monotonic() + LIMIT
    while not condition():
        if time.monotonic() > end:
            sys.exit("never true")
        time.sleep(0.005)


# The first and the second generation of event notification.

EVENTS1 = b"ftrigr v1.0 (b)\n"
EVENTS2 = b"ftrigr v2.0 (b)\n"


def subscribe1(number, directory, expression, repeat=False):
    directory, expression = directory.encode(), expression.encode()
    head = struct.pack(">HcIII", number, b"L", repeat, len(directory), len(expression))
    return head + directory + b"\0" + expression + b"\0"


def unsubscribe1(number):
    return struct.pack(">Hc", number, b"U")


def subscribe2(number, directory, expression, repeat=False, milliseconds=0):
    payload = directory.encode() + b"\0" + expression.encode() + b"\0"
    return struct.pack(">cIIIII", b"+", number, repeat, milliseconds, 0, len(payload)) + payload


def unsubscribe2(number):
    return struct.pack(">cI", b"-", number)


def notify(directory, events, program="s6-ftrig-notify"):
    subprocess.run([program, directory, events], check=True)


def fifos(directory):
    return sorted(os.listdir(directory))


# Timed locks.

LOCKS = b"s6lock v1.0 (b)\n"


def acquire(number, path, exclusive=True, seconds=None, counts_nul=False):
    """The command that begins to take a lock, until so many seconds from now."""
    limit = bytes(12)
    if seconds is not None:
        nanoseconds = time.time_ns() + int(seconds * 10**9)
        limit = struct.pack(">QI", (1 << 62) + 37 + nanoseconds // 10**9, nanoseconds % 10**9)
    path = path.encode()
    return struct.pack(">HcI", number, b"<", exclusive) + limit + struct.pack(">I", len(path) + counts_nul) + path + b"\0"


def release(number):
    return struct.pack(">Hc", number, b">")


def resident(process):
    """The resident memory of a process, in KiB."""
    return int(next(line for line in open(f"/proc/{process}/status") if line.startswith("VmRSS")).split()[1])


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    exec(compile(sys.stdin.read(), "standard input", "exec"))  # pylint: disable=exec-used

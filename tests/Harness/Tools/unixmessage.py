#!/usr/bin/python3
"""unixmessage.py SOCKET [WORD...]: runs the Python program on standard input, which has all that is below: it speaks the messages that carry
descriptors, byte by byte if need be, with the server at SOCKET. A connection that is refused, reset or at its end reads as "closed"."""
import array
import os
import random
import socket
import struct
import sys
import time

HEADER = struct.Struct(">IH")
NEVER = (1 << 62) + (1 << 61)
LIMIT = 30


class Connection:
    def __init__(self, path=None):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(LIMIT)
        self.socket.connect(path or sys.argv[1])

    def write(self, data, descriptors=()):
        """Bytes as they are; what the server doesn't take any more is dropped."""
        control = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))] if descriptors else []
        try:
            sent = self.socket.sendmsg([data], control)
            if sent < len(data):
                self.socket.sendall(data[sent:])
        except (BrokenPipeError, ConnectionResetError):
            pass

    def send(self, data, descriptors=()):
        """A message."""
        self.write(frame(data, len(descriptors)), descriptors)

    def receive(self):
        """The next message, as its data and its descriptors; None at the end."""
        data, descriptors = b"", array.array("i")
        size = HEADER.size
        while len(data) < size:
            try:
                part, control, flags, _ = self.socket.recvmsg(min(size - len(data), 1 << 20), socket.CMSG_SPACE(253 * 4))
            except ConnectionResetError:
                part, control, flags = b"", [], 0
            for _, kind, content in control:
                assert kind == socket.SCM_RIGHTS
                descriptors.frombytes(content)
            if not part or flags & socket.MSG_CTRUNC:
                return None
            data += part
            if len(data) == HEADER.size:
                length, announced = HEADER.unpack(data)
                size = HEADER.size + length
        assert len(descriptors) == announced, (len(descriptors), announced)
        return data[HEADER.size:], list(descriptors)

    def ask(self, data, descriptors=()):
        """Sends a message and returns the next one as text: data in hexadecimal, and how many descriptors it came with."""
        self.send(data, descriptors)
        return self.answer()

    def answer(self):
        received = self.receive()
        if received is None:
            return "closed"
        data, descriptors = received
        for descriptor in descriptors:
            os.close(descriptor)
        return data.hex() + (f" +{len(descriptors)}" if descriptors else "")

    def is_closed(self):
        """Whether the server closes the connection without another word."""
        return self.receive() is None

    def close(self):
        self.socket.close()


def frame(data, descriptors=0):
    return HEADER.pack(len(data), descriptors) + data


def name(text):
    text = text.encode() if isinstance(text, str) else text
    return bytes([len(text)]) + text + b"\0"


def date(seconds=None, nanoseconds=0):
    """A date so many seconds from now; without a number never."""
    label = NEVER if seconds is None else (1 << 62) + 37 + int(time.time()) + seconds
    return struct.pack(">QI", label, nanoseconds)


def entry(text, seconds=None, nanoseconds=0):
    return date(seconds, nanoseconds) + name(text)


def store(text, seconds=None, nanoseconds=0):
    return b"S" + entry(text, seconds, nanoseconds)


def delete(text):
    return b"D" + name(text)


def retrieve(text, deletes=False):
    return b"R" + bytes([deletes]) + name(text)


def set_dump(total):
    return b"!" + struct.pack(">I", total)


def dump_part(*entries):
    return b"." + b"".join(entries)


def entries_of(data):
    """The dates and names of a message of a dump."""
    entries = []
    while data:
        length = data[12]
        assert data[13 + length] == 0
        entries.append((data[:12], data[13:13 + length]))
        data = data[14 + length:]
    return entries


def descriptors_of(process):
    return len(os.listdir(f"/proc/{process}/fd"))


def until(condition):
    """Waits until a condition holds."""
    end = time.monotonic() + LIMIT
    while not condition():
        if time.monotonic() > end:
            sys.exit("never true")
        time.sleep(0.005)


if __name__ == "__main__":
    program = sys.stdin.read()
    null = os.open("/dev/null", os.O_RDWR)
    exec(compile(program, "standard input", "exec"))  # pylint: disable=exec-used

#!/usr/bin/python3
"""A client of skadnsd, from the bytes of specification "dns", section 1. As a program: skadns.py [--socket PATH] WORD..., each word a command:
Q:ID:TYPE:LIMIT:NAME (LIMIT in ms from now; - for none, past, never), q:ID, raw:HEX, wait (for an event), sleep:MS, eof. It prints each answer
and event on a line; TYPE and ID are numbers, NAME is text with dots or =HEX."""
import array
import os
import select
import socket
import struct
import subprocess
import sys
import time

TAI = (1 << 62) + 37


def text_message(data):
    return struct.pack(">I", len(data)) + data


def wire(name):
    if name.startswith("="):
        return bytes.fromhex(name[1:])
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".") if label) + b"\0"


def limit(text):
    if text == "-":
        return bytes(12)
    if text == "never":
        return b"\xff" * 12
    at = 0 if text == "past" else time.time() + int(text) / 1000
    return struct.pack(">QI", TAI + int(at), int(at % 1 * 1e9))


def query(number, kind, until, name):
    return struct.pack(">HcH", number, b"Q", kind) + limit(until) + wire(name)


class Channel:
    def __init__(self, descriptor):
        self.descriptor = descriptor
        self.data = b""

    def message(self, timeout=20):
        """The next message; None at the end of the channel."""
        while len(self.data) < 4 or len(self.data) < 4 + struct.unpack(">I", self.data[:4])[0]:
            if not select.select([self.descriptor], [], [], timeout)[0]:
                raise SystemExit("no message")
            piece = os.read(self.descriptor, 1 << 16)
            if not piece:
                return None
            self.data += piece
        size = 4 + struct.unpack(">I", self.data[:4])[0]
        message, self.data = self.data[4:size], self.data[size:]
        return message


class Session:
    def __init__(self, command=("s6-skadnsd",), path=None, hello=b"skadns v1.0 (b)\n"):
        self.process = None
        if path:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.connect(path)
            self.input = self.socket.fileno()
            os.write(self.input, text_message(hello))
            _, ancillary, _, _ = self.socket.recvmsg(1, socket.CMSG_SPACE(4))
            events = array.array("i", ancillary[0][2][:4])[0]
            self.answers = Channel(self.input)
        else:
            events, theirs = os.pipe()
            os.set_inheritable(theirs, True)
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=[theirs], bufsize=0,
                env={**os.environ, "SKALIBS_CHILD_SPAWN_FDS": str(theirs)})
            os.close(theirs)
            self.input = self.process.stdin.fileno()
            os.write(self.input, text_message(hello))
            self.answers = Channel(self.process.stdout.fileno())
        self.events = Channel(events)
        self.hello = (self.events.message(), self.answers.message())

    def send(self, message):
        os.write(self.input, text_message(message))

    def ask(self, message):
        try:
            self.send(message)
        except BrokenPipeError:
            return "closed"
        answer = self.answers.message()
        return "closed" if answer is None else answer.hex()

    def end(self):
        """Ends the session; the exit code of the server, if it was started here."""
        if self.process is None:
            self.socket.close()
            return 0
        self.process.stdin.close()
        return self.process.wait(20)


def shown(event):
    if event is None:
        return "event closed"
    number, status = struct.unpack(">HB", event[:3])
    packet = event[3:]
    if not packet:
        return f"event {number} {status}"
    flags, answers = struct.unpack(">2xH2xH", packet[:8])
    return f"event {number} {status} code {flags & 15} answers {answers} {packet[-4:].hex()}"


def main():
    words = sys.argv[1:]
    path = None
    if words[0] == "--socket":
        path, words = words[1], words[2:]
    session = Session(path=path)
    for word in words:
        kind, _, rest = word.partition(":")
        if kind == "Q":
            number, record, until, name = rest.split(":")
            print(session.ask(query(int(number), int(record), until, name)), flush=True)
        elif kind == "q":
            print(session.ask(struct.pack(">Hc", int(rest), b"q")), flush=True)
        elif kind == "raw":
            print(session.ask(bytes.fromhex(rest)), flush=True)
        elif kind == "wait":
            print(shown(session.events.message()), flush=True)
        elif kind == "sleep":
            time.sleep(int(rest) / 1000)
    print("exit", session.end())


if __name__ == "__main__":
    main()

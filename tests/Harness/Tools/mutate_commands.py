#!/usr/bin/python3
"""mutate_commands.py SEED COUNT: gives the daemon of events COUNT commands with something wrong about them, half of them in each dialect, and the
daemon of locks a tenth as many. Each has to be answered or end its session with exit code 100; afterwards no FIFO and no descriptor is left."""
import os
import random
import struct
import sys

import session as s

# The number of commands to send before reading an answer: neither they nor their answers fill a pipe.
BATCH = 200

choose = random.Random(int(sys.argv[1]))
COUNT = int(sys.argv[2])


def mutated(data):
    data = bytearray(data)
    for _ in range(choose.choice((0, 0, 1, 1, 2, 4))):
        place = choose.randrange(len(data) + 1)
        action = choose.randrange(6)
        if action == 0:
            data.insert(place, choose.choice((0, 1, 127, 255, choose.randrange(256))))
        elif action == 1:
            del data[place:place + choose.randrange(1, 4)]
        elif place < len(data):
            data[place] = choose.choice((0, 1, 255, data[place] ^ 1 << choose.randrange(8)))
    return bytes(data)


class Kind:
    """A daemon and a dialect of it, with commands in which nothing is wrong yet."""

    def __init__(self, program, before, count, answer_size, make):
        self.program, self.before, self.count, self.answer_size, self.make = program, before, count, answer_size, make
        self.client = None
        self.ended = self.answered = 0

    def ends(self, data):
        """Whether a command is none at all, so that it ends its session."""
        if self.before != s.EVENTS2:
            return data[2:3] not in (b"L", b"U", b"<", b">")
        if data[:1] == b"-":
            return len(data) != 5
        return data[:1] != b"+" or len(data) < 21 or struct.unpack(">I", data[17:21])[0] != len(data) - 21

    def command(self):
        """What ends a session costs a process: most of those are made again."""
        data = mutated(self.make(choose.randrange(8)))
        while self.ends(data) and choose.randrange(8):
            data = mutated(self.make(choose.randrange(8)))
        return data

    def run(self):
        left = self.count
        while left:
            commands = [self.command() for _ in range(min(BATCH, left))]
            left -= len(commands)
            while commands:
                commands = commands[self.send(commands):]
        if self.client:
            self.finish()
        assert os.listdir("D") == [], self.before

    def send(self, commands):
        """Sends commands, and returns how many of them were answered or have ended the session."""
        client = self.client = self.client or s.Session.spawn(*self.program, before=self.before, stderr=s.subprocess.DEVNULL)
        client.write(b"".join(map(s.frame, commands)))
        answers = Messages(client.answers)
        for number in range(len(commands)):
            answer = answers.next()
            if answer is None:
                assert client.exit_code() == 100, (client.exit_code(), commands[number])
                client.end()
                self.client = None
                self.ended += 1
                return number + 1
            assert len(answer) == self.answer_size, answer
            self.answered += 1
        events = Messages(client.events)
        while events.data or s.select.select([client.events], [], [], 0)[0]:
            assert events.next()
        return len(commands)

    def finish(self):
        open_now = len(os.listdir(f"/proc/{self.client.process.pid}/fd"))
        fifos = len(os.listdir("D"))
        assert self.before == s.LOCKS or open_now == 6 + 2 * fifos, (open_now, fifos)
        assert self.client.end() == 0


class Messages:
    """Messages, many at a time."""

    def __init__(self, descriptor):
        self.descriptor, self.data = descriptor, b""

    def next(self):
        """The next one; None at the end."""
        while len(self.data) < 4 or len(self.data) < 4 + struct.unpack(">I", self.data[:4])[0]:
            assert s.select.select([self.descriptor], [], [], s.LIMIT)[0], "no message"
            part = os.read(self.descriptor, 65536)
            if not part:
                assert not self.data, self.data
                return None
            self.data += part
        size = 4 + struct.unpack(">I", self.data[:4])[0]
        message, self.data = self.data[4:size], self.data[size:]
        return message


KINDS = [
    Kind(("s6-ftrigrd",), s.EVENTS1, COUNT // 2, 1, lambda n: choose.choice(
        (s.subscribe1(n, "D", choose.choice(("x", "(a|b)*", "(", "[", "")), choose.randrange(2)), s.unsubscribe1(n)))),
    Kind(("s6-ftrigrd",), s.EVENTS2, COUNT - COUNT // 2, 4, lambda n: choose.choice(
        (s.subscribe2(n, "D", choose.choice(("x", "a{1,3}", "(", "")), choose.randrange(2), choose.choice((0, 0, 1, 1000))), s.unsubscribe2(n)))),
    Kind(("s6lockd", "L"), s.LOCKS, COUNT // 10, 1, lambda n: choose.choice(
        (s.acquire(n, choose.choice("abc"), choose.randrange(2), choose.choice((None, -1, 0.001, 100)), choose.randrange(2)), s.release(n), s.release(n)))),
]
for kind in KINDS:
    kind.run()
    assert kind.answered + kind.ended == kind.count
ended, answered = sum(kind.ended for kind in KINDS), sum(kind.answered for kind in KINDS)
print(sum(kind.answered + kind.ended for kind in KINDS[:2]), ended > COUNT // 100, answered > COUNT // 2)

#!/usr/bin/python3
"""mutate_commands.py SEED COUNT: gives event and lock daemons commands with something wrong about them. Each has to be answered or end its session
with exit code 100; afterwards no FIFO and no descriptor is left."""
import os
import random
import struct
import sys

import session as s

choose = random.Random(int(sys.argv[1]))
COUNT = int(sys.argv[2])
KINDS = [
    (("s6-ftrigrd",), s.EVENTS1, lambda n: choose.choice([s.subscribe1(n, "D", choose.choice(["x", "(a|b)*", "(", "[", ""]), choose.randrange(2)), s.unsubscribe1(n)])),
    (("s6-ftrigrd",), s.EVENTS2, lambda n: choose.choice(
        [s.subscribe2(n, "D", choose.choice(["x", "a{1,3}", "(", ""]), choose.randrange(2), choose.choice([0, 0, 1, 1000])), s.unsubscribe2(n)])),
    (("s6lockd", "L"), s.LOCKS, lambda n: choose.choice(
        [s.acquire(n, choose.choice("abc"), choose.randrange(2), choose.choice([None, -1, 0.001, 100]), choose.randrange(2)), s.release(n), s.release(n)])),
]


def mutated(data):
    data = bytearray(data)
    for _ in range(choose.choice([0, 0, 1, 1, 2, 4])):
        place = choose.randrange(len(data) + 1)
        action = choose.randrange(6)
        if action == 0:
            data.insert(place, choose.choice([0, 1, 127, 255, choose.randrange(256)]))
        elif action == 1:
            del data[place:place + choose.randrange(1, 4)]
        elif place < len(data):
            data[place] = choose.choice([0, 1, 255, data[place] ^ 1 << choose.randrange(8)])
    return bytes(data)


ended = answered = 0
for program, before, command in KINDS:
    client = None
    for i in range(COUNT // len(KINDS)):
        client = client or s.Session.spawn(*program, before=before, stderr=open("/dev/null", "w"))
        client.send(mutated(command(choose.randrange(8))))
        answer = client.answer_bytes()
        if answer is None:
            assert client.exit_code() == 100, client.exit_code()
            client.end()
            client = None
            ended += 1
        else:
            assert len(answer) == (4 if before == s.EVENTS2 else 1), answer
            answered += 1
            while client.events in s.select.select([client.events], [], [], 0)[0]:
                assert client.event_bytes() is not None
    if client:
        open_now = len(os.listdir(f"/proc/{client.process.pid}/fd"))
        fifos = len(os.listdir("D"))
        assert before == s.LOCKS or open_now == 6 + 2 * fifos, (open_now, fifos)
        assert client.end() == 0
    assert os.listdir("D") == [], before
print(ended > COUNT // 100, answered > COUNT // 2)

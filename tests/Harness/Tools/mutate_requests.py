#!/usr/bin/python3
"""mutate_requests.py SOCKET PID SEED COUNT: sends a descriptor holder requests with something wrong about them. Each must be answered or end
its connection; afterwards the holder, process PID, must have the descriptors that it holds, and no others."""
import os
import random
import socket
import struct
import sys

from unixmessage import HEADER, Connection, delete, descriptors_of, dump_part, entry, retrieve, set_dump, store, until

choose = random.Random(int(sys.argv[3]))
COUNT = int(sys.argv[4])
server = sys.argv[2]
null = os.open("/dev/null", os.O_RDWR)
ANSWERS = {"closed", "00", "01", "02", "0b", "10", "17", "00 +1"}

def request():
    text = choose.choice(["a", "b", "name", b"\xff" * 255, bytes([choose.randrange(1, 256)])])
    return choose.choice([
        lambda: (store(text, choose.choice([None, -1, 0, 1000]), choose.choice([0, 999999999])), 1),
        lambda: (delete(text), 0),
        lambda: (retrieve(text, choose.randrange(2)), 0),
        lambda: (b"L", 0),
        lambda: (b"l" + choose.choice([bytes(12), entry("x", choose.randrange(2000))[:12]]), 0),
        lambda: (b"?", 0),
        lambda: (set_dump(choose.choice([0, 1, 2, 3, 1000, 2**31, 2**32 - 1])), 0),
        lambda: (dump_part(*[entry(text), entry("x"), entry("y")][:count]), count) if (count := choose.randrange(4)) else (dump_part(), 0),
    ])()

def mutated(data):
    data = bytearray(data)
    for i in range(choose.choice([0, 1, 1, 1, 2, 5])):
        place = choose.randrange(len(data) + 1)
        action = choose.randrange(5)
        if action == 0:
            data.insert(place, choose.choice([0, 1, 127, 128, 255, choose.randrange(256)]))
        elif action == 1:
            del data[place:place + choose.randrange(1, 4)]
        elif action == 2:
            data[place:place] = data[choose.randrange(len(data) + 1):][:20]
        elif place < len(data):
            data[place] = choose.choice([0, 1, 255, data[place] ^ 1 << choose.randrange(8), choose.choice(b"SDRLl?!.")])
    return bytes(data)

def check(c):
    """The answer to one message: true when the connection goes on."""
    received = c.receive()
    if received is None:
        return False
    data, descriptors = received
    for descriptor in descriptors:
        os.close(descriptor)
    text = data.hex() + (f" +{len(descriptors)}" if descriptors else "")
    if text in ANSWERS or (len(data) >= 5 and data[0] == 0 and not descriptors):
        if len(data) == 9 and c.dumping:
            for i in range(struct.unpack(">I", data[1:5])[0]):
                for descriptor in c.receive()[1]:
                    os.close(descriptor)
        return True
    sys.exit("answer: " + text)

c = None
dropped = 0
watch = Connection()
watch.ask(b"L")
before = descriptors_of(server)
for i in range(COUNT):
    if c is None:
        c = Connection()
    data, count = request()
    if choose.randrange(4) == 0:
        count = choose.choice([0, 1, 2, count + 1])
    data = mutated(data)
    c.dumping = data == b"?"
    if choose.randrange(5) > 0:
        c.send(data, [null] * count)
        goes_on = check(c)
    else:
        # The frame itself is wrong: lengths, numbers, fewer bytes, more bytes. What follows is the end.
        c.dumping = False
        wire = mutated(HEADER.pack(len(data), choose.choice([count, count, 0, 1, 253, 254, 65535])) + data)
        if wire:
            c.write(wire, [null] * count)
        c.socket.shutdown(socket.SHUT_WR)
        while (received := c.receive()) is not None:
            for descriptor in received[1]:
                os.close(descriptor)
        goes_on = False
    if not goes_on:
        c.close()
        c = None
        dropped += 1
if c is not None:
    c.close()
names = bytes.fromhex(watch.ask(b"L"))[5:].split(b"\0")[:-1]
until(lambda: descriptors_of(server) == before + len(names))
for text in names:
    assert watch.ask(delete(text)) == "00"
print(descriptors_of(server) == before, dropped > COUNT // 10, COUNT - dropped > COUNT // 10)
# The exit code would show a client that is still connected when the signal comes.
watch.close()
until(lambda: descriptors_of(server) == before - 1)

#!/usr/bin/python3
"""dns_server.py [-l LOG] ADDRESS[:PORT]=BEHAVIOUR[,BEHAVIOUR...] ...: DNS servers that behave as told; port 53 unless given.

It prints "ready" when all sockets are there. LOG gets a line for each query: ADDRESS udp|tcp TYPE NAME, and "edns" if it was extended.
A name is answered from the zone below; slowN.test answers like a.test, N milliseconds late; nN.test has the address 10.9.N/256.N%256, at a
time of its own; everything else is NXDOMAIN. Behaviours over UDP: good, silent, drop (the first query), servfail, servfail1 (the first time),
refused, notimp, formerr (to extended queries), badvers (likewise), code259 (whose lowest bits are those of NXDOMAIN), bare (FORMERR without a question to extended queries), lower (answers in
small letters), truncate, big (900 bytes without OPT record), delayN, and lies in front of the right answer, which comes 150 ms later: id, name,
type, class, query, opcode, noquestion, denial (NXDOMAIN without a question), twoquestions, port, address, empty, short, pointer, caseless, floodN (N other ids). Over TCP: notcp, bytes (one at a
time), two (another message first), zero (length 0), closing (at once), half (closes within the answer), hang, again (truncated), once (closes after each
answer)."""
import heapq
import os
import re
import selectors
import socket
import struct
import sys
import time

TYPES = {1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 12: "PTR", 15: "MX", 16: "TXT", 28: "AAAA", 33: "SRV", 257: "CAA", 65280: "TYPE65280"}


def wire(name):
    return b"".join(bytes([len(label)]) + label.encode("latin-1") for label in name.split(".") if label) + b"\0"


def address(text):
    return socket.inet_pton(socket.AF_INET6 if ":" in text else socket.AF_INET, text)


SOA = wire("ns.test") + wire("host.master.test") + struct.pack(">5I", 4294967295, 1200, 180, 1209600, 600)
ZONE = {
    "a.test": [(1, address("10.1.2.3")), (28, address("fd00::1"))],
    "a": [(1, address("10.1.1.1"))],
    "": [(1, address("10.0.0.0"))],
    "foo.no.x": [],
    "foo.test": [(1, address("10.3.3.3"))],
    "multi.test": [(1, address("10.0.0.3")), (1, address("10.0.0.1")), (1, address("10.0.0.2"))],
    "c.test": [(5, wire("a.test"))],
    "evil.test": [],
    "nodata.test": [],
    "v6.test": [(28, address("fd00::6"))],
    "3.2.1.10.in-addr.arpa": [(12, wire("A.Test"))],
    "4.2.1.10.in-addr.arpa": [(12, b"\x05te\0\x1b(\x04test\0")],
    "5.2.1.10.in-addr.arpa": [(12, b"\x07trusted\x04test\x01,\x04evil\0"), (12, wire("a,b.test"))],
    "9.2.1.10.in-addr.arpa": [(12, wire("one.test")), (12, wire("two.test"))],
    ".".join(reversed(address("fd00::1").hex())) + ".ip6.arpa": [(12, wire("six.test"))],
    "mx.test": [(15, b"\0\x14" + wire("mx2.test")), (15, b"\0\x0a" + wire("m1.mx.test"))],
    "nullmx.test": [(15, b"\0\0\0")],
    "ns.test": [(2, wire("ns1.test")), (2, wire("ns2.test"))],
    "soa.test": [(6, SOA)],
    "_http._tcp.srv.test": [(33, struct.pack(">3H", 5, 7, 8080) + wire("srv.test"))],
    "txt.test": [(16, b"\x0bhello world\x0fsecond; \\ part\x21\x21\x21"[:28]), (16, b"\0"), (16, b"\x0e\"q\" \t\n\r\a\0\x80\xff~\x7f.")],
    "caa.test": [(257, b"\0\x05issueca.test")],
    "unknown.test": [(65280, b"\x01\x02\xfe")],
    "many.test": [(1, struct.pack(">I", 0x0A020000 + number)) for number in range(60)],
    "huge.test": [(1, struct.pack(">I", 0x0A020000 + number)) for number in range(4000)],
}


class Server:
    def __init__(self, world, where, behaviours):
        match = re.fullmatch(r"\[(.*)\](?::(\d+))?|([^:]*)(?::(\d+))?|(.*)", where)
        self.host = match[1] or match[3] or match[5]
        self.port = int(match[2] or match[4] or 53)
        self.world = world
        self.behaviours = behaviours
        self.seen = 0
        self.family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        self.udp = socket.socket(self.family, socket.SOCK_DGRAM)
        self.udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self.udp.bind((self.host, self.port))
        world.selector.register(self.udp, selectors.EVENT_READ, self.on_datagram)
        if not self.has("notcp"):
            tcp = socket.socket(self.family, socket.SOCK_STREAM)
            tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tcp.bind((self.host, self.port))
            tcp.listen(100)
            world.selector.register(tcp, selectors.EVENT_READ, self.on_connection)

    def has(self, behaviour):
        return behaviour in self.behaviours

    def number(self, behaviour):
        return next((int(word[len(behaviour):]) for word in self.behaviours if re.fullmatch(behaviour + r"\d+", word)), 0)

    def log(self, kind, question):
        name, number = question["name"], question["type"]
        extended = " edns" if question["extended"] else ""
        self.world.write(f"{self.host} {kind} {TYPES.get(number, number)} {name.lower() or '.'}{extended}")

    def on_datagram(self, sock):
        for _ in range(64):
            try:
                packet, peer = sock.recvfrom(4096, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            question = parse(packet)
            self.seen += 1
            self.log("udp", question)
            late = self.number("delay") / 1000 + self.lateness(question["name"].lower())
            for delay, source, answer in self.udp_answers(question):
                self.world.later(delay + late, lambda source=source, answer=answer, peer=peer: (source or self.udp).sendto(answer, peer))

    @staticmethod
    def lateness(name):
        match = re.match(r"slow(\d+)\.", name)
        if match:
            return int(match[1]) / 1000
        match = re.match(r"n(\d+)\.", name)
        return int(match[1]) * 7919 % 97 / 1000 if match else 0

    def udp_answers(self, question):
        if self.has("silent") or (self.has("drop") and self.seen == 1):
            return []
        codes = {"servfail": 2, "refused": 5, "notimp": 4}
        for word, code in codes.items():
            if self.has(word):
                return [(0, None, respond(question, code=code))]
        if self.has("servfail1") and self.seen == 1:
            return [(0, None, respond(question, code=2))]
        if question["extended"] and self.has("formerr"):
            return [(0, None, respond(question, code=1))]
        if question["extended"] and self.has("bare"):
            return [(0, None, struct.pack(">6H", question["id"], 0x8181, 0, 0, 0, 0))]
        if question["extended"] and self.has("badvers"):
            return [(0, None, respond(question, records=[], tail=b"\0\0\x29\x04\xd0\x01\0\0\0\0\0"))]
        if self.has("code259"):
            return [(0, None, respond(question, code=3, records=[], tail=b"\0\0\x29\x04\xd0\x10\0\0\0\0\0"))]
        if self.has("truncate"):
            return [(0, None, respond(question, flags=0x8380, records=[]))]
        if self.has("big"):
            return [(0, None, respond(question, records=ZONE["many.test"][:55]))]
        if self.has("lower"):
            return [(0, None, respond({**question, "name": question["name"].lower()}))]
        return [(0, source, lie) for source, lie in self.lies(question)] + [(0.15 if self.tells_lies() else 0, None, respond(question))]

    LIES = ["id", "name", "type", "class", "query", "opcode", "noquestion", "denial", "twoquestions", "port", "address", "empty", "short", "pointer", "caseless"]

    def tells_lies(self):
        return any(self.has(lie) for lie in self.LIES) or self.number("flood") > 0

    def lies(self, question):
        """What comes in front of the right answer: with another socket to send it from, or None."""
        wrong = [(1, address("6.6.6.6"))]
        other = {**question, "id": question["id"] ^ 1}
        lies = []
        if self.has("id"):
            lies.append((None, respond(other, records=wrong)))
        if self.has("name"):
            lies.append((None, respond({**question, "name": "evil.test"}, records=wrong)))
        if self.has("type"):
            lies.append((None, respond({**question, "type": 28}, records=wrong)))
        if self.has("class"):
            lies.append((None, respond({**question, "class": 3}, records=wrong)))
        if self.has("query"):
            lies.append((None, respond(question, flags=0x0100, records=wrong)))
        if self.has("opcode"):
            lies.append((None, respond(question, flags=0xA180, records=wrong)))
        if self.has("noquestion"):
            lies.append((None, struct.pack(">6H", question["id"], 0x8180, 0, 0, 0, 0)))
        if self.has("denial"):
            lies.append((None, struct.pack(">6H", question["id"], 0x8183, 0, 0, 0, 0)))
        if self.has("twoquestions"):
            lies.append((None, respond(question, records=wrong, questions=2)))
        if self.has("caseless"):
            lies.append((None, respond({**question, "name": question["name"].swapcase()}, records=wrong)))
        if self.has("port") or self.has("address"):
            forger = socket.socket(self.family, socket.SOCK_DGRAM)
            forger.bind((self.host if self.has("port") else "127.0.0.200", 0 if self.has("port") else 53))
            lies.append((forger, respond(question, records=wrong)))
        if self.has("empty"):
            lies.append((None, b""))
        if self.has("short"):
            lies.append((None, respond(question)[:11]))
        if self.has("pointer"):
            lies.append((None, struct.pack(">6H", question["id"], 0x8180, 1, 0, 0, 0) + b"\xc0\x0c\0\x01\0\x01"))
        return lies + [(None, respond({**question, "id": number & 0xFFFF}, records=wrong)) for number in range(self.number("flood"))]

    def on_connection(self, listener):
        connection, _ = listener.accept()
        if self.has("closing"):
            connection.close()
            return
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.world.selector.register(connection, selectors.EVENT_READ, lambda sock, pending=bytearray(): self.on_stream(sock, pending))

    def on_stream(self, connection, pending):
        try:
            data = connection.recv(65536)
        except ConnectionError:
            data = b""
        pending += data
        if not data:
            self.end(connection)
            return
        while len(pending) >= 2 and len(pending) >= 2 + int.from_bytes(pending[:2], "big"):
            length = int.from_bytes(pending[:2], "big")
            question = parse(bytes(pending[2:2 + length]))
            del pending[:2 + length]
            self.log("tcp", question)
            self.answer_stream(connection, question)

    def answer_stream(self, connection, question):
        answer = respond(question)
        for word, code in {"servfail": 2, "refused": 5}.items():
            if self.has(word):
                answer = respond(question, code=code)
        if self.has("again"):
            answer = respond(question, flags=0x8380, records=[])
        framed = struct.pack(">H", len(answer)) + answer
        late = self.number("delay") / 1000
        if self.has("hang"):
            return
        if self.has("zero"):
            framed = b"\0\0"
        elif self.has("half"):
            framed = framed[:20]
        elif self.has("two"):
            other = respond({**question, "id": question["id"] ^ 1}, records=[(1, address("6.6.6.6"))])
            framed = struct.pack(">H", len(other)) + other + framed
        if self.has("bytes"):
            for place in range(len(framed)):
                self.world.later(0.002 * place, lambda place=place: send(connection, framed[place:place + 1]))
            return
        self.world.later(late, lambda: send(connection, framed))
        if self.has("half") or self.has("once"):
            self.world.later(late + 0.001, lambda: self.end(connection))

    def end(self, connection):
        if connection.fileno() >= 0:
            self.world.selector.unregister(connection)
            connection.close()


def send(connection, data):
    try:
        connection.setblocking(True)
        connection.sendall(data)
    except OSError:
        pass


def parse(packet):
    identity, _, _, _, _, additional = struct.unpack(">6H", packet[:12])
    labels, place = [], 12
    while packet[place]:
        labels.append(packet[place + 1:place + 1 + packet[place]].decode("latin-1"))
        place += 1 + packet[place]
    kind, group = struct.unpack(">HH", packet[place + 1:place + 5])
    return {"id": identity, "name": ".".join(labels), "type": kind, "class": group, "extended": additional > 0}


def find(name, kind):
    """The records of a name, aliases first, as (type, data, owner); None when it doesn't exist."""
    name = name.lower()
    match = re.fullmatch(r"n(\d+)\.test", name)
    if match:
        number = int(match[1])
        return [(1, bytes([10, 9, number // 256 % 256, number % 256]), None)] if kind == 1 else []
    if re.fullmatch(r"slow\d+\.test", name):
        name = "a.test"
    if name not in ZONE:
        return None
    if any(number == 5 for number, _ in ZONE[name]) and kind != 5:
        return [(5, ZONE[name][0][1], None)] + [(number, data, "a.test") for number, data in ZONE["a.test"] if number == kind]
    return [(number, data, None) for number, data in ZONE[name] if number == kind]


def respond(question, code=0, flags=0x8180, records=None, questions=1, tail=b""):
    if records is None:
        found = find(question["name"], question["type"]) if code == 0 else []
        if found is None:
            code = 3
        records = found or []
    else:
        records = [(number, data, None) for number, data in records]
    asked = wire(question["name"]) + struct.pack(">HH", question["type"], question["class"])
    answers = b"".join(
        (b"\xc0\x0c" if owner is None else wire(owner)) + struct.pack(">HHIH", number, 1, 60, len(data)) + data for number, data, owner in records)
    header = struct.pack(">6H", question["id"], flags | code, questions, len(records), 0, 1 if tail else 0)
    return header + asked * questions + answers + tail


class World:
    def __init__(self, log):
        self.selector = selectors.DefaultSelector()
        self.timers = []
        self.count = 0
        self.log = open(log, "a", buffering=1) if log else None

    def write(self, line):
        if self.log:
            self.log.write(line + "\n")

    def later(self, delay, action):
        self.count += 1
        if delay <= 0:
            self.attempt(action)
        else:
            heapq.heappush(self.timers, (time.monotonic() + delay, self.count, action))

    @staticmethod
    def attempt(action):
        try:
            action()
        except OSError:
            pass

    def run(self):
        while True:
            wait = None if not self.timers else max(0, self.timers[0][0] - time.monotonic())
            for key, _ in self.selector.select(wait):
                try:
                    key.data(key.fileobj)
                except ConnectionRefusedError:
                    pass
            while self.timers and self.timers[0][0] <= time.monotonic():
                self.attempt(heapq.heappop(self.timers)[2])


def main():
    arguments = sys.argv[1:]
    log = None
    if arguments[0] == "-l":
        log, arguments = arguments[1], arguments[2:]
    world = World(log)
    for argument in arguments:
        where, _, behaviours = argument.rpartition("=")
        Server(world, where, behaviours.split(","))
    print("ready", flush=True)
    sys.stdout = open(os.devnull, "w")
    os.close(1)
    world.run()


if __name__ == "__main__":
    main()

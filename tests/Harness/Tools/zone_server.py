#!/usr/bin/python3
r"""zone_server.py ADDRESS: a DNS server on port 53 that answers from the file "zone", which it reads for each question.

A line of it is NAME TYPE VALUE, with the types A, AAAA, PTR and TXT (one word). \xHH is a byte inside of a label. NAME DROP is never answered,
SERVFAIL and REFUSED are answered so, TC is answered as truncated over UDP, SLOW 400 ms late. Questions are written to the file "dnslog"."""
import re
import socket
import sys
import threading
import time

from dns_server import TYPES, address, parse, respond

TYPE_OF = {"A": 1, "PTR": 12, "TXT": 16, "AAAA": 28}
CODE_OF = {"SERVFAIL": 2, "REFUSED": 5}

log = open("dnslog", "a", buffering=1)


def labels(name):
    """A name in wire form."""
    parts = [re.sub(r"\\x(..)", lambda match: chr(int(match[1], 16)), part).encode("latin-1") for part in name.split(".") if part]
    return b"".join(bytes([len(part)]) + part for part in parts) + b"\0"


def data(kind, value):
    if kind == "TXT":
        return bytes([len(value)]) + value.encode("latin-1")
    return labels(value) if kind == "PTR" else address(value)


def answer(packet, over_udp):
    question = parse(packet)
    name = question["name"].lower()
    log.write(f"{name} {TYPES.get(question['type'], question['type'])}{'' if over_udp else ' tcp'}\n")
    with open("zone", encoding="latin-1") as zone:
        lines = [line.split() for line in zone if line.strip()]
    lines = [line for line in lines if line[0].lower() == name]
    kinds = {line[1] for line in lines}
    if "DROP" in kinds:
        return None
    if "SLOW" in kinds:
        time.sleep(0.4)
    for kind in kinds & set(CODE_OF):
        return respond(question, code=CODE_OF[kind])
    if "TC" in kinds and over_udp:
        return respond(question, flags=0x8380, records=[])
    records = [(TYPE_OF[line[1]], data(line[1], line[2])) for line in lines if TYPE_OF.get(line[1]) == question["type"]]
    return respond(question, code=0 if kinds else 3, records=records)


def serve_stream(listener):
    while True:
        connection, _ = listener.accept()
        stream = connection.makefile("rb")
        while len(size := stream.read(2)) == 2:
            reply = answer(stream.read(int.from_bytes(size, "big")), over_udp=False)
            if reply is None:
                break
            connection.sendall(len(reply).to_bytes(2, "big") + reply)
        stream.close()
        connection.close()


def main():
    where = sys.argv[1]
    family = socket.AF_INET6 if ":" in where else socket.AF_INET
    udp = socket.socket(family, socket.SOCK_DGRAM)
    udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    tcp = socket.socket(family)
    tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    tcp.bind((where, 53))
    tcp.listen(100)
    threading.Thread(target=serve_stream, args=(tcp,), daemon=True).start()
    udp.bind((where, 53))
    while True:
        packet, peer = udp.recvfrom(4096)
        reply = answer(packet, over_udp=True)
        if reply is not None:
            udp.sendto(reply, peer)


main()

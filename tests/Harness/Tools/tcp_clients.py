#!/usr/bin/python3
"""tcp_clients.py reset COUNT: connects to 127.0.0.1 port 8001 that often and resets each connection at once.
tcp_clients.py many ADDRESSES EACH: makes that many connections from each of 127.1.0.1, 127.1.0.2, ... and keeps them until it is killed.
tcp_clients.py silent ADDRESS: listens on port 8001, with a backlog that is full: further connections aren't answered."""
import resource
import signal
import socket
import struct
import sys

SERVER = ("127.0.0.1", 8001)
kind = sys.argv[1]
count = int(sys.argv[2]) if kind != "silent" else 0
if kind == "silent":
    listener = socket.socket(socket.AF_INET6)
    listener.bind((sys.argv[2], 8001))
    listener.listen(0)
    kept = [socket.create_connection((sys.argv[2], 8001))]
    signal.pause()
elif kind == "reset":
    for _ in range(count):
        client = socket.create_connection(SERVER)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
else:
    each = int(sys.argv[3])
    resource.setrlimit(resource.RLIMIT_NOFILE, (count * each + 100,) * 2)
    kept = [socket.create_connection(SERVER, source_address=(f"127.1.0.{number + 1}", 0)) for _ in range(each) for number in range(count)]
    signal.pause()

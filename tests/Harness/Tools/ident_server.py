#!/usr/bin/python3
r"""ident_server.py ADDRESS REPLY [DELAY]: an IDENT server (RFC 1413) that gives the same reply to each question.

In the reply %R and %L are the ports of the question, backslash escapes are those of Python, and xN at the start repeats the rest N times.
"silent" as the reply is none at all, "close" ends the connection. Questions are written to the file "identlog"."""
import re
import socket
import sys
import threading
import time

where, reply = sys.argv[1:3]
delay = float(sys.argv[3]) if len(sys.argv) > 3 else 0
log = open("identlog", "a", buffering=1)
listener = socket.socket(socket.AF_INET6 if ":" in where else socket.AF_INET)
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind((where, 113))
listener.listen(100)


def serve(connection, peer):
    question = b""
    while not question.endswith(b"\n"):
        part = connection.recv(1000)
        if not part:
            return
        question += part
    log.write(f"{peer[0]} {question}\n")
    time.sleep(delay)
    ports = re.findall(rb"\d+", question)
    if reply == "silent":
        connection.recv(1)
        return
    answer = b"" if reply == "close" else reply.encode().decode("unicode_escape").encode("latin-1")
    repeated = re.match(rb"x(\d+) ", answer)
    if repeated:
        answer = answer[repeated.end():] * int(repeated[1])
    try:
        connection.sendall(answer.replace(b"%R", ports[0]).replace(b"%L", ports[1]))
        connection.close()
    except OSError:
        pass


while True:
    threading.Thread(target=serve, args=listener.accept(), daemon=True).start()

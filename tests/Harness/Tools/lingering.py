"""Descriptors whose last copy nobody wants to close: close(2) waits for as long as whoever made them has chosen."""
import os
import signal
import socket
import struct

LINGER = 600
kept = []


def lingering(seconds=LINGER):
    """The number of a TCP socket that lingers, with data that nobody takes. ``let_go`` of it when it was passed on."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    sender = socket.socket()
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, seconds))
    sender.connect(listener.getsockname())
    kept.append(listener.accept()[0])
    listener.close()
    sender.setblocking(False)
    try:
        while True:
            sender.send(b"x" * 65536)
    except BlockingIOError:
        return sender.detach()


def nested():
    """A Unix socket with a message that nobody has read, which carries such a socket."""
    inner = lingering()
    outer, other = socket.socketpair()
    other.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("i", inner))])
    other.close()
    let_go(inner)
    return outer.detach()


def let_go(*descriptors):
    """Closes our own copies. Whoever got them may have closed theirs: then ours are the last ones, and only a signal ends the wait."""
    former = signal.signal(signal.SIGALRM, lambda *_: None)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    for descriptor in descriptors:
        os.close(descriptor)
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, former)

"""What sudo and sudod say to each other, for programs that play one of them."""
import array
import os
import socket
import struct

SERVER_BANNER, CLIENT_BANNER = b"s6-sudo b v1.0\n", b"s6-sudo a v1.0\n"


def size(strings):
    return sum(len(string) + 1 for string in strings)


def data(args=(), env=(), banner=CLIENT_BANNER, argc=None, envc=None, argsize=None, envsize=None):
    """The data of the client's message. What is not given is the truth."""
    truth = len(args), len(env), size(args), size(env)
    said = [true if given is None else given for given, true in zip((argc, envc, argsize, envsize), truth)]
    return banner + struct.pack(">IIII", *said) + b"".join(string + b"\0" for string in (*args, *env))


def header(length, descriptors):
    return struct.pack(">IH", length, descriptors)


def message(args=(), env=()):
    """The whole message of a client that makes no mistake."""
    text = data(args, env)
    return header(len(text), 3) + text


def send(connection, text, descriptors=()):
    """Sends bytes, descriptors with the first of them."""
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))] if descriptors else []
    sent = connection.sendmsg([text], rights)
    if sent < len(text):
        connection.sendall(text[sent:])


def receive(connection, size):
    """Up to size bytes; fewer at the end of the stream."""
    received = b""
    while len(received) < size:
        try:
            part = connection.recv(size - len(received))
        except ConnectionResetError:
            part = b""
        if not part:
            break
        received += part
    return received


def connect(path):
    """A connection to a server, after its banner."""
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(30)
    connection.connect(path)
    assert receive(connection, 15) == SERVER_BANNER
    return connection


def children(process):
    """The children of a process, zombies included."""
    with open("/proc/%s/task/%s/children" % (process, process)) as file:
        return file.read().split()


def descriptors(process):
    """How many descriptors a process has, not counting the one that each thread of a server besides the first has for itself."""
    return len(os.listdir("/proc/%s/fd" % process)) - len(os.listdir("/proc/%s/task" % process)) + 1

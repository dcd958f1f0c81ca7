"""What the tests of ioconnect share: ends of all kinds, senders and receivers that know the checksum."""
import fcntl
import hashlib
import os
import pty
import random
import select
import shutil
import signal
import socket
import stat
import subprocess
import threading
import time
import tty

BLOCK = random.Random(7).randbytes(1 << 20)
MEGABYTE = 1 << 20


def pipe():
    """A pipe as (our end, ioconnect's end); data go to ioconnect."""
    read, write = os.pipe()
    return write, read


def pipe_out():
    """A pipe as (our end, ioconnect's end); data come from ioconnect."""
    return os.pipe()


def socket_pair():
    ours, theirs = socket.socketpair()
    return ours.detach(), theirs.detach()


def terminal():
    """A terminal in raw mode as (our end, ioconnect's end)."""
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    return ours, theirs


def ioconnect(source, read, write, sink, *options, **more):
    """Starts ioconnect with these descriptors in the places of 0, 6, 7 and 1, and closes them here."""
    words = [shutil.which("s6-ioconnect"), "-r", str(read), "-w", str(write), *map(str, options)]
    process = subprocess.Popen(words, stdin=source, stdout=sink, stderr=subprocess.PIPE, pass_fds={read, write}, **more)
    for descriptor in {source, read, write, sink}:
        os.close(descriptor)
    return process


def over_socket(source, sink, *options, **more):
    """Starts ioconnect with a connection as its remote. Returns the process and the peer's socket."""
    ours, theirs = socket.socketpair()
    number = theirs.detach()
    return ioconnect(source, number, os.dup(number), sink, *options, **more), ours


def half_close(descriptor):
    """Ends sending on a socket whose other direction goes on, or on anything else."""
    if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
        duplicate = socket.socket(fileno=os.dup(descriptor))
        duplicate.shutdown(socket.SHUT_WR)
        duplicate.close()
    else:
        os.close(descriptor)


class Sender(threading.Thread):
    """Sends that many bytes, then ends sending."""

    def __init__(self, descriptor, size, finish=half_close):
        super().__init__(daemon=True)
        self.descriptor, self.size, self.finish, self.hash = descriptor, size, finish, hashlib.sha256()
        self.start()

    def run(self):
        left = self.size
        while left > 0:
            view = memoryview(BLOCK)[: min(left, len(BLOCK))]
            self.hash.update(view)
            left -= len(view)
            while view:
                view = view[os.write(self.descriptor, view) :]
        self.finish(self.descriptor)


class Receiver(threading.Thread):
    """Receives until the end."""

    def __init__(self, descriptor, size_of_read=MEGABYTE, pause=0):
        super().__init__(daemon=True)
        self.descriptor, self.size_of_read, self.pause = descriptor, size_of_read, pause
        self.hash, self.size = hashlib.sha256(), 0
        self.start()

    def run(self):
        while True:
            try:
                data = os.read(self.descriptor, self.size_of_read)
            except OSError:  # a terminal whose other end is closed
                return
            if not data:
                return
            self.hash.update(data)
            self.size += len(data)
            time.sleep(self.pause)


def same(sender, receiver):
    """Waits for both and compares."""
    sender.join()
    receiver.join()
    return sender.size == receiver.size and sender.hash.digest() == receiver.hash.digest()


def until_waiting(process):
    """Waits until ioconnect sleeps: with a source that never ends, its sink is full then."""
    while open("/proc/%d/stat" % process.pid).read().rpartition(")")[2].split()[0] != "S":
        time.sleep(0.01)


def finish(process):
    """The exit code and the messages."""
    messages = process.stderr.read().decode()
    print("exit code", process.wait())
    print(messages, end="")


def flags(descriptor):
    return fcntl.fcntl(descriptor, fcntl.F_GETFL)

"""The servers of the soak, and who reads what they write."""
import os
import resource
import signal
import subprocess
import traceback

from tally import complain, shared


class Server:
    """A daemon that runs all the time, with its log in a file; with a clock, below the program `jumpclock`, for which that is the report."""

    def __init__(self, name, words, log, ready=True, uid=0, stdout=None, stdin=None, environment=None, descriptor=None, clock=None):
        self.name, self.log, self.uid, self.clock = name, log, uid, clock
        self.base = None
        read, write = os.pipe()
        passed = ()
        if descriptor:
            os.dup2(write, descriptor, inheritable=True)
            passed = (descriptor,)
        self.process = subprocess.Popen(
            words, stdin=stdin or subprocess.DEVNULL, stdout=stdout if stdout is not None else (write if ready else subprocess.DEVNULL),
            stderr=open(log, "ab"), env=environment, pass_fds=passed)
        os.close(write)
        if descriptor:
            os.close(descriptor)
        self.pid = self.process.pid
        if ready and not os.read(read, 64):
            raise RuntimeError(f"{name} didn't start: {open(log).read()}")
        os.close(read)
        if clock:
            self.pid, = self.children()

    def alive(self):
        return self.process.poll() is None

    def terminate(self):
        os.kill(self.pid, signal.SIGTERM)

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def memory(self):
        """Private memory in kB."""
        with open(f"/proc/{self.pid}/status") as status:
            for line in status:
                if line.startswith("RssAnon:"):
                    return int(line.split()[1])
        return 0

    def children(self):
        found = []
        for thread in os.listdir(f"/proc/{self.pid}/task"):
            try:
                with open(f"/proc/{self.pid}/task/{thread}/children") as children:
                    found += [int(word) for word in children.read().split()]
            except FileNotFoundError:
                pass
        return found

    def limit(self, kind, number):
        old = self.set_limit(kind, number)
        return lambda: self.set_limit(kind, old)

    def set_limit(self, kind, number):
        """Sets a soft limit with the ids of the server, as whoever has no privilege for the limits of others has to. Returns the one before."""
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                if self.uid:
                    os.setresgid(self.uid, self.uid, self.uid)
                    os.setresuid(self.uid, self.uid, self.uid)
                old = resource.prlimit(self.pid, kind)
                resource.prlimit(self.pid, kind, (number, old[1]))
                os.write(write, str(old[0]).encode())
            except BaseException:
                complain(traceback.format_exc())
            os._exit(0)
        os.close(write)
        os.waitpid(child, 0)
        with os.fdopen(read) as answer:
            return int(answer.read())


class Reader:
    """Reads what a syslog daemon writes, and looks that of each sender the next line comes, for ever."""

    def __init__(self, number, pipe):
        self.number = number
        self.pid = os.fork()
        if self.pid:
            return
        try:
            self.run(pipe)
        except BaseException:
            complain(traceback.format_exc())
            shared.add(number, "failed")
        os._exit(0)

    def run(self, pipe):
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        expected = {}
        # The lines of a stream's next connection may overtake those of the one before: a set that shrinks again.
        for line in os.fdopen(pipe, "rb", buffering=1 << 16):
            ident, _, text = line.rstrip(b"\n").rpartition(b": ")
            ident = ident.rpartition(b" ")[2]
            if not text.isdigit():
                complain(f"odd line {line!r}")
                shared.add(self.number, "lost")
                continue
            value = int(text)
            if value != expected.get(ident, 0):
                complain(f"{ident!r}: line {value} instead of {expected.get(ident, 0)}")
                shared.add(self.number, "lost")
            expected[ident] = value + 1
            shared.add(self.number, "served")
        shared.add(self.number, "last")

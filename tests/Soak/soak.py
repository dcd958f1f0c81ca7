#!/usr/bin/env python3
"""Everything under load for hours, with faults injected, and counted what must never happen.

usage: soak.py EXECUTABLE HOURS [RESULT]

Servers with gates (a directory, a database, addresses), limits, a holder of descriptors, sudo, locks, events, look-ups and syslog run side by
side; workers use them all the time and know what each answer has to be. Meanwhile faults come and go: few descriptors, few processes, little
memory, killed children, stopped servers, a full disk, gates that read changing rules. What a client sees during a fault, and shortly after,
may be that it isn't served; nobody may ever be let in who isn't allowed to, and without a fault nobody is turned away.

From time to time everything rests. Then no server may have children, nor more descriptors, processes or memory than in the beginning.

Needs root. Runs in mount and network namespaces of its own, so that it meets nobody else. Exit codes: 0 all is well, 1 it isn't, 100 usage.
"""
import ctypes
import fcntl
import mmap
import os
import random
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import traceback

ALLOWED = [2001, 2002, 2003]
DENIED = [2101, 2102, 2103]
SERVER_UID = 61001
# How long after a fault a client may still feel it, in seconds.
GRACE = 3.0
# What a client waits for an answer, in seconds.
PATIENCE = 60.0

# The counters of a worker: what is served, refused, felt from faults; and what must not be.
FIELDS = ["served", "refused", "disturbed", "let_in_wrongly", "turned_away", "wrong_answer", "hung", "over_limit", "lost", "failed", "last"]
WRONG = ["let_in_wrongly", "turned_away", "wrong_answer", "hung", "over_limit", "lost", "failed"]
SLOT = len(FIELDS) * 8
MOST_WORKERS = 64
SERVERS = ["directory", "database", "program-gate", "limited", "tcp", "sudo", "lock", "events", "fdholder", "syslogd", "socklog"]
TELL = {
    "let_in_wrongly": "denied clients that were let in",
    "turned_away": "allowed clients that were turned away without a fault",
    "wrong_answer": "answers for somebody else, or damaged",
    "hung": "clients that waited for more than a minute without a fault",
    "over_limit": "connections above -c or -C, or a wrong number of one",
    "lost": "lines lost, repeated or out of order",
    "failed": "other failures",
}


class Shared:
    """A page that the workers and the director see: what is going on, and a row of counters for each worker."""

    def __init__(self):
        self.page = mmap.mmap(-1, 4096 + MOST_WORKERS * SLOT)

    def word(self, place):
        return struct.unpack_from("<q", self.page, place * 8)[0]

    def put(self, place, value):
        struct.pack_into("<q", self.page, place * 8, value)

    def fault(self, server):
        """Odd while clients of a server may feel a fault; changes with each."""
        return self.word(128 + SERVERS.index(server))

    def next_fault(self, server):
        self.put(128 + SERVERS.index(server), self.fault(server) + 1)

    # 0: work, 1: rest, 2: end.
    mode = property(lambda self: self.word(1), lambda self, value: self.put(1, value))

    def add(self, worker, field, count=1):
        place = 512 + worker * len(FIELDS) + FIELDS.index(field)
        self.put(place, self.word(place) + count)

    def get(self, worker, field):
        return self.word(512 + worker * len(FIELDS) + FIELDS.index(field))

    def set_resting(self, worker, resting):
        self.put(16 + worker, resting)

    def is_resting(self, worker):
        return self.word(16 + worker)


shared = Shared()
complaints = None  # a file that every worker may write lines to


def complain(text):
    os.write(complaints.fileno(), (time.strftime("%H:%M:%S ") + text + "\n").encode())


class Worker:
    """A process that does one thing again and again, with the ids of one user."""

    def __init__(self, number, name, uid, step):
        self.number, self.server, self.name, self.uid, self.step = number, name, f"{name} uid {uid}", uid, step
        self.pid = 0

    def start(self):
        self.pid = os.fork()
        if self.pid:
            return
        try:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            random.seed(self.number * 7919 + int(time.time()))
            if self.uid:
                os.setgroups([])
                os.setresgid(self.uid, self.uid, self.uid)
                os.setresuid(self.uid, self.uid, self.uid)
            self.run()
        except BaseException:
            complain(f"{self.name}: {traceback.format_exc()}")
            shared.add(self.number, "failed")
        os._exit(0)

    def run(self):
        while True:
            mode = shared.mode
            if mode:
                if not shared.is_resting(self.number) and hasattr(self.step, "tidy_up"):
                    self.step.tidy_up()
                shared.set_resting(self.number, 1)
                if mode == 2:
                    return
                time.sleep(0.02)
                continue
            shared.set_resting(self.number, 0)
            before = shared.fault(self.server)
            try:
                outcome, detail = self.step(self.number)
            except subprocess.TimeoutExpired as error:
                outcome, detail = "hung", str(error)
            except Exception:
                outcome, detail = "failed", traceback.format_exc()
            if outcome == "crowded":
                # A client whose child was killed still counts itself for a moment.
                outcome = "disturbed" if before % 2 or shared.fault(self.server) != before else "over_limit"
            if outcome in WRONG:
                # Denied and let in, or told something wrong, is never excused by a fault. Not being served is.
                if outcome in ("turned_away", "hung", "failed") and (before % 2 or shared.fault(self.server) != before):
                    outcome = "disturbed"
                else:
                    complain(f"{self.name}: {outcome}: {detail}")
            shared.add(self.number, outcome)


# ---- what clients do -------------------------------------------------------------------------------------------------

def converse(address, source=None, family=socket.AF_UNIX, held=None):
    """What a server says until the end; '' when it says nothing, None when it takes too long."""
    client = socket.socket(family)
    client.settimeout(PATIENCE)
    try:
        if source:
            client.bind((source, 0))
        client.connect(address)
        if held is not None:
            answer = client.recv(256)
            if answer:
                held(answer)
            return answer
        answer = b""
        while True:
            part = client.recv(256)
            if not part:
                return answer
            answer += part
    except socket.timeout:
        return None
    except (ConnectionResetError, BrokenPipeError):
        return b""
    except OSError as error:
        return error
    finally:
        client.close()


def judge(answer, allowed, who, most):
    if answer is None:
        return "hung", "no end"
    if isinstance(answer, OSError):
        return ("turned_away", str(answer)) if allowed else ("failed", str(answer))
    if not allowed:
        return ("let_in_wrongly", answer) if answer else ("refused", "")
    if not answer:
        return "turned_away", "nothing said"
    words = answer.decode("latin-1").split()
    if len(words) != 3 or words[0] != who or words[1] != who or not words[2].isdigit():
        # A child that is killed in the middle of its one write has written all or nothing.
        return "wrong_answer", f"{answer!r} for {who}"
    if not 1 <= int(words[2]) <= most:
        return "over_limit", f"number {words[2]} of at most {most}"
    return "served", ""


def unix_client(path, uid, most=200):
    allowed = uid in ALLOWED
    return lambda number: judge(converse(path), allowed, str(uid), most)


def tcp_client(port, source, allowed):
    return lambda number: judge(converse(("127.0.0.1", port), source, socket.AF_INET), allowed, source, 200)


class Gauge:
    """Counts in shared memory, under a lock of a file, what is connected at a time."""

    def __init__(self, directory):
        self.page = mmap.mmap(-1, 4096)
        self.lock = open(os.path.join(directory, "gauge"), "w")
        os.chmod(self.lock.name, 0o666)

    def change(self, place, by):
        fcntl.lockf(self.lock, fcntl.LOCK_EX)
        value = struct.unpack_from("<i", self.page, place * 4)[0] + by
        struct.pack_into("<i", self.page, place * 4, value)
        fcntl.lockf(self.lock, fcntl.LOCK_UN)
        return value


def limited_client(path, uid, gauge, most, most_per_user):
    """A client of a server that is always full: what is connected at a time is counted by the clients themselves."""
    def step(number):
        seen = []

        def held(answer):
            total = gauge.change(0, 1)
            own = gauge.change(ALLOWED.index(uid) + 1, 1)
            seen.append((total, own))
            time.sleep(random.random() * 0.01)
            gauge.change(ALLOWED.index(uid) + 1, -1)
            gauge.change(0, -1)
        answer = converse(path, held=held)
        if seen and (seen[0][0] > most or seen[0][1] > most_per_user):
            return "crowded", f"{seen[0][0]} connections, {seen[0][1]} of uid {uid}"
        verdict = judge(answer, True, str(uid), most_per_user)
        # Above the limit for one user a client is refused, which is what this server is for.
        return ("refused", "") if verdict == ("turned_away", "nothing said") else verdict
    return step


def command(words, want_code=0, want_output=None, stdin=b"", seconds=PATIENCE):
    try:
        done = subprocess.run(words, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=seconds)
    except subprocess.TimeoutExpired:
        return "hung", " ".join(words)
    if done.returncode != want_code:
        return "failed", f"{' '.join(words)}: exit code {done.returncode}: {done.stderr.decode('latin-1').strip()}"
    if want_output is not None and done.stdout != want_output:
        return "wrong_answer", f"{' '.join(words)}: {done.stdout!r} instead of {want_output!r}"
    return "served", ""


def sudo_client(tool, path, uid):
    def step(number):
        if uid in ALLOWED:
            # The exit code and the output come back. Servers of the ones before may still be ending, so that the number differs.
            done = subprocess.run([tool("s6-sudo"), path], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PATIENCE)
            return judge(done.stdout, True, str(uid), 200) if done.returncode == 0 else ("failed", f"{done.returncode} {done.stderr!r}")
        done = subprocess.run([tool("s6-sudo"), path], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=PATIENCE)
        return ("let_in_wrongly", done.stdout) if done.returncode == 0 or done.stdout else ("refused", "")
    return step


def holder_client(tool, path, directory):
    """Stores a pipe with a message, lists it, takes it out again elsewhere, and deletes it."""
    left = []

    def tidy_up():
        for name in list(left):
            done = subprocess.run([tool("s6-fdholder-delete"), path, name], stderr=subprocess.DEVNULL, timeout=PATIENCE)
            if done.returncode in (0, 1):
                left.remove(name)

    def step(number):
        tidy_up()
        name = f"own:{os.getpid()}.{random.randrange(1 << 30)}"
        read, write = os.pipe()
        text = name.encode() + b"\n"
        os.write(write, text)
        os.close(write)
        with os.fdopen(read) as source:
            done = subprocess.run([tool("s6-fdholder-store"), path, name], stdin=source, stderr=subprocess.PIPE, timeout=PATIENCE)
        if done.returncode:
            left.append(name)
            return "failed", f"store: {done.returncode} {done.stderr!r}"
        verdict = command([tool("s6-fdholder-retrieve"), "-D", path, name, "cat"], 0, text)
        if verdict[0] != "served":
            left.append(name)
        return verdict
    step.tidy_up = tidy_up
    return step


def lock_client(tool, path, directory):
    """Adds one to a number in a file, under a lock; the sum is looked at in the end."""
    counter = os.path.join(directory, "count")
    script = f'read -r n <"{counter}"; echo $((n+1)) >"{counter}.$$"; mv "{counter}.$$" "{counter}"'

    def step(number):
        return command([tool("s6-lock-acquire"), "-t", "50000", path, "lock", "sh", "-c", script])
    return step


def event_client(tool, fifodir):
    def step(number):
        return command([tool("s6-ftrig-listen1"), "-t", "50000", fifodir, "a", tool("s6-ftrig-notify"), fifodir, "a"], 0, b"a\n")
    return step


def syslog_client(path, ident):
    """Numbered lines; the reader of what the daemon writes misses none."""
    state = {"next": 0, "socket": None}

    def step(number):
        if state["socket"] is None:
            state["socket"] = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            state["socket"].settimeout(PATIENCE)
            state["socket"].connect(path)
        try:
            for _ in range(50):
                state["socket"].send(f"<13>{ident}: {state['next']}".encode())
                state["next"] += 1
        except socket.timeout:
            return "hung", "the syslog daemon takes nothing"
        time.sleep(0.005)
        return "served", ""
    return step


def stream_log_client(path, ident):
    """The same over streams, with a new connection for every few lines."""
    state = {"next": 0}

    def step(number):
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(PATIENCE)
        try:
            client.connect(path)
            client.sendall(b"".join(f"<13>{ident}: {state['next'] + place}\0".encode() for place in range(20)))
            client.shutdown(socket.SHUT_WR)
            state["next"] += 20
            # Whoever has read all closes.
            client.recv(1)
        except socket.timeout:
            return "hung", "the syslog daemon takes nothing"
        finally:
            client.close()
        time.sleep(0.005)
        return "served", ""
    return step


# ---- servers ---------------------------------------------------------------------------------------------------------

class Server:
    """A daemon that runs all the time, with its log in a file."""

    def __init__(self, name, words, log, ready=True, uid=0, stdout=None, stdin=None, environment=None, descriptor=None):
        self.name, self.log, self.uid = name, log, uid
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

    def alive(self):
        return self.process.poll() is None

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


# ---- the whole -------------------------------------------------------------------------------------------------------

class Soak:
    def __init__(self, executable, hours, result, directory):
        self.hours, self.result, self.directory = hours, result, directory
        self.seconds = hours * 3600
        self.workers, self.servers, self.readers, self.samples, self.faults = [], [], [], [], {}
        self.leaks = []
        self.recovering = []
        self.stopped = False
        os.chmod(directory, 0o755)
        self.bin = os.path.join(directory, "bin")
        subprocess.run([executable, "--install", self.bin], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.environ["PATH"] = self.bin + ":" + os.environ["PATH"]
        self.version = subprocess.run([executable, "--version"], stdout=subprocess.PIPE).stdout.decode().strip()
        self.service = os.path.join(directory, "service")
        here = os.path.dirname(os.path.abspath(__file__))
        subprocess.run(["musl-gcc", "-static", "-Os", "-o", self.service, os.path.join(here, "service.c")], check=True)
        # Logs are on a small disk of their own, so that it can be full.
        self.disk = self.path("disk")
        os.mkdir(self.disk)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m,mode=0777", "soak", self.disk], check=True)

    def path(self, name):
        return os.path.join(self.directory, name)

    def tool(self, name):
        return os.path.join(self.bin, name)

    # -- set-up --

    def write_rules(self, directory, kind="uid"):
        def rule(key, allow, who=None):
            os.makedirs(os.path.join(directory, key, "env"))
            open(os.path.join(directory, key, "allow" if allow else "deny"), "w").close()
            if who:
                with open(os.path.join(directory, key, "env", "WHO"), "w") as file:
                    file.write(who + "\n")
        if kind == "uid":
            for uid in ALLOWED:
                rule(f"uid/{uid}", True, str(uid))
            for uid in DENIED[:2]:
                rule(f"uid/{uid}", False)
            rule("gid/2102", True)  # the uid decides first
        else:
            for place in (2, 3):
                rule(f"ip4/127.0.0.{place}_32", True, f"127.0.0.{place}")
            rule("ip4/127.0.0.0_24", False)

    def start(self):
        path, tool = self.path, self.tool
        self.write_rules(path("rules"))
        self.write_rules(path("iprules"), "ip")
        subprocess.run([tool("s6-accessrules-cdb-from-fs"), "-m", "0644", path("rules.cdb"), path("rules")], check=True)
        drop = ["-u", str(SERVER_UID), "-g", str(SERVER_UID)]

        def log(name):
            return os.path.join(self.disk, name + ".log")

        def unix(name, program, gate=(), options=("-c", "200", "-C", "200"), identity=drop):
            self.servers.append(Server(name, [tool("s6-ipcserver"), "-1", "-v", *options, *identity, "--", path(name), *gate, *program], log(name), uid=SERVER_UID if identity else 0))

        directory_gate = (tool("s6-ipcserver-access"), "-v2", "-i", path("rules"))
        database_gate = (tool("s6-ipcserver-access"), "-v2", "-x", path("rules.cdb"))
        unix("directory", [self.service], directory_gate)
        unix("database", [self.service], database_gate)
        unix("program-gate", [self.service], directory_gate, ("-S", "-c", "200", "-C", "200"))
        unix("limited", [self.service, "hold"], directory_gate, ("-c", "5", "-C", "2", "-j", "4"))
        self.port = 7000
        self.servers.append(Server(
            "tcp", [tool("s6-tcpserver"), "-1", "-v", "-c200", "-C200", *drop, "--", "127.0.0.1", str(self.port),
                    tool("s6-tcpserver-access"), "-H", "-v2", "-i", path("iprules"), self.service, "tcp"], log("tcp"), uid=SERVER_UID))
        unix("sudo", [tool("s6-sudod"), "-t", "50000", self.service], directory_gate, identity=())
        os.mkdir(path("locks"))
        os.chmod(path("locks"), 0o777)
        os.mkdir(path("counts"))
        os.chmod(path("counts"), 0o777)
        with open(path("counts/count"), "w") as file:
            file.write("0\n")
        os.chmod(path("counts/count"), 0o666)
        unix("lock", [tool("s6lockd"), path("locks")], directory_gate)
        os.makedirs(path("holder-rules/uid"))
        for uid in ALLOWED:
            os.makedirs(path(f"holder-rules/uid/{uid}/env"))
            open(path(f"holder-rules/uid/{uid}/allow"), "w").close()
            for right in ("STORE", "RETRIEVE"):
                with open(path(f"holder-rules/uid/{uid}/env/S6_FDHOLDER_{right}_REGEX"), "w") as file:
                    file.write("^own:\n")
        self.servers.append(Server("fdholder", [tool("s6-fdholder-daemon"), "-1", "-c", "100", *drop, "-i", path("holder-rules"), path("fdholder")], log("fdholder"), uid=SERVER_UID))
        subprocess.run([tool("s6-mkfifodir"), path("fifodir")], check=True)
        os.chown(path("fifodir"), ALLOWED[0], ALLOWED[0])
        os.chmod(path("fifodir"), 0o1733)

        number = 0
        for name, options in (("syslogd", ["-x", path("syslogd"), "-s", path("syslogd-stream")]), ("socklog", ["-x", path("socklog")])):
            read, write = os.pipe()
            self.servers.append(Server(name, [tool("s6-" + name), "-d", "9", *drop, *options], log(name), uid=SERVER_UID, stdout=write, descriptor=9))
            os.close(write)
            self.readers.append(Reader(number, read))
            os.close(read)
            number += 1

        def worker(name, uid, step):
            nonlocal number
            self.workers.append(Worker(number, name, uid, step))
            number += 1

        for name in ("directory", "database", "program-gate"):
            for uid in ALLOWED[:2] if name != "program-gate" else ALLOWED[:1]:
                worker(name, uid, unix_client(path(name), uid))
            for uid in DENIED if name != "program-gate" else DENIED[:1]:
                worker(name, uid, unix_client(path(name), uid))
        worker("directory", ALLOWED[2], unix_client(path("directory"), ALLOWED[2]))
        gauge = Gauge(self.directory)
        for uid in ALLOWED:
            for _ in range(3):
                worker("limited", uid, limited_client(path("limited"), uid, gauge, 5, 2))
        for last in (2, 3, 4):
            worker("tcp", 0, tcp_client(self.port, f"127.0.0.{last}", last != 4))
        for uid in (ALLOWED[0], DENIED[0]):
            worker("sudo", uid, sudo_client(tool, path("sudo"), uid))
        for uid in ALLOWED[:2]:
            worker("lock", uid, lock_client(tool, path("lock"), path("counts")))
        worker("events", ALLOWED[0], event_client(tool, path("fifodir")))
        worker("fdholder", ALLOWED[0], holder_client(tool, path("fdholder"), self.directory))
        worker("fdholder", ALLOWED[1], holder_client(tool, path("fdholder"), self.directory))
        for name in ("syslogd", "socklog"):
            for place in (0, 1):
                worker(name, ALLOWED[place], syslog_client(path(name), f"{name}{place}"))
        worker("syslogd", ALLOWED[2], stream_log_client(path("syslogd-stream"), "stream"))
        for one in self.workers:
            one.start()
        self.lockers = [one.number for one in self.workers if one.name.startswith("lock ")]

    # -- faults --

    def well(self):
        """The servers that have recovered; never all of them are struck."""
        return [server for server in self.servers if shared.fault(server.name) % 2 == 0]

    def super_servers(self):
        return [server for server in self.well() if server.name not in ("syslogd", "socklog", "fdholder")]

    def inject(self):
        """One fault, from its beginning to its end."""
        kinds = [self.few_descriptors, self.few_processes, self.little_memory, self.kill_children, self.stop, self.full_disk, self.change_rules]
        kind = random.choice(kinds)
        name = kind.__name__.replace("_", " ")
        self.faults[name] = self.faults.get(name, 0) + 1
        kind()

    def felt(self, server, action):
        """A fault that the clients of one server may feel, for a while longer than it lasts."""
        shared.next_fault(server.name)
        try:
            action()
        finally:
            self.recovering.append((time.monotonic() + GRACE, server))

    def recover(self):
        """The faults that nobody may feel any longer."""
        now = time.monotonic()
        for until, server in list(self.recovering):
            if until <= now:
                self.recovering.remove((until, server))
                shared.next_fault(server.name)

    def limited_for_a_while(self, server, kind, number):
        def action():
            undo = server.limit(kind, number)
            self.sleep(random.random())
            undo()
        self.felt(server, action)

    def few_descriptors(self):
        server = random.choice([one for one in self.well() if one.name not in ("syslogd", "socklog")])
        self.limited_for_a_while(server, resource.RLIMIT_NOFILE, random.choice([3, 5, 8, server.descriptors()]))

    def few_processes(self):
        server = random.choice(self.super_servers())
        self.limited_for_a_while(server, resource.RLIMIT_NPROC, random.choice([0, 1, 5]))

    def little_memory(self):
        server = random.choice(self.well())
        self.limited_for_a_while(server, resource.RLIMIT_AS, random.choice([0, 4096, 1 << 20]))

    def kill_children(self):
        server = random.choice([one for one in self.super_servers() if one.name != "lock"])
        self.felt(server, lambda: self.strike_children(server))

    def strike_children(self, server):
        until = time.monotonic() + random.random()
        while time.monotonic() < until:
            for child in server.children():
                if random.random() < 0.5:
                    try:
                        os.kill(child, random.choice([signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP]))
                    except ProcessLookupError:
                        continue
            self.sleep(0.01)
        for child in server.children():
            try:
                os.kill(child, signal.SIGCONT)
            except ProcessLookupError:
                pass

    def stop(self):
        """The time jumps for one server: it is stopped in the middle of anything."""
        server = random.choice(self.well())
        os.kill(server.pid, signal.SIGSTOP)
        self.sleep(2 * random.random())
        os.kill(server.pid, signal.SIGCONT)

    def full_disk(self):
        """Logs can't be written; and the compiler of rules leaves what there was."""
        filler = os.path.join(self.disk, "filler")
        try:
            with open(filler, "wb", buffering=0) as file:
                while True:
                    file.write(b"\0" * 65536)
        except OSError:
            pass
        target = os.path.join(self.disk, "rules.cdb")
        before = os.path.exists(target) and open(target, "rb").read()
        done = subprocess.run([self.tool("s6-accessrules-cdb-from-fs"), target, self.path("rules")], stderr=subprocess.DEVNULL)
        after = os.path.exists(target) and open(target, "rb").read()
        if done.returncode and before != after or not done.returncode and not after:
            self.leaks.append("the compiler of rules left a damaged file on a full disk")
        self.sleep(random.random())
        os.unlink(filler)
        subprocess.run([self.tool("s6-accessrules-cdb-from-fs"), target, self.path("rules")], check=True)

    def change_rules(self):
        """What doesn't concern the clients changes, again and again: nobody may notice."""
        for _ in range(20):
            subprocess.run([self.tool("s6-accessrules-cdb-from-fs"), "-m", "0644", self.path("rules.cdb"), self.path("rules")], check=True)
            extra = self.path("rules/uid/9999")
            if os.path.exists(extra):
                os.rename(extra, self.path("gone"))
                shutil.rmtree(self.path("gone"))
            else:
                os.makedirs(self.path("new/env"))
                open(self.path("new/allow"), "w").close()
                os.rename(self.path("new"), extra)
            self.sleep(0.02)

    # -- watching --

    def sleep(self, seconds):
        time.sleep(seconds)

    def trim_logs(self):
        for server in self.servers:
            if os.path.getsize(server.log) > 1 << 20:
                os.truncate(server.log, 0)

    def rest(self):
        """Everybody rests; then nothing may be left."""
        shared.mode = 1
        limit = time.monotonic() + 2 * PATIENCE
        while not all(shared.is_resting(one.number) for one in self.workers):
            if time.monotonic() > limit:
                self.leaks.append("a worker doesn't come to rest: " + ", ".join(one.name for one in self.workers if not shared.is_resting(one.number)))
                break
            time.sleep(0.02)
        limit = time.monotonic() + 20
        while any(server.alive() and server.children() for server in self.servers) and time.monotonic() < limit:
            time.sleep(0.05)
        row = {"time": time.monotonic() - self.begun, "connections": self.sum("served") + self.sum("refused")}
        for server in self.servers:
            if not server.alive():
                self.leaks.append(f"{server.name} has ended with {server.process.returncode}: {open(server.log, errors='replace').read()[-500:]}")
                self.stopped = True
                continue
            left = server.children()
            if left:
                names = [open(f"/proc/{child}/stat").read().split(" ", 3)[1:3] for child in left if os.path.exists(f"/proc/{child}")]
                self.leaks.append(f"{server.name} has {len(left)} children at rest: {names}")
            now = (server.descriptors(), server.memory(), len(os.listdir(f"/proc/{server.pid}/task")))
            row[server.name] = now
            server.base = server.base or now
        self.samples.append(row)
        shared.mode = 0

    def sum(self, field):
        return sum(shared.get(number, field) for number in range(MOST_WORKERS))

    def judge_leaks(self):
        """Compares the end with the time after the beginning, when all threads and pages that are ever needed may be there."""
        settled = self.samples[max(0, len(self.samples) // 5)]
        last = self.samples[-1]
        for server in self.servers:
            if server.name not in last or server.name not in settled:
                continue
            if last[server.name][0] > settled[server.name][0] + (2 if len(self.samples) < 10 else 0):
                self.leaks.append(f"{server.name}: {settled[server.name][0]} descriptors, then {last[server.name][0]}")
            if last[server.name][1] > settled[server.name][1] + 128:
                self.leaks.append(f"{server.name}: {settled[server.name][1]} kB, then {last[server.name][1]} kB")

    def run(self):
        self.begun = time.monotonic()
        signal.signal(signal.SIGTERM, lambda *_: setattr(self, "stopped", True))
        signal.signal(signal.SIGINT, lambda *_: setattr(self, "stopped", True))
        self.start()
        end = self.begun + self.seconds
        rest_every = min(60.0, self.seconds / 3)
        next_rest = time.monotonic() + rest_every / 2
        while time.monotonic() < end and not self.stopped:
            self.sleep(min(2.0, self.seconds / 20) * random.random())
            self.recover()
            if len(self.recovering) < 4 and end - time.monotonic() > GRACE:
                self.inject()
            self.trim_logs()
            if time.monotonic() > next_rest:
                self.rest()
                self.write("running")
                next_rest = time.monotonic() + rest_every
        self.rest()
        self.end()
        self.judge_leaks()
        wrong = sum(self.sum(field) for field in WRONG)
        self.write("ended")
        return 1 if wrong or self.leaks else 0

    def end(self):
        """The workers end; the servers get SIGTERM and have to end by themselves; the readers read the rest."""
        shared.mode = 2
        for one in self.workers:
            os.waitpid(one.pid, 0)
        for server in self.servers:
            server.process.terminate()
        for server in self.servers:
            try:
                code = server.process.wait(20)
            except subprocess.TimeoutExpired:
                self.leaks.append(f"{server.name} doesn't end after SIGTERM")
                server.process.kill()
                continue
            if code:
                self.leaks.append(f"{server.name} ended with {code}")
        for reader in self.readers:
            os.waitpid(reader.pid, 0)
        sent = sum(shared.get(one.number, "served") * 50 for one in self.workers if one.name.split()[0] in ("syslogd", "socklog") and "2003" not in one.name)
        sent += sum(shared.get(one.number, "served") * 20 for one in self.workers if one.name == "syslogd uid 2003")
        read = sum(shared.get(reader.number, "served") for reader in self.readers)
        self.lines = (sent, read)
        # A step of a sender that a fault made end early has sent some lines, too, which the reader has looked at all the same.
        if read < sent:
            self.leaks.append(f"{sent} lines were sent, {read} arrived")
        counted = int(open(self.path("counts/count")).read())
        done = sum(shared.get(number, "served") for number in self.lockers)
        disturbed = sum(shared.get(number, "disturbed") for number in self.lockers)
        if not done <= counted <= done + disturbed:
            self.leaks.append(f"the lock let two in at a time: {done} to {done + disturbed} additions, but {counted}")

    # -- telling --

    def write(self, state):
        seconds = time.monotonic() - self.begun
        served, refused, disturbed = self.sum("served"), self.sum("refused"), self.sum("disturbed")
        # The steps of the readers are lines, those of syslog senders many lines each.
        readers = sum(shared.get(reader.number, "served") for reader in self.readers)
        connections = served - readers + refused + disturbed
        text = [
            "# Soak", "",
            "What `./build.sh soak HOURS` wrote: everything under load, with faults. `tests/Soak/soak.py` says what is done.", "",
            f"{self.version}, Linux {os.uname().release}, {os.cpu_count()} processors; {time.strftime('%Y-%m-%d')}; {state} after {seconds / 3600:.2f} hours.", "",
            "| what | count |", "|---|---:|",
            f"| connections and commands | {connections:,} |",
            f"| served | {served - readers:,} |", f"| refused, as they had to be | {refused:,} |",
            f"| not served, during a fault or {GRACE:.0f} s after it | {disturbed:,} |",
            f"| lines of syslog | {readers:,} |",
            f"| faults | {sum(self.faults.values()):,} |",
        ]
        text += [f"| **{TELL[field]}** | **{self.sum(field):,}** |" for field in WRONG]
        text += [f"| **leaks and broken promises** | **{len(self.leaks)}** |", "", "Faults: " + ", ".join(f"{count} × {name}" for name, count in sorted(self.faults.items())) + ".", ""]
        text += [f"- {leak}" for leak in self.leaks[:50]]
        text += ["", "Descriptors, private memory in kB, and threads of each server at rest:", "",
                 "| server | in the beginning | settled | in the end |", "|---|---|---|---|"]
        settled = self.samples[max(0, len(self.samples) // 5)] if self.samples else {}
        for server in self.servers:
            def cell(row):
                return ", ".join(str(number) for number in row[server.name]) if row and server.name in row else ""
            text.append(f"| {server.name} | {cell(self.samples[0] if self.samples else None)} | {cell(settled)} | {cell(self.samples[-1] if self.samples else None)} |")
        text += ["", "By worker: " + "; ".join(
            f"{one.name} {shared.get(one.number, 'served'):,}/{shared.get(one.number, 'refused'):,}/{shared.get(one.number, 'disturbed'):,}" for one in self.workers)
            + " (served/refused/disturbed).", ""]
        complaints.flush()
        lines = open(complaints.name).read().splitlines()
        if lines:
            text += ["What was wrong, first:", ""] + ["    " + line[:300] for line in lines[:40]] + [""]
        text = "\n".join(text)
        if self.result:
            with open(self.result + ".new", "w") as file:
                file.write(text)
            os.rename(self.result + ".new", self.result)
        if state == "ended":
            print(text)


def main():
    global complaints
    if len(sys.argv) not in (3, 4):
        print(__doc__, file=sys.stderr)
        return 100
    if os.environ.get("SOAK_INSIDE") != "1":
        if os.geteuid() != 0:
            print("soak.py: fatal: it needs root", file=sys.stderr)
            return 100
        os.environ["SOAK_INSIDE"] = "1"
        os.execvp("unshare", ["unshare", "--mount", "--net", "--propagation", "private", sys.executable, os.path.abspath(__file__), *sys.argv[1:]])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    directory = tempfile.mkdtemp(prefix="soak.")
    complaints = open(os.path.join(directory, "complaints"), "w+")
    result = os.path.abspath(sys.argv[3]) if len(sys.argv) == 4 else None
    soak = None
    try:
        soak = Soak(os.path.abspath(sys.argv[1]), float(sys.argv[2]), result, directory)
        return soak.run()
    finally:
        for one in (soak.workers + soak.readers if soak else []):
            try:
                if one.pid and os.waitpid(one.pid, os.WNOHANG)[0] == 0:
                    os.kill(one.pid, signal.SIGKILL)
            except (ProcessLookupError, ChildProcessError):
                pass
        for server in (soak.servers if soak else []):
            if server.alive():
                server.process.kill()
        subprocess.run(["umount", "-l", os.path.join(directory, "disk")], stderr=subprocess.DEVNULL)
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())

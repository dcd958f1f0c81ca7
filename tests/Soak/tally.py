"""What the workers of the soak and its director share: what is going on, and what was counted."""
import mmap
import os
import random
import signal
import struct
import subprocess
import time
import traceback

ALLOWED = [2001, 2002, 2003]
DENIED = [2101, 2102, 2103]
SERVER_UID = 61001
# How long a client may still be affected after a fault, in seconds.
GRACE = 3.0
# How long a client waits for an answer, in seconds.
PATIENCE = 60.0

# The counters of a worker: served, refused, disturbed by faults; and those that must stay 0.
FIELDS = ["served", "refused", "disturbed", "let_in_wrongly", "turned_away", "wrong_answer", "hung", "over_limit", "lost", "failed", "last"]
WRONG = ["let_in_wrongly", "turned_away", "wrong_answer", "hung", "over_limit", "lost", "failed"]
SLOT = len(FIELDS) * 8
MOST_WORKERS = 64
SERVERS = ["directory", "database", "program-gate", "limited", "tcp", "sudo", "lock", "events", "fdholder", "syslogd", "socklog", "clock", "clock-fdholder"]
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
complaints = None  # a file that every worker may write lines to: see open_complaints


def open_complaints(path):
    """Before the first worker begins."""
    global complaints
    complaints = open(path, "w+")


def read_complaints():
    complaints.flush()
    return open(complaints.name).read().splitlines()


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
                # The counter still includes a client for a moment after its child was killed.
                outcome = "disturbed" if before % 2 or shared.fault(self.server) != before else "over_limit"
            if outcome in WRONG:
                # A fault never excuses letting in a denied client or a wrong answer. It does excuse a client that isn't served.
                if outcome in ("turned_away", "hung", "failed") and (before % 2 or shared.fault(self.server) != before):
                    outcome = "disturbed"
                else:
                    complain(f"{self.name}: {outcome}: {detail}")
            shared.add(self.number, outcome)

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
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from clients import (
    event_client, Gauge, holder_client, limited_client, lock_client, stream_log_client, sudo_client, syslog_client, tcp_client,
    unhurried, unix_client,
)
from servers import Reader, Server
from tally import (
    ALLOWED, DENIED, GRACE, MOST_WORKERS, open_complaints, PATIENCE, read_complaints, SERVER_UID, shared, TELL, Worker,
    WRONG,
)


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
        self.jump_clock = self.path("jumpclock")
        subprocess.run(["gcc", "-O", "-o", self.jump_clock, os.path.join(here, "../Harness/Tools/jumpclock.c")], check=True)
        # The logs are on a small disk of their own, so that it can fill up.
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
        # For these servers the wall clock jumps an hour forth or back at each reading, and differently during a fault.
        def clocked(name, words):
            clock = os.path.join(self.disk, name + ".calls")
            self.servers.append(Server(name, [self.jump_clock, clock, *words], log(name), uid=SERVER_UID, clock=clock))

        clocked("clock", [tool("s6-ipcserver"), "-1", "-v", "-t", "60000", "-T", "1000", *drop, "--", path("clock"), *directory_gate, self.service])
        clocked("clock-fdholder", [tool("s6-fdholder-daemon"), "-1", *drop, "-i", path("holder-rules"), path("clock-fdholder")])
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
        for uid in (ALLOWED[0], DENIED[0]):
            worker("clock", uid, unhurried(unix_client(path("clock"), uid)))
        worker("clock-fdholder", ALLOWED[0], unhurried(holder_client(tool, path("clock-fdholder"), self.directory)))
        for name in ("syslogd", "socklog"):
            for place in (0, 1):
                worker(name, ALLOWED[place], syslog_client(path(name), f"{name}{place}"))
        worker("syslogd", ALLOWED[2], stream_log_client(path("syslogd-stream"), "stream"))
        for one in self.workers:
            one.start()
        self.lockers = [one.number for one in self.workers if one.name.startswith("lock ")]

    # -- faults --

    def well(self):
        """The servers that have recovered; never all of them are struck. Those with a clock of their own have that fault alone."""
        return [server for server in self.servers if shared.fault(server.name) % 2 == 0 and not server.clock]

    def super_servers(self):
        return [server for server in self.well() if server.name not in ("syslogd", "socklog", "fdholder")]

    def inject(self):
        """One fault, from its beginning to its end."""
        kinds = [self.few_descriptors, self.few_processes, self.little_memory, self.kill_children, self.stop, self.clock_jumps, self.full_disk, self.change_rules]
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

    def clock_jumps(self):
        """The wall clock of a server is set, several times, by up to ten years either way. Nobody may notice."""
        server = random.choice([one for one in self.servers if one.clock])
        for _ in range(5):
            with open(self.path("offset"), "w") as file:
                file.write(f"{random.randrange(-315_000_000, 315_000_000)}\n")
            shutil.copyfile(self.path("offset"), server.clock + ".new")
            os.rename(server.clock + ".new", server.clock + ".offset")
            self.sleep(random.random() / 5)
        os.unlink(server.clock + ".offset")

    def stop(self):
        """One server is stopped in the middle of anything: for it no time passes."""
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
            for file in filter(None, (server.log, server.clock)):
                if os.path.getsize(file) > 1 << 20:
                    os.truncate(file, 0)

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
            server.terminate()
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
        # A step that a fault cut short has sent some lines too, which the reader has checked as well.
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
        # A step of a reader is one line, a step of a syslog sender is many lines.
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
        lines = read_complaints()
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
    open_complaints(os.path.join(directory, "complaints"))
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

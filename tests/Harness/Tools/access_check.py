"""access_check.py SEED COUNT: compares s6-access-check with the gates on random rules, as directories and as databases; those of users, groups and
labels also with what this program makes of the rules.

Run in an empty directory. Prints each difference, and how many decisions were compared at the end.
"""
import json
import os
import random
import shutil
import socket
import subprocess
import sys

rng = random.Random(int(sys.argv[1]))
BASE = {"PATH": os.environ["PATH"]}
SHOW = ["env"]  # the program for each client: it prints its environment
NAMES = ["good.x", "x", "a.good.x", "evil.y"]
UNIX_KEYS = ["uid/self", "uid/0", "uid/7", "gid/self", "gid/0", "gid/8", "uid/default", "gid/default", "uid/07",
             "group/8", "group/33", "group/44", "group/70000", "group/033", "label/a:b", "label/c d"]
TCP_KEYS = ["ip4/10.0.0.0_8", "ip4/10.1.0.0_16", "ip4/10.1.2.3_32", "ip4/0.0.0.0_0", "ip6/::_0", "ip6/fd00::_8",
            "reversedns/x", "reversedns/good.x", "reversedns/@", "ip4/10.1.2.3_8"]


def make_rules(keys):
    shutil.rmtree("r", ignore_errors=True)
    os.mkdir("r")
    for key in keys:
        if rng.random() < 0.6:
            continue
        rule = os.path.join("r", key)
        os.makedirs(rule)
        kind = rng.random()
        if kind < 0.65:
            open(rule + "/allow", "w").close()
        if 0.55 < kind < 0.9:
            open(rule + "/deny", "w").close()
        if rng.random() < 0.1:
            os.symlink("nowhere", rule + "/env")
        elif rng.random() < 0.5:
            os.mkdir(rule + "/env")
            for name in rng.sample(["A", "B", "HOME", "TCPREMOTEHOST"], 2):
                with open(f"{rule}/env/{name}", "w") as file:
                    file.write(rng.choice(["", f"{key} {name}\n", 'quote " back \\\n', "two\nlines\n"]))
        if rng.random() < 0.2:
            with open(rule + "/exec", "w") as file:
                file.write("env")
    for kind in ("group", "label"):
        # Half of the rule sets have no such rules; some of these have an empty directory for them.
        if rng.random() < 0.5:
            shutil.rmtree("r/" + kind, ignore_errors=True)
        if rng.random() < 0.1:
            os.makedirs("r/" + kind, exist_ok=True)
    for kind in ("uid", "ip4", "group", "label"):
        if not os.path.exists("r/" + kind) and rng.random() < 0.05:
            os.symlink("nowhere", "r/" + kind)
    if os.path.exists("c"):
        os.unlink("c")
    return subprocess.run(["s6-accessrules-cdb-from-fs", "c", "r"], stderr=subprocess.DEVNULL).returncode == 0


def says(key):
    """What the rule of a key says; None: nothing."""
    rule = os.path.join("r", key)
    if os.path.exists(rule + "/allow"):
        return "error" if os.path.islink(rule + "/env") else "allow"
    return "deny" if os.path.exists(rule + "/deny") else None


def decide(uid, gid, groups, label):
    """What becomes of a client, and by which key."""
    if any(os.path.islink("r/" + kind) for kind in ("uid", "group", "label")):
        return None
    for key in ["uid/self"] * (uid == 0) + [f"uid/{uid}"] + ["gid/self"] * (gid == 0) + [f"gid/{gid}"]:
        if says(key):
            return says(key), key
    if os.path.isdir("r/group"):
        allowed = None
        for key in [f"group/{group}" for group in sorted({gid, *groups})]:
            if says(key) in ("deny", "error"):
                return says(key), key
            allowed = allowed or (says(key) and key)
        if allowed:
            return "allow", allowed
    if os.path.isdir("r/label"):
        if label is None or "/" in label:
            return "error" if label is None else "deny", None
        if says(f"label/{label}"):
            return says(f"label/{label}"), f"label/{label}"
    return says("uid/default") or "deny", "uid/default" if says("uid/default") else None


def run(words, more=None, connection=subprocess.DEVNULL):
    done = subprocess.run(words, env={**BASE, **(more or {})}, stdin=connection, capture_output=True)
    return done.returncode, done.stdout.decode("latin-1"), done.stderr.decode("latin-1")


def environment_of(text):
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def connection_of(groups):
    """An end of a connection whose client has these groups."""
    own = os.getgroups()
    os.setgroups(groups)
    end = socket.socketpair()[0]
    os.setgroups(own)
    return end


def answering(label):
    """What stands in front of a gate so that the kernel tells it this label; None: that there is none."""
    answer = "error=ENOPROTOOPT" if label is None else f"retval=0:poke_exit=@arg4={label.encode().hex()},@arg5={len(label):02x}000000"
    # If there are rules of groups, SO_PEERGROUPS is the first such call.
    return ["strace", "-qq", "-o", "/dev/null", "-e", "trace=getsockopt", "-e", f"inject=getsockopt:{answer}:when={1 + os.path.isdir('r/group')}"]


def compare(label, check, gate, variables, connection=subprocess.DEVNULL, decided=None):
    code, said, complaint = run(["s6-access-check", "--json"] + check)
    gate_code, shown, gate_complaint = run(gate + SHOW, variables, connection)
    if code != gate_code:
        print(f"{label}: gate {gate_code} {gate_complaint!r}, access-check {code} {said!r} {complaint!r}")
        return
    answer = json.loads(said)
    word = {0: "allow", 1: "deny"}.get(code, "error")
    if decided and (answer["decision"] != decided[0] or (code < 2 and answer.get("key") != decided[1])):
        print(f"{label}: {decided} expected: {answer}")
    decided = [line for line in gate_complaint.splitlines() if "decided by" in line]
    key = decided[-1].split("decided by ")[1] if decided else None
    if answer["decision"] != word or (code < 2 and key not in (answer.get("key"), "no rule", "no name")):
        print(f"{label}: decided by {key}: {answer}")
    if "file" in answer and check[1] == "r" and not os.path.exists(answer["file"]):
        print(f"{label}: no such file: {answer}")
    if code == 0:
        # The variables of the rule are added to those of the server.
        expected = {**BASE, **variables, **answer["set"]}
        for name in answer["unset"]:
            expected.pop(name, None)
        found = environment_of(shown)
        for gone in ("IPCLOCALPATH", "TCPLOCALHOST", "TCPREMOTEHOST", "TCPREMOTEINFO", "_", "SHLVL", "PWD", "PATH", "#", "0"):
            expected.pop(gone, None)
            found.pop(gone, None)
        if found != expected:
            print(f"{label}: environment {found}, expected {expected}")


compared = 0
for _ in range(int(sys.argv[2])):
    unix = rng.random() < 0.5
    compiled = make_rules(UNIX_KEYS if unix else TCP_KEYS)
    for where in [["-i", "r"]] + ([["-x", "c"]] if compiled else []):
        for _ in range(2):
            if unix:
                uid, gid = rng.choice([0, 7, 9]), rng.choice([0, 8, 9])
                groups = rng.sample([0, 8, 33, 34, 44, 70000], rng.randrange(4))
                label = rng.choice([None, "a:b", "c d", "e", "f/g"])
                client = ["-u", str(uid), "-g", str(gid), "-G", ",".join(map(str, groups))] + (["-L", label] if label else [])
                variables = {"PROTO": "IPC", "IPCREMOTEEUID": str(uid), "IPCREMOTEEGID": str(gid)}
                gate = (answering(label) if os.path.lexists("r/label") else []) + ["s6-ipcserver-access", "-v3", "-l", "x"]
                connection = connection_of(groups)
            else:
                address = rng.choice(["10.1.2.3", "10.1.9.9", "10.9.9.9", "9.9.9.9", "fd00::1", "::1"])
                client = ["-a", address]
                variables = {"PROTO": "TCP", "TCPREMOTEIP": address, "TCPREMOTEPORT": "1", "TCPLOCALIP": "::1", "TCPLOCALPORT": "1"}
                gate = ["s6-tcpserver-access", "-v3", "-H"]
                connection = subprocess.DEVNULL
            decided = decide(uid, gid, groups, label) if unix else None
            compare(f"{where} {client}", where + client, gate + where, variables, connection, decided)
            compared += 1
print(compared, "decisions compared")

#!/usr/bin/python3
"""dns_corpus.py > tests/Unit/Corpora/dns-packets.txt: DNS packets, and what dnspython reads in them.

Needs the Debian packages unbound, dnsmasq-base and python3-dnspython, and root: servers and asker live in a network namespace of their own.
A line is a packet in hexadecimal, then its records, or "malformed". A record is SECTION/OWNER/TTL/CLASS/TYPE/DATA, names uncompressed, owner
and data in hexadecimal. OPT records are left out: dnspython keeps them apart. The first line of the file says what made it."""
import ctypes
import os
import random
import socket
import struct
import subprocess
import sys
import tempfile
import time

import dns.flags
import dns.message
import dns.name
import dns.rdatatype
import dns.version

CLONE_NEWNET = 0x40000000
SECTIONS = ["answer", "authority", "additional"]
TYPES = ["A", "AAAA", "NS", "CNAME", "SOA", "PTR", "HINFO", "MX", "TXT", "SRV", "CAA", "RP", "DNAME", "NAPTR", "SSHFP", "TYPE65280", "ANY"]
ZONE = """
a A 10.1.2.3
a AAAA fd00::1
multi A 10.0.0.1
multi A 10.0.0.2
multi A 10.0.0.3
multi AAAA fd00::a:b
alias CNAME a.test.
alias2 CNAME alias.test.
mail MX 10 mx1.test.
mail MX 20 mx2.Test.
mail MX 0 .
text TXT "hello world" "second"
text TXT ""
bytes TXT "\\000\\001\\255\\"q\\" tab\\009"
deep.er.and.deep.er PTR some.where.test.
service SRV 5 7 8080 srv.test.
host HINFO "cpu x" "os y"
issue CAA 0 issue "ca.test"
issue CAA 128 iodef "mailto:x@y.test"
person RP mail.person.test. text.test.
d DNAME other.test.
n NAPTR 100 50 "s" "z3950+I2L+I2C" "" _z3950._tcp.test.
key SSHFP 1 1 123456789abcdef67890123456789abcdef67890
zone NS ns1.test.
zone NS ns2.test.
zone SOA ns.test. host\\.master.test. 4294967295 1200 180 1209600 600
unknown TYPE65280 \\# 3 0102fe
odd\\.label.\\000\\255x A 10.9.9.9
"""


def record_text(section, owner, record_set, record):
    return "/".join([
        SECTIONS[section], owner.to_wire().hex(), str(record_set.ttl), str(int(record_set.rdclass)), str(int(record_set.rdtype)), record.to_wire().hex()])


def described(packet):
    try:
        message = dns.message.from_wire(packet, one_rr_per_rrset=True, ignore_trailing=True)
    except Exception:
        return "malformed"
    records = [
        record_text(number, rrset.name, rrset, record)
        for number, section in enumerate([message.answer, message.authority, message.additional]) for rrset in section for record in rrset]
    return " ".join(records) or "empty"


def exchange(query, port, tcp):
    if not tcp:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.settimeout(5)
            udp.sendto(query, ("127.0.0.1", port))
            return udp.recv(65535)
    with socket.create_connection(("127.0.0.1", port), 5) as stream:
        stream.sendall(struct.pack(">H", len(query)) + query)
        with stream.makefile("rb") as file:
            return file.read(struct.unpack(">H", file.read(2))[0])


def start(arguments, port):
    server = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(200):
        try:
            exchange(dns.message.make_query("a.test", "A").to_wire(), port, False)
            return server
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"{arguments[0]} doesn't answer")


def main():
    if ctypes.CDLL(None).unshare(CLONE_NEWNET) != 0:
        raise SystemExit("unshare")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    rows = [line.split(" ", 1) for line in ZONE.strip().split("\n")]
    many = [("many", f"A 10.2.{number // 256}.{number % 256}") for number in range(80)]
    names = sorted({owner for owner, _ in rows} | {"many", "nope", "x.d"})
    packets = []
    with tempfile.TemporaryDirectory() as directory:
        data = "\n".join(f" local-data: '{owner}.test. 3600 {rest}'" for owner, rest in rows + many)
        with open(f"{directory}/unbound.conf", "w") as file:
            file.write(f"server:\n directory: {directory}\n chroot: ''\n username: ''\n pidfile: ''\n use-syslog: no\n port: 5301\n do-daemonize: no\n"
                       f" local-zone: test. static\n local-data: 'test. 600 SOA ns.test. h.test. 1 2 3 4 5'\n{data}\nremote-control:\n control-enable: no\n")
        with open(f"{directory}/dnsmasq.conf", "w") as file:
            file.write("port=5302\nno-resolv\nno-hosts\nkeep-in-foreground\nuser=root\nlocal=/test/\nhost-record=a.test,10.1.2.3,fd00::1\n"
                       "cname=alias.test,a.test\nmx-host=mail.test,mx1.test,10\ntxt-record=text.test,hello,world\nsrv-host=service.test,srv.test,8080,5,7\n"
                       "ptr-record=deep.er.and.deep.er.test,some.where.test\ncaa-record=issue.test,0,issue,ca.test\n")
        servers = [start(["unbound", "-c", f"{directory}/unbound.conf"], 5301), start(["dnsmasq", "-C", f"{directory}/dnsmasq.conf", "--pid-file="], 5302)]
        for port, kinds in ((5301, TYPES), (5302, ["A", "AAAA", "MX", "TXT", "SRV", "PTR", "CAA", "ANY"])):
            for name in names:
                for kind in kinds:
                    query = dns.message.make_query(f"{name}.test.", kind, use_edns=random.randrange(2) - 1, payload=1232)
                    packets.append(exchange(query.to_wire(), port, False))
            packets.append(exchange(dns.message.make_query("many.test.", "A").to_wire(), port, True))
        for server in servers:
            server.terminate()
            server.wait()
    packets += damaged(packets)
    unique = list(dict.fromkeys(packets))
    print(f"# unbound, dnsmasq, dnspython {dns.version.version}: {len(unique)} packets")
    for packet in unique:
        print(packet.hex(), described(packet))


def damaged(packets):
    """Packets with something wrong about them: cut off, too long, counts and bytes changed."""
    wrong = []
    for packet in random.sample(packets, 200):
        kind = random.randrange(4)
        if kind == 0:
            wrong.append(packet[:random.randrange(12, len(packet))])
        elif kind == 1:
            wrong.append(packet + b"junk")
        elif kind == 2:
            count = random.randrange(3, 6) * 2 + 1
            wrong.append(packet[:count] + bytes([(packet[count] + 1) % 256]) + packet[count + 1:])
        else:
            place = random.randrange(12, len(packet))
            wrong.append(packet[:place] + bytes([random.randrange(256)]) + packet[place + 1:])
    return wrong


if __name__ == "__main__":
    random.seed(13)
    main()

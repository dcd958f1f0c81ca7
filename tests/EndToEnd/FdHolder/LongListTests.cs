using Xunit;

namespace LocalService.Tests.EndToEnd.FdHolder;

/// <summary>Lists of what is held, and who has stored it.</summary>
public sealed class LongListTests
{
    [Fact]
    public void Each_descriptor_is_told_what_it_is_and_whose() => Script.Expect(
        """
        grant_all uid/0; grant uid/1000 STORE_REGEX=^u; hold
        echo x >"a file"; chmod 755 . ; chmod 666 "a file"
        s6-fdholder-store sk file <"a file"
        s6-fdholder-store -T 100000000 sk $'odd\tname' </dev/null
        setpriv --reuid 1000 --regid 1001 --clear-groups s6-fdholder-store sk user </dev/null
        talk <<'END'
        import select
        def hold(text, held):
            c = Connection()
            assert c.ask(store(text), [held if isinstance(held, int) else held.fileno()]) == "00"
            held_all.append(held)
        held_all = []
        def make(family, kind, address, listens=False):
            s = socket.socket(family, kind)
            s.bind(address)
            if listens:
                s.listen()
            return s
        hold("unix listening", make(socket.AF_UNIX, socket.SOCK_STREAM, "path", True))
        hold("unix datagram", make(socket.AF_UNIX, socket.SOCK_DGRAM, b"\0abstract\0name"))
        hold("unix pair", socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)[0])
        hold("netlink", socket.socket(socket.AF_NETLINK, socket.SOCK_RAW))
        hold("pipe", os.pipe()[0])
        hold("eventfd", os.eventfd(0))
        hold("epoll", select.epoll())
        hold("memory", os.memfd_create("m"))
        hold("shm", os.open("/dev/shm", os.O_RDONLY))
        END
        s6-fdholder-list -l sk | cut -f 1-3,5- | sed "s|$PWD|HERE|; s/\[[0-9]*\]/[NUMBER]/; s/\t\(99[0-9]*\|100000\)\t/\tsoon\t/" | sort
        s6-fdholder-list --long sk | cut -f 4 | grep -vcx '[0-9]\|1[0-9]'
        s6-fdholder-list -j sk | python3 -c '
        import json, sys
        for entry in json.load(sys.stdin)[:1]:
            print(entry.pop("left_s") in range(99000, 100001), entry.pop("age_s") < 20, entry)'
        kill $server
        """,
        """
        epoll	eventpoll		never	0	0
        eventfd	eventfd		never	0	0
        file	file	HERE/a file	never	0	0
        memory	memfd	/memfd:m (deleted)	never	0	0
        netlink	socket raw	socket:[NUMBER]	never	0	0
        odd\tname	device	/dev/null	soon	0	0
        pipe	pipe	pipe:[NUMBER]	never	0	0
        shm	device	/dev/shm	never	0	0
        unix datagram	unix datagram	@abstract\0x00name	never	0	0
        unix listening	unix stream listening	path	never	0	0
        unix pair	unix seqpacket		never	0	0
        user	device	/dev/null	never	1000	1001
        0
        True True {'name': 'odd\tname', 'kind': 'device', 'address': '/dev/null', 'uid': 0, 'gid': 0}
        """);

    [Fact]
    public void Sockets_of_IP_have_their_addresses_as_long_as_they_are_in_this_network() => NetworkScript.Expect(
        """
        source functions.bash
        hold
        talk <<'END'
        all = []
        for family, kind, address in [(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.2", 81)), (socket.AF_INET, socket.SOCK_DGRAM, ("0.0.0.0", 65535)),
                                      (socket.AF_INET6, socket.SOCK_STREAM, ("::1", 80)), (socket.AF_INET6, socket.SOCK_DGRAM, ("::", 53))]:
            s = socket.socket(family, kind)
            s.bind(address)
            if kind == socket.SOCK_STREAM:
                s.listen()
            c = Connection()
            c.ask(store(str(len(all))), [s.fileno()])
            all.append(s)
        END
        s6-fdholder-list -l sk | cut -f 1-3 | sort
        unshare -n s6-fdholder-list -l sk | cut -f 3 | grep -c '^socket:\[[0-9]*\]$'
        kill $server
        """,
        """
        0	ip4 stream listening	127.0.0.2:81
        1	ip4 datagram	0.0.0.0:65535
        2	ip6 stream listening	[::1]:80
        3	ip6 datagram	[::]:53
        4
        """);

    [Fact]
    public void However_many_there_are_each_is_told_once_and_nothing_is_asked_of_file_systems_or_locked_sockets() => Script.Expect(
        """
        grant_all uid/0; s6-accessrules-cdb-from-fs rules.cdb r
        SERVER=s6-fdholder-daemon T="strace -f -o calls" serve -x rules.cdb sk
        talk <<'END'
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        for i in range(100):
            Connection().ask(store(str(i), 1000 + i % 3), [listener.fileno() if i % 2 else 1])
        END
        : >calls
        s6-fdholder-list -l sk | cut -f 1 | sort -n | uniq | wc -l; s6-fdholder-list -l sk | wc -l
        kill $(cat /proc/$server/task/*/children)
        wait $server
        grep -cE 'getsockname|fstat|statx|ioctl|getdents' calls
        grep -c 'readlink.*/proc/self/fd' calls
        """,
        "100\n100\n0\n200");

    [Fact]
    public void It_needs_the_right_to_list_and_a_holder_that_knows_it() => Script.Expect(
        """
        grant uid/0 STORE_REGEX=.
        hold; s6-fdholder-list -l sk; echo $?
        mkdir r/uid/0/env 2>/dev/null; echo 1 >r/uid/0/env/S6_FDHOLDER_LIST
        s6-fdholder-list -l sk; echo $?; s6-fdholder-list -j sk
        s6-fdholder-list -l sk >/dev/full; echo $?
        s6-fdholder-store sk name </dev/null
        s6-fdholder-list -l sk >/dev/full; echo $?
        kill $server
        # An older holder: whatever it doesn't know ends the connection.
        socat UNIX-LISTEN:old,fork SYSTEM:'head -c 7 >/dev/null' & listening "old"
        s6-fdholder-list -l old; echo $?
        kill $!
        """,
        "1\n0\n[]\n0\n111\n1",
        """
        s6-fdholder-list: fatal: unable to get long fd list: Operation not permitted
        s6-fdholder-list: fatal: unable to write to stdout: No space left on device
        s6-fdholder-list: fatal: unable to get long fd list, which is refused or unknown to this holder: Broken pipe
        """);

    [Fact]
    public void The_bytes_are_those_of_the_protocol() => Script.Expect(
        """
        hold
        talk <<'END'
        c = Connection()
        print(c.ask(b"l" + bytes(12)))
        read, write = os.pipe()
        when = date(1000, 5)
        c.ask(b"S" + when + name("a"), [read])
        c.send(b"L")
        c.send(b"l" + bytes(12))
        c.send(store("b"), [read])
        c.send(b"l" + when)
        print(c.answer())
        text, _ = c.receive()
        age, uid, gid, family, kind = struct.unpack(">xIII2B", text[12:27])
        rest = text[27:]
        print(text[:1], text[1:13] == when, age < 60, uid, gid, family, kind, rest[:2], rest[3:9], len(rest) == 4 + rest[2])
        print(c.answer())
        text, _ = c.receive()
        print(text[27:29])
        for wrong in [b"l", b"l" + bytes(11), b"l" + bytes(13), b"l" + b"\xff" * 12, b"l" + when + b"x"]:
            print(Connection().ask(wrong), end=" ")
        print(Connection().ask(b"l" + when, [null]))
        END
        kill $server
        """,
        """
        00
        00000000016100
        b'\x00' True True 0 0 0 0 b'\x01a' b'pipe:[' True
        00
        b'\x01b'
        closed closed closed closed closed closed
        """);

    [Fact]
    public void A_holder_that_answers_nonsense_is_believed_nothing() => Script.Expect(
        """
        cat >liar.py <<'END'
        import os, socket, struct, sys
        entry = struct.pack(">QIIIIBB", 1 << 62, 5, 1, 2, 3, 0, 0) + b"\1a" + b"\4link" + b"\0"
        cut = struct.pack(">QIIIIBB", 1 << 62, 5, 1, 2, 3, socket.AF_INET, socket.SOCK_STREAM) + b"\1a" + b"\2x[" + b"\0"
        answers = [b"\0" + entry, b"\0" + cut, b"\0" + entry[:-1], b"\0" + entry + entry, b"\0" + entry + b"x", b"\0" + entry.replace(b"\1a", b"\0"), b"\5", b""]
        listener = socket.socket(socket.AF_UNIX)
        listener.bind("liar")
        listener.listen()
        for answer in answers:
            c, _ = listener.accept()
            while True:
                if len(c.recv(19)) < 19:
                    break
                c.sendall(struct.pack(">IH", len(answer), 0) + answer)
        END
        python3 liar.py & listening liar
        for i in {1..8}; do s6-fdholder-list -l liar 2>&1 | cut -f 1; done
        """,
        """
        a
        s6-fdholder-list: fatal: unable to get long fd list: Protocol error
        a
        s6-fdholder-list: fatal: unable to get long fd list: Protocol error
        s6-fdholder-list: fatal: unable to get long fd list: Protocol error
        a
        s6-fdholder-list: fatal: unable to get long fd list: Protocol error
        a
        s6-fdholder-list: fatal: unable to get long fd list: Protocol error
        s6-fdholder-list: fatal: unable to get long fd list: Protocol error
        s6-fdholder-list: fatal: unable to get long fd list: Input/output error
        s6-fdholder-list: fatal: unable to get long fd list: Protocol error
        """);
}

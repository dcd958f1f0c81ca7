using Xunit;

namespace LocalService.Tests.Interop;

/// <summary>Servers that know nothing of this project, and its client and gate.</summary>
public sealed class ForeignServerTests
{
    private const string Rules = """
        put uid/1000/allow uid/default/deny
        mkdir r/uid/1000/env
        echo hello >r/uid/1000/env/GREETING

        """;

    [Fact]
    public void Socat_echoes_to_our_client() => Script.Expect(
        """
        socat "UNIX-LISTEN:$PWD/sock,fork" EXEC:cat &
        listening "$PWD/sock"
        head -c 3000000 /dev/urandom >in
        s6-ipcclient sock s6-ioconnect <in >out && cmp in out && echo same
        s6-ipcclient -p me sock sh -c 'echo "$PROTO <$IPCLOCALPATH>" >&7; read -r line <&6; echo "$line"'
        """,
        """
        same
        IPC <me>
        """);

    [Fact]
    public void Socat_listens_on_an_abstract_name() => Script.Expect(
        """
        name=localservice-test-$$
        socat "ABSTRACT-LISTEN:$name" SYSTEM:'echo good day; cat' &
        listening "@$name"
        echo and bye | s6-ipcclient "@$name" s6-ioconnect
        """,
        """
        good day
        and bye
        """);

    [Fact]
    public void A_Python_server_sees_the_half_close_and_the_credentials() => Script.Expect(
        """
        python3 - "$PWD/sock" <<'END' &
        import os, socket, struct, sys
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(sys.argv[1])
        os.chmod(sys.argv[1], 0o777)
        listener.listen()
        connection, address = listener.accept()
        pid, uid, gid = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        received = connection.makefile("rb").read()
        connection.sendall(b"%d bytes from %d:%d at <%s>\n" % (len(received), uid, gid, address.encode()))
        connection.close()
        END
        listening "$PWD/sock"
        head -c 1000000 /dev/zero | as1000 s6-ipcclient -p mine sock s6-ioconnect
        """,
        "1000000 bytes from 1000:1000 at <mine>");

    [Theory]
    [InlineData("s6-ipcclient", "s6-ioconnect")]
    [InlineData("s6-ipcclient", "/usr/bin/s6-ioconnect")]
    [InlineData("/usr/bin/s6-ipcclient", "s6-ioconnect")]
    [InlineData("unixclient", "s6-ioconnect")]
    public void Unixserver_answers_through_our_gate_and_limit(string client, string copier) => Script.Expect(
        Rules +
        $"""
        UNIXCONNNUM=1 UNIXCONNMAX=1 unixserver -q -p 777 -- "$PWD/sock" s6-ipcserver-access -v 2 -i r s6-connlimit \
            sh -c 'echo "$PROTO $UNIXREMOTEEUID $UNIXREMOTEEGID $GREETING"; [ "$UNIXLOCALPATH" = "$PWD/sock" ] && cat' &
        listening "$PWD/sock"
        echo text | as1000 {client} sock {copier}
        {client} sock {copier}
        """,
        """
        UNIX 1000 1000 hello
        text
        """,
        """
        s6-ipcserver-access: info: allow pid PID uid 1000 gid 1000
        s6-ipcserver-access: info: deny pid PID uid 0 gid 0: Permission denied
        """);

    [Fact]
    public void The_gate_removes_what_unixserver_has_set() => Script.Expect(
        Rules +
        """
        unixserver -q -p 777 -- "$PWD/sock" s6-ipcserver-access -v 0 -E -i r sh -c 'env | grep -E "^(PROTO|UNIX|GREETING)" | cut -d = -f 1 | sort' &
        listening "$PWD/sock"
        as1000 unixcat sock
        """,
        """
        GREETING
        UNIXLOCALGID
        UNIXLOCALPID
        UNIXLOCALUID
        """);

    [Fact]
    public void The_holder_of_s6_knows_no_long_list() => Script.Expect(
        """
        grant_all uid/0
        SERVER=/usr/bin/s6-fdholder-daemon serve -i r sk
        s6-fdholder-store sk name </dev/null; s6-fdholder-list sk
        s6-fdholder-list -l sk 2>&1 | sed 's/Connection reset by peer/Broken pipe/'; s6-fdholder-list sk
        kill $server
        """,
        """
        name
        s6-fdholder-list: fatal: unable to get long fd list, which is refused or unknown to this holder: Broken pipe
        name
        """);
}

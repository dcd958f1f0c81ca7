using Xunit;

namespace LocalService.Tests.Interop;

/// <summary>Clients that know nothing of this project, connected to its server.</summary>
public sealed class ForeignClientTests
{
    // The checksum of 200,000 zero bytes.
    private const string ChecksumOfZeros = "4cbbd9be0cba685835755f827758705db5a413c5494c34262cd25946a73e7582";

    [Theory]
    [InlineData("socat - UNIX-CONNECT:sock")]
    [InlineData("nc.openbsd -N -U sock")]
    [InlineData("s6-ipcclient sock s6-ioconnect")]
    [InlineData("/usr/bin/s6-ipcclient sock /usr/bin/s6-ioconnect")]
    [InlineData("python3 converse sock")]
    [InlineData("unixclient sock s6-ioconnect")]
    [InlineData("unixclient sock /usr/bin/s6-ioconnect")]
    public void Send_half_close_and_read_the_answer(string client) => Script.Expect(
        $"""
        cat >converse <<'END'
        import shutil, socket, sys
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(sys.argv[1])
        connection.sendall(sys.stdin.buffer.read())
        connection.shutdown(socket.SHUT_WR)
        shutil.copyfileobj(connection.makefile("rb"), sys.stdout.buffer)
        END
        serve sock sh -c 'sha256sum | cut -d " " -f 1; echo "$PROTO $IPCREMOTEEUID $IPCREMOTEEGID $IPCCONNNUM <$IPCREMOTEPATH>"'
        head -c 200000 /dev/zero | {client}
        """,
        $"""
        {ChecksumOfZeros}
        IPC 0 0 1 <>
        """);

    [Fact]
    public void Unixcat_shows_what_the_server_says() => Script.Expect(
        """
        serve sock sh -c 'echo "good day, user $IPCREMOTEEUID"'
        as1000 unixcat sock
        """,
        "good day, user 1000");

    [Fact]
    public void Programs_of_unixclient_talk_on_descriptors_6_and_7() => Script.Expect(
        """
        serve sock sh -c 'read -r line; echo "you said $line"'
        unixclient sock sh -c 'echo "$PROTO $UNIXLOCALPATH" >&7; read -r line <&6; echo "$line"'
        """,
        "you said UNIX sock");

    [Fact]
    public void The_path_that_a_foreign_client_is_bound_to_arrives() => Script.Expect(
        """
        serve sock sh -c 'printf "<%s>\n" "$IPCREMOTEPATH"'
        socat -u UNIX-CONNECT:sock,bind=me -
        python3 -c 'import socket; s = socket.socket(socket.AF_UNIX); s.bind("a b\xe9"); s.connect("sock"); print(ascii(s.recv(100)))'
        python3 -c 'import socket; s = socket.socket(socket.AF_UNIX); s.bind("\0abstract-client"); s.connect("sock"); print(s.recv(100))'
        """,
        """
        <me>
        b'<a b\xc3\xa9>\n'
        b'<>\n'
        """);

    [Fact]
    public void A_foreign_client_reaches_an_abstract_name() => Script.Expect(
        """
        name=localservice-test-$$
        serve "@$name" cat
        echo hello | socat - "ABSTRACT-CONNECT:$name"
        echo hello | s6-ipcclient "@$name" s6-ioconnect
        """,
        """
        hello
        hello
        """);

    [Fact]
    public void Many_at_once_of_several_kinds_each_get_their_own_answer() => Script.Expect(
        """
        serve -c 100 -C 100 sock sh -c 'read -r line; echo "$line"'
        for i in {1..8}; do
            echo "socat $i" | socat - UNIX-CONNECT:sock & clients+=($!)
            echo "nc $i" | nc.openbsd -N -U sock & clients+=($!)
            echo "unixclient $i" | unixclient sock s6-ioconnect & clients+=($!)
            echo "ours $i" | s6-ipcclient sock s6-ioconnect & clients+=($!)
        done >answers
        wait "${clients[@]}"
        sort -u answers | wc -l
        cut -d ' ' -f 1 answers | sort | uniq -c | tr -s ' '
        """,
        """
        32
         8 nc
         8 ours
         8 socat
         8 unixclient
        """);
}

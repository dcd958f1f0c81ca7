using Xunit;

namespace LocalService.Tests.EndToEnd.Client;

/// <summary>ipcclient: failures while it connects.</summary>
public sealed class ConnectTests
{
    [Fact]
    public void Decision_14_a_path_of_107_bytes_is_whole_everywhere_and_108_are_too_long() => Script.Expect(
        """
        longest=$(printf %107s | tr ' ' y)
        mine=$(printf %107s | tr ' ' z)
        serve "$longest" sh -c 'echo "${#IPCREMOTEPATH}"'
        s6-ipcclient -p "$mine" "$longest" sh -c 'echo "${#IPCLOCALPATH}"; cat <&6'
        s6-ipcclient "${longest}y" true 2>&1 | sed 's/yy*/PATH/'
        s6-ipcclient -p "${mine}z" "$longest" true 2>&1 | sed 's/zz*/PATH/'
        s6-ipcclient "$(printf %100000s | tr ' ' y)" true 2>&1 | sed 's/yy*/PATH/'
        ls | sed "s/$longest/server/; s/$mine/client/" | sort
        """,
        """
        107
        107
        s6-ipcclient: fatal: unable to connect to PATH: File name too long
        s6-ipcclient: fatal: unable to bind socket to PATH: File name too long
        s6-ipcclient: fatal: unable to connect to PATH: File name too long
        client
        server
        server.lock
        """);

    [Fact]
    public void A_too_long_path_to_connect_to_is_found_before_anything_is_bound() => Script.Expect(
        """
        s6-ipcclient -p mine "$(printf %108s | tr ' ' y)" true 2>/dev/null || echo $?
        ls
        """,
        "111");

    [Fact]
    public void Abstract_names_work_on_both_sides() => Script.Expect(
        """
        name=@localservice-test-$$
        serve "$name" sh -c 'echo "<$IPCREMOTEPATH>"'
        s6-ipcclient -p "$name-client" "$name" sh -c 'echo "<$IPCLOCALPATH>"; cat <&6'
        s6-ipcclient -p "$name-client" "$name" sh -c 'cat <&6'
        kill $server
        wait $server
        s6-ipcclient "$name" true 2>&1 | sed 's/@.*:/NAME:/'
        s6-ipcclient "@$(printf %108s | tr ' ' x)" true 2>&1 | sed 's/@x*/NAME/'
        s6-ipcclient @ true
        ls
        """,
        """
        <>
        <>
        <>
        s6-ipcclient: fatal: unable to connect to NAME: Connection refused
        s6-ipcclient: fatal: unable to connect to NAME: File name too long
        """,
        "s6-ipcclient: fatal: unable to connect to @: Invalid argument");

    [Fact]
    public void Nobody_behind_the_path_is_told_apart() => Script.Expect(
        """
        touch file
        mkdir directory
        chmod 777 file directory
        ln -s loop loop
        serve -a 700 private cat
        serve dead cat
        kill $server
        wait $server
        for path in missing missing/sock file file/sock directory loop dead private ''; do
            as1000 s6-ipcclient "$path" echo connected || echo $?
        done
        """,
        """
        111
        111
        111
        111
        111
        111
        111
        111
        100
        """,
        """
        s6-ipcclient: fatal: unable to connect to missing: No such file or directory
        s6-ipcclient: fatal: unable to connect to missing/sock: No such file or directory
        s6-ipcclient: fatal: unable to connect to file: Connection refused
        s6-ipcclient: fatal: unable to connect to file/sock: Not a directory
        s6-ipcclient: fatal: unable to connect to directory: Connection refused
        s6-ipcclient: fatal: unable to connect to loop: Too many levels of symbolic links
        s6-ipcclient: fatal: unable to connect to dead: Connection refused
        s6-ipcclient: fatal: unable to connect to private: Permission denied
        s6-ipcclient: fatal: empty socket path
        """);

    [Fact]
    public void Decision_16_the_wait_for_a_full_backlog_can_be_limited() => Script.Expect(
        """
        fullbacklog sock &
        until_true test -e sock.full
        s6-ipcclient -t 200 sock true || echo $?
        s6-ipcclient -t 60000 sock echo connected &
        client=$!
        s6-ipcclient sock echo connected &
        without_limit=$!
        sleep 0.3
        touch sock.go
        wait $client $without_limit
        s6-ipcclient -t 4294967295 sock echo connected
        s6-ipcclient -t x sock true 2>/dev/null || echo $?
        """,
        """
        111
        connected
        connected
        connected
        100
        """,
        "s6-ipcclient: fatal: unable to connect to sock: Connection timed out");

    [Fact]
    public void Decision_16_the_program_is_named_once() => Script.Expect(
        """
        serve sock cat
        s6-ipcclient -v sock true
        s6-ipcclient -vvv sock true
        s6-ipcclient sock true
        """,
        "",
        """
        s6-ipcclient: info: connected to sock
        s6-ipcclient: info: connected to sock
        """);

    [Fact]
    public void A_connection_has_no_time_limit_left() => Script.Expect(
        """
        serve sock sh -c 'sleep 0.5; cat | wc -c'
        head -c 2000000 /dev/zero | s6-ipcclient -t 100 sock sh -c 'cat >&7 && python3 -c "import socket; s = socket.socket(fileno=7); s.shutdown(1)" && cat <&6'
        """,
        "2000000");

    [Theory]
    [InlineData("")]
    [InlineData("-t 60000")]
    public void Stops_and_signals_do_not_disturb_the_wait(string option) => Script.Expect(
        $$"""
        fullbacklog sock &
        until_true test -e sock.full
        s6-ipcclient {{option}} sock echo connected &
        client=$!
        for i in {1..50}; do
            kill -STOP $client
            kill -CONT $client
            kill -WINCH $client
            kill -URG $client
        done
        touch sock.go
        wait $client || echo $?
        """,
        "connected");

    [Fact]
    public void Decision_8_no_message_reaches_the_server_whatever_is_closed() => Script.Expect(
        """
        serve sock sh -c 'cat; echo "<end>"'
        cat >check.py <<'END'
        import os, socket, stat, sys
        connection = socket.socket(fileno=6)
        sockets = [number for number in range(3) if os.path.exists("/proc/self/fd/%d" % number) and stat.S_ISSOCK(os.fstat(number).st_mode)]
        connection.sendall(b"%r" % sockets)
        connection.shutdown(socket.SHUT_WR)
        open("answers", "ab").write(connection.makefile("rb").read())
        END
        s6-ipcclient -v sock python3 check.py <&-
        s6-ipcclient -v sock python3 check.py >&-
        s6-ipcclient -v sock python3 check.py 2>&-
        s6-ipcclient -v sock python3 check.py <&- >&-
        s6-ipcclient -v sock python3 check.py <&- 2>&-
        s6-ipcclient -v sock python3 check.py >&- 2>&-
        s6-ipcclient -v sock python3 check.py <&- >&- 2>&-
        cat answers
        """,
        """
        []<end>
        []<end>
        []<end>
        []<end>
        []<end>
        []<end>
        []<end>
        """,
        """
        s6-ipcclient: info: connected to sock
        s6-ipcclient: info: connected to sock
        s6-ipcclient: info: connected to sock
        """);

    [Fact]
    public void What_was_on_6_and_7_gives_way_and_other_descriptors_stay() => Script.Expect(
        """
        serve sock echo hello
        s6-ipcclient sock sh -c 'cat <&6; cat <&5' 5<<<five 6</dev/null 7<&-
        s6-ipcclient sock sh -c 'cat <&6; cat <&8' 8<<<eight 6<&- 7</dev/null
        """,
        """
        hello
        five
        hello
        eight
        """);

    [Theory]
    [InlineData("d/sock", "mkdir d"), InlineData("sock", "true"), InlineData("@wait-$$", "true"), InlineData("old/sock", "mkdir old; s6-ipcserver-socketbinder -b 0 old/sock true")]
    public void With_a_wait_a_server_that_comes_later_is_found(string path, string before) => Script.Expect(
        $"""
        path="{path}"
        s6-ipcclient -w 30000 "$path" sh -c 'cat <&6' >answer & client=$!
        asleep() {"{"} grep -q '^State:.S' /proc/$client/status; {"}"}
        until_true asleep
        {before}
        serve "$path" echo hello
        wait $client; echo $?; cat answer; kill $server
        """,
        """
        0
        hello
        """);

    [Fact]
    public void A_wait_is_bounded_and_is_only_for_a_server_that_is_not_there() => Script.Expect(
        """
        s6-ipcclient -w 50 sock true; echo $?
        s6-ipcserver-socketbinder sock true
        s6-ipcclient -w 50 sock true; echo $?
        mkdir d; touch f
        s6-ipcclient -w 1000000 f/sock true; echo $?
        s6-ipcclient -w 1000000 d/x/y true & client=$!; sleep .1; mkdir d/x; serve d/x/y true; wait $client; echo $?; kill $server
        """,
        """
        111
        111
        111
        0
        """,
        """
        s6-ipcclient: fatal: unable to connect to sock: No such file or directory
        s6-ipcclient: fatal: unable to connect to sock: Connection refused
        s6-ipcclient: fatal: unable to connect to f/sock: Not a directory
        """);
}

using System.Linq;
using Xunit;

namespace LocalService.Tests.EndToEnd.Server;

/// <summary>The owner and group of a socket, and the protection of a socket in its place.</summary>
public sealed class SocketOwnerTests
{
    [Theory]
    [InlineData("-a 0420 -o 1000:20", "1000:20 420")]
    [InlineData("-o 1000:", "1000:0 777")]
    [InlineData("-a 0620 -o :20", "0:20 620")]
    [InlineData("-m -b 0 -a 0420 -o 1000:20", "1000:20 420")]
    [InlineData("-D --owner=5:6", "5:6 777")]
    public void The_socket_gets_the_owner_and_the_group(string options, string expected) => Script.Expect(
        $"umask 027; s6-ipcserver-socketbinder {options} sock sh -c 'stat -c \"%u:%g %a\" sock; umask'", $"{expected}\n0027");

    [Fact]
    public void Front_ends_pass_the_owner_on_and_drop_privileges_afterwards() => Script.Expect(
        """
        SERVER=s6-ipcserver serve -a 0420 -o 1000:20 -u 2000 -g 2000 sock id -u
        stat -c '%u:%g %a' sock
        for ids in 1000:1000 3000:20 3000:3000; do
            setpriv --reuid ${ids%:*} --regid ${ids#*:} --clear-groups $(command -v s6-ipcclient) sock s6-ioconnect 2>&1 </dev/null
        done
        kill $server
        hold -o 7:8; stat -c '%u:%g %a' sk
        """,
        """
        1000:20 420
        s6-ipcclient: fatal: unable to connect to sock: Permission denied
        2000
        s6-ipcclient: fatal: unable to connect to sock: Permission denied
        7:8 777
        """);

    [Theory]
    [InlineData("1000"), InlineData(":"), InlineData("''"), InlineData("a:b"), InlineData("1:2:3"), InlineData("4294967295:"), InlineData("-1:0")]
    public void Anything_else_than_two_numbers_is_wrong(string owner) => Script.Expect(
        $"""
        for role in s6-ipcserver-socketbinder s6-ipcserver 's6-fdholder-daemon -i r'; do
            $role -o {owner} sock true 2>&1 | grep -c 'invalid uid:gid for -o'
        done
        ls
        """,
        "1\n1\n1");

    [Theory]
    [InlineData("", "bind fchownat listen")]
    [InlineData("-m -b 0", "bind fchownat fchmodat")]
    public void Nobody_can_connect_before_it_has_its_owner(string options, string calls) => Script.Expect(
        $"""
        strace -o trace -e trace=bind,fchownat,fchmodat,listen s6-ipcserver-socketbinder {options} -a 0420 -o 1000:20 sock true
        grep -o '^[a-z]*(' trace | tr -d '(' | paste -s -d ' '
        # In between datagrams are nobody's business, and streams find no listener.
        strace -D -o trace -e trace=fchownat -e inject=fchownat:delay_enter=1s s6-ipcserver-socketbinder {options} -a 0420 -o 1000:20 other sleep 1 &
        up other
        [ "{options}" ] && stat -c %a other || cl other
        wait
        """,
        options.Length > 0 ? $"{calls}\n0" : calls,
        options.Length > 0 ? "" : "s6-ipcclient: fatal: unable to connect to other: Connection refused");

    [Theory]
    [InlineData("ln -s victim sock")]
    [InlineData("ln victim sock")]
    [InlineData("cp victim sock")]
    public void What_somebody_else_puts_in_its_place_is_not_given_away(string replace) => Script.Expect(
        $"""
        touch victim
        strace -D -o trace -e trace=bind -e inject=bind:delay_exit=1s s6-ipcserver-socketbinder -o 1000:20 sock true & binder=$!
        up sock; rm sock; {replace}
        wait $binder; echo $?; stat -L -c '%u:%g' victim sock
        """,
        "111\n0:0\n0:0",
        "s6-ipcserver-socketbinder: fatal: unable to chown sock: Identifier removed");

    [Fact]
    public void Who_may_not_give_it_away_leaves_nothing_behind() => Script.Expect(
        "mkdir -m 777 d; as1000 s6-ipcserver-socketbinder -o 1001: d/sock true; echo $?; ls d",
        "111\nsock.lock",
        "s6-ipcserver-socketbinder: fatal: unable to chown d/sock: Operation not permitted");

    [Theory]
    [InlineData("s6-ipcserver-socketbinder -a 0700"), InlineData("s6-ipcserver-socketbinder -o 1:"), InlineData("s6-ipcserver -a 0700")]
    [InlineData("s6-ipcserver -o :1"), InlineData("s6-fdholder-daemon -i r -o 1:1")]
    public void An_abstract_address_has_neither_permissions_nor_owner(string server) => Script.Expect(
        $"timeout 10 {server} @localservice-test-owner true; echo $?; s6-ipcserver-socketbinder -a 0777 @localservice-test-owner true; echo $?",
        "100\n0",
        "s6-ipcserver-socketbinder: fatal: an abstract address has no permissions and no owner, anybody can connect: @localservice-test-owner");

    [Theory]
    [InlineData("ln -s elsewhere sock.lock", "unable to open sock.lock: Too many levels of symbolic links")]
    [InlineData("touch elsewhere; ln -s elsewhere sock.lock", "unable to open sock.lock: Too many levels of symbolic links")]
    [InlineData("touch sock.lock; chown 1000 sock.lock", "sock.lock is not a regular file of root or this user")]
    [InlineData("mkdir sock.lock", "unable to open sock.lock: Is a directory")]
    [InlineData("mkfifo sock.lock", "unable to open sock.lock: No such device or address")]
    [InlineData("ln -s sock.lock sock.lock", "unable to open sock.lock: Too many levels of symbolic links")]
    public void A_lock_file_of_somebody_else_is_not_used(string make, string message) => Script.Expect(
        $"{make}; s6-ipcserver sock true; echo $?; test -e sock || echo none; test -s elsewhere || echo nothing",
        "111\nnone\nnothing",
        "s6-ipcserver-socketbinder: fatal: " + message);

    [Theory]
    [InlineData("openat", "unable to open sock.lock: Input/output error")]
    [InlineData("newfstatat", "unable to stat sock: Input/output error")]
    [InlineData("bind", "unable to bind to sock: Input/output error")]
    [InlineData("fcntl", "unable to lock sock.lock: Input/output error")]
    [InlineData("listen", "unable to listen to sock: Input/output error")]
    public void A_message_names_what_failed(string call, string message) => Script.Expect(
        $"touch sock.lock; strace -o trace -e trace={call} -e inject={call}:error=EIO s6-ipcserver-socketbinder sock true; echo $?",
        "111",
        "s6-ipcserver-socketbinder: fatal: " + message);

    [Fact]
    public void With_k_a_server_that_is_alive_keeps_its_path() => Script.Expect(
        """
        serve sock echo first
        for role in 's6-ipcserver -k' 's6-ipcserver-socketbinder --keep-living' 's6-fdholder-daemon -k -i r' 's6-ipcserver-socketbinder -k -m'; do
            $role sock true; echo $?
        done
        cl
        # One that is alive without a place in its backlog.
        s6-ipcserver-socketbinder -b 1 full sleep 60 & up full
        for i in 1 2 3; do s6-ipcclient full sleep 60 2>/dev/null & done
        refused() { s6-ipcserver-socketbinder -k full true 2>&1 | grep -q 'Address already in use'; }
        until_true refused
        # One that has ended, and none at all.
        kill $server; wait $server
        serve -k sock echo second; cl; kill $server
        s6-ipcserver-socketbinder -k new true; echo $?
        """,
        "111\n111\n111\n111\nfirst\nsecond\n0",
        string.Concat(Enumerable.Repeat("s6-ipcserver-socketbinder: fatal: unable to bind to sock: Address already in use\n", 4)).TrimEnd());

    [Fact]
    public void With_k_whoever_may_not_ask_is_refused() => Script.Expect(
        """
        mkdir -m 777 d; as1000 s6-ipcserver-socketbinder -a 0 d/sock sleep 60 & up d/sock
        as1000 s6-ipcserver-socketbinder -k d/sock true; echo $?
        """,
        "111",
        "s6-ipcserver-socketbinder: fatal: unable to ask whether a server is alive on d/sock: Permission denied");
}

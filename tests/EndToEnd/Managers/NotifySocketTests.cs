using Xunit;

namespace LocalService.Tests.EndToEnd.Managers;

/// <summary>Messages to a service manager: NOTIFY_SOCKET, option -N.</summary>
public sealed class NotifySocketTests
{
    // manager ADDRESS: writes the messages on this socket to the file told. Runs COMMAND until it is ready, then ends it.
    private const string Manager =
        """
        manager() {
            : >told
            if [[ $1 == @* ]]; then
                socat -u ABSTRACT-RECV:${1#@} OPEN:told,append & until_true grep -q " $1$" /proc/net/unix
            else
                socat -u UNIX-RECV:$1 OPEN:told,append & until_true test -S $1
            fi
            export NOTIFY_SOCKET=$1
        }
        told() { until_true eval "[ \"\$(cat told)\" = \"$1\" ]"; cat told; echo; }

        """;

    [Theory]
    [InlineData("path")]
    [InlineData("abstract")]
    public void The_manager_is_told_of_readiness_and_of_the_end_and_the_children_are_not_told_of_the_manager(string kind) => Script.Expect(
        Manager + $"manager {(kind == "path" ? "$PWD/manager" : "@localservice-test-$$")}\n" +
        """
        s6-ipcserver -1N -- sock sh -c 'echo ${NOTIFY_SOCKET-none}' >ready & server=$!
        told READY=1
        wc -c <ready; cl; cl
        kill $server; wait $server; echo $?
        told READY=1STOPPING=1
        """,
        "READY=1\n1\nnone\nnone\n0\nREADY=1STOPPING=1");

    [Fact]
    public void By_every_daemon() => NetworkScript.Expect(
        "source functions.bash\n" + Manager + """
        manager $PWD/manager
        chmod 777 manager
        grant_all uid/0
        for daemon in 's6-tcpserver -N 127.0.0.1 0 true' 's6-tcpserver -N -u 1000 -g 1000 127.0.0.1 0 true' 's6-fdholder-daemon -M -i r sk' \
            's6-syslogd -N -x x -s s -u 1000' 's6-socklog -N -x y -g 1000'; do
            : >told
            $daemon & server=$!
            told READY=1; kill $server; wait $server; told READY=1STOPPING=1
        done
        """,
        string.Concat(System.Linq.Enumerable.Repeat("READY=1\nREADY=1STOPPING=1\n", 5)));

    [Fact]
    public void The_holder_and_syslog_daemons_tell_at_the_beginning_of_the_end() => Script.Expect(
        Manager + """
        manager $PWD/manager
        mkfifo out; exec 5<>out
        s6-syslogd -N -x x >out & server=$!
        told READY=1
        # More than the pipe takes is still to be written when the end begins.
        for i in {1..150}; do printf '<13>%01000d' $i; done | socat -u -b 1004 - UNIX-SENDTO:x
        kill $server; told READY=1STOPPING=1
        cat <&5 >/dev/null & wait $server; echo $?
        """,
        "READY=1\nREADY=1STOPPING=1\n0");

    [Fact]
    public void Without_a_manager_nothing_is_said_and_a_child_may_have_one_when_the_server_has_none() => Script.Expect(
        """
        unset NOTIFY_SOCKET; serve -N sock true; kill $server; wait $server; echo $?
        export NOTIFY_SOCKET=/nowhere; serve sock sh -c 'echo $NOTIFY_SOCKET'; cl
        """,
        "0\n/nowhere");

    [Theory]
    [InlineData("$PWD/missing", "No such file or directory")]
    [InlineData("$PWD/nobody", "Connection refused")]
    [InlineData("relative", "Address family not supported by protocol")]
    [InlineData("vsock:2:1", "Address family not supported by protocol")]
    [InlineData("", "Address family not supported by protocol")]
    [InlineData("@", "Invalid argument")]
    [InlineData("/$(printf %0108d 0)", "File name too long")]
    public void A_manager_that_can_not_be_told_costs_no_service(string address, string error) => Script.Expect(
        $$"""
        withsocket 9 datagram true; mv datagram nobody
        export NOTIFY_SOCKET="{{address}}"
        serve -N sock echo served 2>log
        cl; kill $server; wait $server; echo $?
        sed -E 's/notify .* of/notify X of/' log
        serve -qN sock echo served 2>log
        cl; kill $server; wait $server; echo $?; cat log
        """,
        $"served\n0\ns6-ipcserverd: warning: unable to notify X of READY=1: {error}\ns6-ipcserverd: warning: unable to notify X of STOPPING=1: {error}\nserved\n0");
}

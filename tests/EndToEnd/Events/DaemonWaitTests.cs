using Xunit;

namespace LocalService.Tests.EndToEnd.Events;

/// <summary><c>ftrig-wait</c> with a daemon that waits for it: one that it starts, or one behind a socket.</summary>
public sealed class DaemonWaitTests
{
    // Notifies as soon as there is a listener.
    private const string Notify = """
        notify_listener() {
            until_true sh -c 'ls D | grep -q .'
            s6-ftrig-notify D "$1"
        }
        s6-mkfifodir D

        """;

    [Theory]
    [InlineData("-d s6-ftrigrd", "abc")]
    [InlineData("-1 -d s6-ftrigrd", "b")]
    [InlineData("-d s6-ftrigrd -t 60000", "abc")]
    public void A_started_daemon_waits(string options, string printed) => Script.Expect(Notify + $"""
        notify_listener abc &
        s6-ftrig-wait {options} D b
        wait
        ls D
        """, printed);

    [Theory]
    [InlineData("", "abc")]
    [InlineData("-1", "b")]
    public void A_daemon_behind_a_socket_waits_with_its_rights(string options, string printed) => Script.Expect(Notify + $$"""
        exec 2>&1
        mkdir -p rules/uid/0
        touch rules/uid/0/allow
        mkfifo ready
        s6-ipcserver -1 -a 0777 -- socket s6-ipcserver-access -v 0 -i rules s6-ftrigrd >ready &
        server=$!
        read -r _ <ready
        notify_listener abc &
        s6-ftrig-wait {{options}} -S socket D b
        chmod 755 .
        {
            setpriv --reuid 1001 --regid 1001 --clear-groups s6-ftrig-wait {{options}} -S socket D b
            echo $?
        } 2>&1 | sed 's/Connection reset by peer$/Broken pipe/'
        kill $server
        wait
        """, $"""
        {printed}
        s6-ftrig-wait: fatal: unable to begin a session with socket: Broken pipe
        111
        """);

    [Fact]
    public void What_the_daemon_refuses_is_said() => Script.Expect("""
        exec 2>&1
        s6-mkfifodir D
        s6-ftrig-wait -d s6-ftrigrd D '('; echo $?
        s6-ftrig-wait -d s6-ftrigrd missing b; echo $?
        s6-ftrig-wait -d false D b; echo $?
        s6-ftrig-wait -d ./missing D b; echo $?
        s6-ftrig-wait -S missing D b; echo $?
        s6-ftrig-wait -t 50 -d s6-ftrigrd D b; echo $?
        until_true sh -c '[ -z "$(ls D)" ]'
        """, """
        s6-ftrig-wait: fatal: unable to match regexp on (: Invalid argument
        111
        s6-ftrig-wait: fatal: unable to match regexp on b: No such file or directory
        111
        s6-ftrig-wait: fatal: unable to begin a session with false: Broken pipe
        111
        s6-ftrig-wait: fatal: unable to begin a session with ./missing: No such file or directory
        111
        s6-ftrig-wait: fatal: unable to begin a session with missing: No such file or directory
        111
        s6-ftrig-wait: fatal: unable to match regexp on b: Connection timed out
        99
        """);
}

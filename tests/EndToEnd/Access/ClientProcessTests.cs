using Xunit;

namespace LocalService.Tests.EndToEnd.Access;

/// <summary>The descriptor of the client's process that a gate gives to its program, option -f.</summary>
public sealed class ClientProcessTests
{
    // process: names the process that its descriptor refers to; the commands read the kernel's description of the descriptor.
    private const string Show = """
        cat >process <<'END'
        #!/bin/sh
        while read -r name value; do [ "$name" != Pid: ] || echo "$value"; done </proc/$$/fdinfo/$IPCREMOTEPIDFD
        END
        chmod +x process

        """;

    [Theory]
    [InlineData("s6-ipcserver-access -v0 -f")]
    [InlineData("s6-ipcserver-access -v0 s6-ipcserver-access -v0 -f s6-connlimit")]
    [InlineData("s6-ipcserver-access -v0 -0f")]
    public void It_is_of_the_process_that_has_connected(string gate) => Script.Expect(
        Show + $$"""
        for mode in j1 S; do
            mkdir $mode; cd $mode
            serve -q -$mode sock {{gate}} ../process
            sh -c 'echo $$; exec s6-ipcclient sock s6-ioconnect' | uniq | wc -l
            kill $server; wait $server; cd ..
        done
        """,
        "1\n1");

    [Fact]
    public void No_other_program_has_it() => Script.Expect(
        """
        serve -q sock s6-ipcserver-access -v0 -f sh -c 'ls -l /proc/$$/fd 2>/dev/null | grep -c pidfd; cat'
        mkfifo hold; exec 9<>hold
        s6-ipcclient sock s6-ioconnect <hold >first &
        until_true grep -q 1 first
        cl; cat first
        ls -l /proc/$server/fd 2>/dev/null | grep -c pidfd
        """,
        "1\n1\n0");

    [Theory]
    [InlineData("ENOPROTOOPT", "Protocol not available")]
    [InlineData("EPERM", "Operation not permitted")]
    [InlineData("ENOSYS", "Function not implemented")]
    [InlineData("ESRCH", "No such process")]
    public void Where_the_kernel_does_not_give_it_the_client_is_refused(string error, string text) => Script.Expect(
        $"withsocket 0 connected strace -qq -o /dev/null -e trace=getsockopt -e inject=getsockopt:error={error} acc -v0 -f -l x echo in || echo $?",
        "111",
        $"s6-ipcserver-access: fatal: unable to getsockopt SO_PEERPIDFD: {text}");

    [Fact]
    public void Without_a_connection_there_is_none() => Script.Expect(
        """
        acc -v0 -Ef echo in || echo $?
        acc -v0 -Ef echo in <&- || echo $?
        put uid/1000/deny; acc -v0 -Ef -i r echo in || echo $?
        IPCREMOTEPIDFD=7 IPCREMOTEPID=8 withsocket 0 connected s6-ipcserver-access -0Ev0 sh -c 'env | grep -c IPC'
        IPCREMOTEPIDFD=7 IPCREMOTEPID=8 withsocket 0 connected acc -Efv0 sh -c 'env | grep IPC'
        """,
        "111\n111\n1\n0\nIPCREMOTEPIDFD=3",
        """
        s6-ipcserver-access: fatal: unable to getsockopt SO_PEERPIDFD: Socket operation on non-socket
        s6-ipcserver-access: fatal: unable to getsockopt SO_PEERPIDFD: Bad file descriptor
        """);
}

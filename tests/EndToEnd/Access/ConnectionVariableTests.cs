using Xunit;

namespace LocalService.Tests.EndToEnd.Access;

/// <summary>The variables that the gate and the limit read from their environment, and those that they leave in it.</summary>
public sealed class ConnectionVariableTests
{
    [Theory]
    [InlineData("")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("+1")]
    [InlineData("-1")]
    [InlineData("0x1")]
    [InlineData("1a")]
    [InlineData("4294967296")]
    [InlineData("99999999999999999999999")]
    public void What_is_no_number_is_refused(string value) => Script.Expect(
        $"""
        value='{value}'
        env PROTO=IPC IPCREMOTEEUID="$value" IPCREMOTEEGID=1 s6-ipcserver-access true || echo $?
        env PROTO=IPC IPCREMOTEEUID=1 IPCREMOTEEGID="$value" s6-ipcserver-access true || echo $?
        env PROTO=IPC IPCCONNNUM="$value" s6-connlimit true || echo $?
        env PROTO=IPC IPCCONNNUM=1 IPCCONNMAX="$value" s6-connlimit true || echo $?
        """,
        """
        100
        100
        100
        100
        """,
        """
        s6-ipcserver-access: fatal: invalid $IPCREMOTEEUID
        s6-ipcserver-access: fatal: invalid $IPCREMOTEEGID
        s6-connlimit: fatal: invalid IPCCONNNUM
        s6-connlimit: fatal: invalid IPCCONNMAX
        """);

    [Fact]
    public void What_is_missing_is_named() => Script.Expect(
        """
        s6-ipcserver-access true || echo $?
        PROTO=IPC s6-ipcserver-access true || echo $?
        PROTO=IPC IPCREMOTEEUID=1 s6-ipcserver-access true || echo $?
        PROTO='A B' s6-ipcserver-access true || echo $?
        s6-connlimit true || echo $?
        PROTO= s6-connlimit true || echo $?
        PROTO=TCP IPCCONNNUM=1 s6-connlimit true || echo $?
        """,
        """
        100
        100
        100
        100
        100
        100
        100
        """,
        """
        s6-ipcserver-access: fatal: PROTO not set
        s6-ipcserver-access: fatal: IPCREMOTEEUID not set
        s6-ipcserver-access: fatal: IPCREMOTEEGID not set
        s6-ipcserver-access: fatal: A BREMOTEEUID not set
        s6-connlimit: fatal: PROTO not set
        s6-connlimit: fatal: empty PROTO
        s6-connlimit: fatal: TCPCONNNUM not set
        """);

    [Fact]
    public void A_protocol_name_may_be_as_long_as_the_kernel_lets_it() => Script.Expect(
        """
        long=$(printf %100000s | tr ' ' P)
        env "PROTO=$long" "${long}REMOTEEUID=1" "${long}REMOTEEGID=007" s6-ipcserver-access -E sh -c 'env | grep -c PPP'
        env "PROTO=$long" "${long}CONNNUM=2" "${long}CONNMAX=1" s6-connlimit true || echo $?
        """,
        """
        0
        1
        """,
        """
        s6-ipcserver-access: info: allow pid PID uid 1 gid 7
        s6-connlimit: fatal: number of connections from this client limited to 1
        """);

    [Fact]
    public void Decision_7_every_copy_of_a_variable_is_replaced_or_removed() => Script.Expect(
        """
        put uid/1/allow
        mkdir r/uid/1/env
        echo new >r/uid/1/env/X
        : >r/uid/1/env/Y
        gate=$(command -v s6-ipcserver-access)
        show=$(command -v showenv)
        entries='X=1 PROTO=IPC Y=1 IPCREMOTEEUID=1 IPCREMOTEEGID=1 X=2 Y=2 IPCLOCALPATH=a IPCLOCALPATH=b PROTO=TCP IPCREMOTEEUID=2 IPCCONNNUM=1 IPCCONNNUM=2 X=3'
        rawenv $entries -- $gate -v0 -l here -i r $show | tr ' ' '\n' | grep -E '^<(X|Y|IPCLOCALPATH)='
        rawenv $entries -- $gate -v0 -E -i r $show
        """,
        """
        <X=new>
        <IPCLOCALPATH=here>
        <X=new> 
        """);
}

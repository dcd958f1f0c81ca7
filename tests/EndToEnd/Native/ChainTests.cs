using Xunit;

namespace LocalService.Tests.EndToEnd.Native;

/// <summary>Roles that become roles: in the same process when PATH leads to this very file, by execve(2) when it leads elsewhere.</summary>
public sealed class ChainTests
{
    [Fact]
    public void TheServerReachesItsAcceptLoopWithOneExecve() => Check(
        """
        strace -f -e trace=execve -o trace s6-ipcserver -u 1000 sock true &
        up
        grep -c 'execve(' trace
        cl
        # The client is not traced: the second one is the program for the connection.
        grep 'execve(' trace | sed 's/.*execve("\([^"]*\).*/\1/; s,.*/,,'
        """,
        "1\ns6-ipcserver\ntrue\n");

    [Fact]
    public void SoDoTheClientAndItsProgram() => Check(
        """
        s6-ipcserver sock echo hello & up
        strace -f -e trace=execve -o trace s6-ipcclient sock s6-ioconnect </dev/null
        grep -c 'execve(' trace
        """,
        "hello\n1\n");

    [Fact]
    public void AnotherFileThatTheUserNamesIsExecuted() => Check(
        """
        mkdir other
        printf '#!/bin/sh\necho other "$@"\n' >other/s6-ipcclient
        chmod +x other/s6-ipcclient
        PROTO=IPC IPCCONNNUM=1 PATH=$PWD/other:$PATH s6-connlimit s6-ipcclient nope true
        """,
        "other nope true\n");

    [Fact]
    public void AnotherCopyOfThisFileThatTheUserNamesIsExecuted() => Check(
        """
        mkdir other
        cp "$(command -v localservice)" other/s6-ipcserverd
        PATH=$PWD/other:$PATH strace -f -e trace=execve -o trace s6-ipcserver-socketbinder sock s6-ipcserverd true &
        up
        # Only what succeeded: the other names are tried in that folder, too.
        sed -n '/ = 0$/ s/.*execve("\([^"]*\).*/\1/p' trace | sed 's,.*/,,'
        grep -c "$PWD/other/s6-ipcserverd" trace
        """,
        "s6-ipcserver-socketbinder\ns6-ipcserverd\n1\n");

    [Fact]
    public void AFileThatMayNotBeExecutedIsPassedOver() => Check(
        """
        mkdir other
        echo >other/s6-ipcclient
        PROTO=IPC IPCCONNNUM=1 PATH=$PWD/other:$PATH s6-connlimit s6-ipcclient nope true
        echo $?
        """,
        "111\n",
        "s6-ipcclient: fatal: unable to connect to nope: No such file or directory\n");

    [Fact]
    public void ThatFileIsReportedWhenThereIsNoOther() => Check(
        """
        mkdir other
        echo >other/s6-ipcclient
        c=$(command -v s6-connlimit)
        PROTO=IPC IPCCONNNUM=1 PATH=$PWD/other $c s6-ipcclient nope true
        """,
        "",
        "s6-connlimit: fatal: unable to exec s6-ipcclient: Permission denied\n");

    [Fact]
    public void WithoutPathTheRolesStillFindEachOther() => Check(
        """
        c=$(command -v s6-connlimit)
        PROTO=IPC IPCCONNNUM=1 PATH=/nonexistent $c s6-ipcclient nope true
        """,
        "",
        "s6-ipcclient: fatal: unable to connect to nope: No such file or directory\n");

    private static void Check(string script, string output, string error = "")
    {
        ProcessResult result = BashCase.Run(ProgramsUnderTest.Ours, script.ReplaceLineEndings("\n"));
        Assert.Equal((output, error), (result.Output, result.Error));
    }
}

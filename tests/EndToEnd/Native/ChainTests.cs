using Xunit;

namespace LocalService.Tests.EndToEnd.Native;

/// <summary>Roles that become roles: without execve(2) when PATH leads to this very file, with it when PATH leads elsewhere.</summary>
public sealed class ChainTests
{
    [Fact]
    public void The_server_reaches_its_accept_loop_with_one_execve() => Check(
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
    public void So_do_the_client_and_its_program() => Check(
        """
        s6-ipcserver sock echo hello & up
        strace -f -e trace=execve -o trace s6-ipcclient sock s6-ioconnect </dev/null
        grep -c 'execve(' trace
        """,
        "hello\n1\n");

    [Fact]
    public void Another_file_that_the_user_names_is_executed() => Check(
        """
        mkdir other
        printf '#!/bin/sh\necho other "$@"\n' >other/s6-ipcclient
        chmod +x other/s6-ipcclient
        PROTO=IPC IPCCONNNUM=1 PATH=$PWD/other:$PATH s6-connlimit s6-ipcclient nope true
        """,
        "other nope true\n");

    [Fact]
    public void Another_copy_of_this_file_that_the_user_names_is_executed() => Check(
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
    public void A_file_that_may_not_be_executed_is_passed_over() => Check(
        """
        mkdir other
        echo >other/s6-ipcclient
        PROTO=IPC IPCCONNNUM=1 PATH=$PWD/other:$PATH s6-connlimit s6-ipcclient nope true
        echo $?
        """,
        "111\n",
        "s6-ipcclient: fatal: unable to connect to nope: No such file or directory\n");

    [Fact]
    public void That_file_is_reported_when_there_is_no_other() => Check(
        """
        mkdir other
        echo >other/s6-ipcclient
        c=$(command -v s6-connlimit)
        PROTO=IPC IPCCONNNUM=1 PATH=$PWD/other $c s6-ipcclient nope true
        """,
        "",
        "s6-connlimit: fatal: unable to exec s6-ipcclient: Permission denied\n");

    [Fact]
    public void Without_PATH_the_roles_still_find_each_other() => Check(
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

using Xunit;

namespace LocalService.Tests.EndToEnd.Access;

/// <summary>
/// One system call of a decision fails. The decision is the same as without the fault, or a refusal with a message. No fault lets a client in, and
/// none ends a server.
/// </summary>
public sealed class GateFaultTests
{
    private const string Rules = """
        put uid/1000/deny uid/1001/allow uid/default/allow gid/9/deny
        mkdir r/uid/1001/env
        echo 1 >r/uid/1001/env/X
        echo 'printenv X' >r/uid/1001/exec
        s6-accessrules-cdb-from-fs c r

        """;

    [Theory]
    [InlineData("1000", "7", "-i r", "1:")]
    [InlineData("5", "9", "-i r", "1:")]
    [InlineData("1001", "7", "-i r", "0: 1")]
    [InlineData("5", "7", "-i r", "0: program")]
    [InlineData("1000", "7", "-x c", "1:")]
    [InlineData("1001", "7", "-x c", "0: 1")]
    public void Any_single_fault_gives_the_right_answer_or_an_error(string user, string group, string rules, string expected)
    {
        ProcessResult result = BashCase.Run(
            ProgramsUnderTest.Ours,
            $"""
            {Rules}
            export PROTO=IPC IPCREMOTEEUID={user} IPCREMOTEEGID={group}
            single_faults.py EIO,ENOMEM,EPERM,ESTALE,EMFILE s6-ipcserver-access -v 0 -E {rules} echo program | grep -v '^111$'
            """);
        Assert.Equal(("expected " + expected + "\nmany runs\n", ""), (result.Output, result.Error));
    }

    [Theory]
    [InlineData("1001", "-i r", "0: 1")]
    [InlineData("5", "-i r", "0: program")]
    [InlineData("1001", "-x c", "0: 1")]
    public void What_is_interrupted_is_asked_again(string user, string rules, string expected)
    {
        ProcessResult result = BashCase.Run(
            ProgramsUnderTest.Ours,
            $"""
            {Rules}
            export PROTO=IPC IPCREMOTEEUID={user} IPCREMOTEEGID=7
            single_faults.py EINTR s6-ipcserver-access -v 0 -E {rules} echo program | grep -v runs
            """);
        Assert.Equal(("expected " + expected + "\n", ""), (result.Output, result.Error));
    }
}

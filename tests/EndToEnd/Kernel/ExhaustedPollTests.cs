using Xunit;

namespace LocalService.Tests.EndToEnd.Kernel;

/// <summary>Decision 30: a poll(2) for which there is no memory now is repeated after a rest, by clients too, and their limits are kept.</summary>
[Trait("Decision", "30")]
public sealed class ExhaustedPollTests
{
    [Theory]
    [InlineData("ENOMEM"), InlineData("EAGAIN")]
    public void A_client_goes_on(string error) => Script.Expect(
        $$"""
        traced="strace -f -qq -o trace -e trace=poll -e inject=poll:error={{error}}:when=2..4"
        mkdir -p r/uid/0 locks; touch r/uid/0/allow; s6-mkfifodir D
        serve locksock s6lockd locks; lockserver=$server
        serve sudosock s6-sudod echo commanded; sudoserver=$server
        serve sock cat
        echo copied | s6-ipcclient sock $traced s6-ioconnect
        $traced s6-ftrig-wait -t 20000 D a & waiting=$!; until_true has_fifo D; s6-ftrig-notify D a; wait $waiting; echo $?
        $traced s6-lock-acquire -t 20000 locksock name echo locked
        $traced s6-sudo sudosock
        kill $lockserver $sudoserver $server
        """,
        """
        copied
        a
        0
        locked
        commanded
        """);

    [Fact]
    public void A_limit_ends_it() => Script.Expect(
        """
        traced="timeout 20 strace -f -qq -o trace -e trace=poll -e inject=poll:error=ENOMEM:when=2+"
        s6-mkfifodir D
        serve sock cat
        $traced s6-ftrig-wait -t 300 D a; echo $?
        s6-ipcclient sock $traced s6-ioconnect -t 300 <&1; echo $?
        kill $server
        """,
        """
        99
        1
        """,
        "s6-ftrig-wait: fatal: unable to match regexp on a: Connection timed out");

    [Fact]
    public void Sudod_waits_for_its_program_all_the_same() => Script.Expect(
        """
        serve sudosock strace -qq -o trace -e trace=poll -e inject=poll:error=ENOMEM:when=2..5 s6-sudod sh -c 'sleep 0.3; echo commanded; exit 3'
        s6-sudo sudosock; echo $?
        kill $server
        """,
        """
        commanded
        3
        """);
}

using Xunit;

namespace LocalService.Tests.EndToEnd.Kernel;

/// <summary>
/// Timers interrupt calls that somebody else could make wait. Where a signal takes longer to handle than the timer's interval, as under a tracer on a
/// busy machine, the process goes on all the same.
/// </summary>
public sealed class SlowSignalTests
{
    [Fact]
    public void A_holder_closes() => Script.Expect("""
        mkfifo ready; grant_all uid/0
        strace -D -f -qq -o trace -e trace=rt_sigreturn -e inject=rt_sigreturn:delay_enter=2000 s6-fdholder-daemon -1 -i r sk >ready 2>log &
        server=$!
        read -r _ <ready
        gone() { ! ls -l /proc/$server/fd 2>/dev/null | grep -q "$PWD/file$"; }
        : >file; s6-fdholder-store sk file <file; s6-fdholder-delete sk file
        until_true gone && echo closed
        kill $server; wait $server; cat log
        """, "closed");

    [Fact]
    public void Sudod_runs_its_program() => Script.Expect("""
        mkfifo ready
        strace -D -f -qq -o trace -e trace=rt_sigreturn -e inject=rt_sigreturn:delay_enter=2000 s6-ipcserver -1 sock s6-sudod echo done >ready 2>log &
        server=$!
        read -r _ <ready
        s6-sudo sock
        kill $server; wait $server; cat log
        """, "done");

    [Fact]
    public void Setlock_gives_up_in_time() => Script.Expect("""
        mkfifo held
        s6-setlock lock sh -c 'echo >held; exec sleep 60' & holder=$!
        read -r _ <held
        timeout 30 strace -f -qq -o trace -e trace=rt_sigreturn -e inject=rt_sigreturn:delay_enter=30000 s6-setlock -t 50 lock true
        echo $?
        kill $holder
        """, "1", "s6-setlock: fatal: lock lock: timed out");
}

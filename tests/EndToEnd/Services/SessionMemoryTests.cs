using Xunit;

namespace LocalService.Tests.EndToEnd.Services;

/// <summary>A service that waits for its client's next command keeps little in memory.</summary>
public sealed class SessionMemoryTests
{
    private const long LargestIdleKiB = 120; // the order of the code changes it by one or two steps of 8

    [Theory]
    [InlineData("s6-ftrigrd", "EVENTS1")]
    [InlineData("s6-ftrigrd", "EVENTS2")]
    [InlineData("s6lockd .", "LOCKS")]
    public void An_idle_daemon_keeps_little_in_memory(string program, string dialect) => Script.Expect($$"""
        speak <<'END'
        s = Session.spawn(*"{{program}}".split(), before={{dialect}})
        until(lambda: resident(s.process.pid) <= {{LargestIdleKiB}})
        END
        """, "");
}

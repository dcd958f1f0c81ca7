using Xunit;

namespace LocalService.Tests.EndToEnd.Services;

/// <summary>A service that waits for its client's next command keeps little in memory.</summary>
public sealed class SessionMemoryTests
{
    private const long LargestIdleKiB = 120; // it moves by one or two pieces of 8 with the order of the code

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

using Xunit;

namespace LocalService.Tests.EndToEnd.Services;

/// <summary>A service that waits for its client's next command keeps little in memory.</summary>
public sealed class SessionMemoryTests
{
    private const long LargestIdleKiB = 100;

    [Theory]
    [InlineData("s6-ftrigrd", "EVENTS1")]
    [InlineData("s6-ftrigrd", "EVENTS2")]
    public void An_idle_daemon_keeps_little_in_memory(string program, string dialect) => Script.Expect($$"""
        speak <<'END'
        s = Session.spawn(*"{{program}}".split(), before={{dialect}})
        def resident():
            return int(next(line for line in open(f"/proc/{s.process.pid}/status") if line.startswith("VmRSS")).split()[1])
        until(lambda: resident() <= {{LargestIdleKiB}})
        END
        """, "");
}

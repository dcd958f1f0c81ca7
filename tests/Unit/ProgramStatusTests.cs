using System.Linq;
using LocalService.Sudo;
using Xunit;

namespace LocalService.Tests.Unit;

/// <summary>How sudoc translates the status that a server sends. Specification "sudo", section 5, with decision 20.</summary>
public sealed class ProgramStatusTests
{
    [Theory]
    [InlineData(0x0000, 0, 0)]
    [InlineData(0x0100, 0, 1)]
    [InlineData(0x7f00, 0, 127)]
    [InlineData(0xc800, 0, 200)]
    [InlineData(0xff00, 0, 255)]
    [InlineData(0x000f, 15, 143)]
    [InlineData(0x0086, 6, 134)] // with a core dump
    [InlineData(0x0040, 64, 192)]
    public void An_end_is_an_exit_code_or_a_signal(uint raw, int signal, int shellCode)
    {
        var status = new ProgramStatus(raw);
        Assert.True(status.IsEnd);
        Assert.Equal((signal, shellCode), (status.Signal, status.ShellCode));
    }

    [Theory]
    [InlineData(0x137f)] // stopped
    [InlineData(0xffff)] // continued
    [InlineData(0x0080)]
    [InlineData(0x0041)]
    [InlineData(0x010f)]
    [InlineData(0x10000)]
    [InlineData(0xffffffff)]
    public void Anything_else_is_none(uint raw) => Assert.False(new ProgramStatus(raw).IsEnd);

    [Fact]
    public void Only_signals_that_kill_are_died_of() => Assert.Equal(
        [0, 17, 18, 19, 20, 21, 22, 23, 28, 65, 127],
        Enumerable.Range(0, 128).Where(signal => !SignalDeath.Kills(signal) && signal is < 66 or 127));
}

using System.Linq;
using LocalService.FdHolder;
using LocalService.Posix;
using Xunit;

namespace LocalService.Tests.Unit;

public sealed unsafe class DumpEnvironmentTests
{
    private static readonly TaiDate now = TaiDate.OfUnixTime(1_000_000, 5);

    [Fact]
    public void A_dump_becomes_variables()
    {
        Dump dump = default;
        _ = dump.Add(new HeldEntry(now.PlusMilliseconds(1000), "one"u8), 4);
        _ = dump.Add(new HeldEntry(now.Never, "two=2"u8), 17);
        string[] variables = With(dump, "A=1", "S6_FD#=7", "S6_FD_0=old", "S6_FDID_1=old", "S6_FDLIMIT_1=old", "S6_FD_2=kept", "S6_FD_00=kept", "S6_FDX=", "B");
        Assert.Equal(
            ["A=1", "B", "S6_FD#=2", "S6_FDID_0=one", "S6_FDID_1=two=2", "S6_FDLIMIT_0=@40000000000f426600000005", "S6_FDX=", "S6_FD_00=kept", "S6_FD_0=4", "S6_FD_1=17", "S6_FD_2=kept"],
            variables.Order(System.StringComparer.Ordinal));
        dump.Free();
    }

    [Fact]
    public void Variables_become_a_dump()
    {
        DumpProblem problem = Read(
            out Dump dump, out _,
            "S6_FDID_1=b", "S6_FD_1=5", "S6_FD#=2", "S6_FD_0=4", "S6_FDID_0=a", "S6_FDID_0=second", "S6_FDLIMIT_1=@40000000000F426600000005");
        Assert.Equal(DumpProblem.None, problem);
        Assert.Equal([4, 5], dump.Descriptors.ToArray());
        Assert.True(HeldEntry.TryRead(dump.Entries, out HeldEntry first, out System.ReadOnlySpan<byte> rest));
        Assert.True(HeldEntry.TryRead(rest, out HeldEntry second, out rest));
        Assert.True(rest.IsEmpty);
        Assert.Equal("a", first.Name.ToText());
        Assert.True(first.Expiry.IsNever(now));
        Assert.Equal("b", second.Name.ToText());
        Assert.True(second.Expiry.Equals(now.PlusMilliseconds(1000)));
        dump.Free();
    }

    [Fact]
    public void Entries_that_never_expire_have_different_dates()
    {
        // The C holder can't handle equal dates.
        Assert.Equal(DumpProblem.None, Read(out Dump dump, out _, "S6_FD#=2", "S6_FD_0=0", "S6_FDID_0=a", "S6_FD_1=0", "S6_FDID_1=b"));
        Assert.True(HeldEntry.TryRead(dump.Entries, out HeldEntry first, out System.ReadOnlySpan<byte> rest));
        Assert.True(HeldEntry.TryRead(rest, out HeldEntry second, out _));
        Assert.False(first.Expiry.Equals(second.Expiry));
        dump.Free();
    }

    [Theory]
    [InlineData("S6_FD# NotSet")]
    [InlineData("S6_FD# Invalid", "S6_FD#=")]
    [InlineData("S6_FD# Invalid", "S6_FD#=4294967296")]
    [InlineData("S6_FD_0 NotSet", "S6_FD#=4294967295")]
    [InlineData("S6_FD_1 NotSet", "S6_FD#=4294967295", "S6_FD_0=1", "S6_FDID_0=a", "S6_FD_2=1", "S6_FDID_2=a")]
    [InlineData("S6_FD_0 NotSet", "S6_FD#=1", "S6_FDID_0=a", "S6_FD_00=1", "S6_FD_=1", "S6_FD_0")]
    [InlineData("S6_FD_0 Invalid", "S6_FD#=1", "S6_FDID_0=a", "S6_FD_0=x", "S6_FD_0=1")]
    [InlineData("S6_FDID_0 NotSet", "S6_FD#=1", "S6_FD_0=1")]
    [InlineData("S6_FDID_0 Invalid", "S6_FD#=1", "S6_FD_0=1", "S6_FDID_0=")]
    [InlineData("S6_FDLIMIT_0 Invalid", "S6_FD#=1", "S6_FD_0=1", "S6_FDID_0=a", "S6_FDLIMIT_0=")]
    [InlineData("S6_FDLIMIT_0 Invalid", "S6_FD#=1", "S6_FD_0=1", "S6_FDID_0=a", "S6_FDLIMIT_0=@400000000000000000000000zz")]
    public void The_first_problem_is_named(string expected, params string[] variables)
    {
        DumpProblem problem = Read(out Dump dump, out DumpVariable variable, variables);
        Assert.Equal(expected, $"{variable.Name(new byte[DumpVariable.LongestName]).ToText()} {problem}");
        dump.Free();
    }

    [Theory]
    [InlineData(255, DumpProblem.None)]
    [InlineData(256, DumpProblem.Invalid)]
    public void Names_have_up_to_255_bytes(int length, object problem)
    {
        Assert.Equal(problem, Read(out Dump dump, out _, "S6_FD#=1", "S6_FD_0=1", "S6_FDID_0=" + new string('x', length)));
        dump.Free();
    }

    [Theory]
    [InlineData(0, 0, true)]
    [InlineData(1, 0, false)]
    [InlineData(0, 1, false)]
    [InlineData(1, 1, true)]
    [InlineData(2, 1, false)]
    [InlineData(1, 255, true)]
    [InlineData(1, 256, false)]
    [InlineData(2, 256, true)]
    [InlineData(256, 256, true)]
    [InlineData(uint.MaxValue, uint.MaxValue, true)]
    public void Any_number_of_messages_that_can_hold_the_entries_is_right(uint messages, uint entries, bool expected) =>
        Assert.Equal(expected, DumpTransfer.IsSplit(messages, entries));

    private static string[] With(in Dump dump, params string[] variables) =>
        Properties.ToTexts(DumpEnvironment.With(new EnvironmentBlock(Properties.ToNativeList(variables)), dump, now).List);

    private static DumpProblem Read(out Dump dump, out DumpVariable variable, params string[] variables) =>
        DumpEnvironment.Read(new EnvironmentBlock(Properties.ToNativeList(variables)), now, out dump, out variable);
}

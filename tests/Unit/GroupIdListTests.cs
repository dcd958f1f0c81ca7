using System.Linq;
using System.Numerics;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using LocalService.CommandLine;
using Xunit;

namespace LocalService.Tests.Unit;

public sealed partial class GroupIdListTests
{
    private static readonly Gen<string> texts = Gen.OneOf(
        Properties.Text("019,:; \t\n", 12),
        Properties.List(Gen.Elements("0", "5", "007", "1000", "4294967295", "4294967296", ",", ";", ":", " ", "\r\n", ", ", "x", "-1", ""), 12).Select(string.Concat));

    [Fact]
    public void Agrees_with_its_grammar() => Properties.ForAll(
        texts,
        text =>
        {
            BigInteger[] members = [.. Number().Matches(text).Select(match => BigInteger.Parse(match.Value, null))];
            bool expected = Grammar().IsMatch(text) && members.All(member => member <= uint.MaxValue);
            Assert.Equal(expected, GroupIdList.TryParse(text.ToBytes(), out GroupIdList list));
            if (expected)
                Assert.Equal(members, list.Members.ToArray().Select(member => new BigInteger(member)));
        },
        runs: 5000);

    [Fact]
    public unsafe void CanonicalFormsReadBack() => Properties.ForAll(Properties.List(Gen.Choose(0, int.MaxValue), 20), numbers =>
    {
        uint[] members = [.. numbers.Select(number => (uint)number * 2)];
        Assert.True(GroupIdList.TryParse(string.Join(" ", members).ToBytes(), out GroupIdList list));
        string canonical = Memory.Bytes.OfC(list.ToCString()).ToText();
        Assert.Equal(string.Join(",", members), canonical);
        Assert.True(GroupIdList.TryParse(canonical.ToBytes(), out list));
        Assert.Equal(members, list.Members.ToArray());
    });

    [Fact]
    public void Takes_as_many_members_as_the_kernel()
    {
        Assert.True(GroupIdList.TryParse(string.Join(",", Enumerable.Repeat("1", 65536)).ToBytes(), out _));
        Assert.False(GroupIdList.TryParse(string.Join(",", Enumerable.Repeat("1", 65537)).ToBytes(), out _));
    }

    [GeneratedRegex(@"^(|[0-9]+(([ \t\r\n]*[,:;][ \t\r\n]*|[ \t\r\n]+)[0-9]+)*[ \t\r\n]*)\z")]
    private static partial Regex Grammar();

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Number();
}

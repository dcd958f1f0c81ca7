using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using LocalService.Syslog;
using Xunit;

namespace LocalService.Tests.Unit;

public sealed class SyslogRecordSplitterTests
{
    private const int Longest = 6;

    private static readonly Gen<string[]> pieces = Properties.List(Properties.Text("ab<\n\0", 12), 8);

    [Fact]
    public void Records_are_the_same_however_they_arrive() => Properties.ForAll(
        pieces,
        received => Assert.Equal(Reference(string.Concat(received)), Split(received)),
        runs: 10_000);

    [Theory]
    [InlineData("a\nb\0c", "a|b|c")]
    [InlineData("123456\n1234567\n", "123456|123456...")]
    [InlineData("\n\0", "|")]
    [InlineData("1234567", "123456...")]
    public void A_record_ends_with_a_newline_or_NUL_and_keeps_its_beginning(string received, string expected) =>
        Assert.Equal(expected.Split('|'), Split([received]));

    [Fact]
    public void Nothing_is_kept_when_the_memory_is_given_back()
    {
        var splitter = new RecordSplitter(Longest);
        ReadOnlySpan<byte> data = "12345678"u8;
        Assert.False(splitter.Next(ref data, out _, out _).Value);
        splitter.Free();
        Assert.False(splitter.TryTakeRest(out _, out bool wasCut));
        Assert.False(wasCut);
    }

    private static List<string> Split(string[] received)
    {
        var splitter = new RecordSplitter(Longest);
        var records = new List<string>();
        ReadOnlySpan<byte> record;
        bool wasCut;
        foreach (string piece in received)
        {
            ReadOnlySpan<byte> data = piece.ToBytes();
            while (!data.IsEmpty)
            {
                if (splitter.Next(ref data, out record, out wasCut).Value)
                    records.Add(record.ToText() + (wasCut ? "..." : ""));
            }
        }
        if (splitter.TryTakeRest(out record, out wasCut))
            records.Add(record.ToText() + (wasCut ? "..." : ""));
        splitter.Free();
        return records;
    }

    private static IEnumerable<string> Reference(string text)
    {
        string[] records = text.Split('\n', '\0');
        return records.Where((record, index) => index < records.Length - 1 || record.Length > 0)
            .Select(record => record.Length > Longest ? record[..Longest] + "..." : record);
    }
}

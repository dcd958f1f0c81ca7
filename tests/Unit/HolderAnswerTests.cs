using System;
using System.Collections.Generic;
using LocalService.CommandLine;
using LocalService.FdHolder;
using Xunit;

namespace LocalService.Tests.Unit;

public sealed unsafe class HolderAnswerTests
{
    [Theory]
    [InlineData("\0\0\0\0\0", true, "")]
    [InlineData("\0\0\0\0\u0001a\0", true, "a")]
    [InlineData("\0\0\0\0\u0003a\0\0bc\0", true, "a,,bc")]
    [InlineData("\0\0\0\0", false, "")]
    [InlineData("\0\0\0\0\u0001a", false, "")]
    [InlineData("\0\0\0\0\u0001a\0b\0", false, "")]
    [InlineData("\0\0\0\0\u0002a\0", false, "")]
    [InlineData("\0\u00ff\0\0\0a\0", false, "")]
    public void A_list_has_as_many_names_as_it_says(string data, bool valid, string expected)
    {
        Assert.Equal(valid, NameList.TryRead(data.ToBytes(), out NameList list));
        if (!valid)
            return;
        var names = new List<string>();
        while (list.TryTakeFirst(out ReadOnlySpan<byte> name))
            names.Add(name.ToText());
        Assert.Equal(expected, string.Join(',', names));
    }

    [Theory]
    [InlineData("plain ~", "plain ~")]
    [InlineData("\\", @"\\")]
    [InlineData("\a\b\t\n\v\f\r", @"\a\b\t\n\v\f\r")]
    [InlineData("\u0006\u000e\u001f\u007f\u00ff", @"\0x06\0x0e\0x1f\0x7f\0xff")]
    public void Names_are_printed_in_ASCII(string name, string expected)
    {
        var line = new Line(-1, stackalloc byte[100]);
        QuotedName.Add(ref line, name.ToBytes());
        Assert.Equal(expected, line.Text.ToText());
    }

    [Theory]
    [InlineData("5", true, 5, 0)]
    [InlineData("5:", true, 5, 0)]
    [InlineData(":5", true, 0, 5)]
    [InlineData("5:6", true, 5, 6)]
    [InlineData(":", true, 0, 0)]
    [InlineData("", false, 0, 0)]
    [InlineData("5:6:7", false, 0, 0)]
    [InlineData("x:", false, 0, 0)]
    [InlineData(":x", false, 0, 0)]
    public void A_transfer_has_two_time_limits(string argument, bool valid, uint first, uint second)
    {
        var words = new Words(Properties.ToNativeList(["transferdump", "-t", argument, "a", "b"]));
        var reader = new OptionReader(words, FdHolderTransferDump.Declaration);
        HolderClientOptions options = HolderClientOptions.Read(ref reader, takesTwoLimits: true);
        Assert.Equal(valid, !reader.IsWrong);
        if (valid)
            Assert.Equal((first, second), (options.Milliseconds, options.SecondMilliseconds));
        var readerOfOne = new OptionReader(words, FdHolderList.Declaration);
        _ = HolderClientOptions.Read(ref readerOfOne);
        Assert.Equal(argument == "5", !readerOfOne.IsWrong);
    }
}

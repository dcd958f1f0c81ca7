using System;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using LocalService.Errors;
using LocalService.FdHolder;
using LocalService.Libc;
using Xunit;

namespace LocalService.Tests.Unit;

public sealed class RequestTests
{
    private const string Date = "\x40\0\0\0\0\0\0\0\0\0\0\0";

    [Theory]
    [InlineData("L", 0, RequestKind.List)]
    [InlineData("?", 0, RequestKind.GetDump)]
    [InlineData("!\0\0\x01\x02", 0, RequestKind.SetDump)]
    [InlineData("D\u0001a\0", 0, RequestKind.Delete)]
    [InlineData("R\0\u0001a\0", 0, RequestKind.Retrieve)]
    [InlineData("S" + Date + "\u0001a\0", 1, RequestKind.Store)]
    [InlineData(".", 0, RequestKind.DumpPart)]
    [InlineData("." + Date + "\u0001a\0" + Date + "\u0002bc\0", 2, RequestKind.DumpPart)]
    public void A_request_is_read(string data, int descriptors, object kind)
    {
        Assert.True(Request.TryParse(data.ToBytes(), descriptors, out Request request));
        Assert.Equal(kind, request.Kind);
        Assert.False(Request.TryParse(data.ToBytes(), descriptors + 1, out _));
        Assert.False(Request.TryParse((data + "x").ToBytes(), descriptors, out _));
        for (int length = 0; length < data.Length; length++)
            Assert.False(Request.TryParse(data.ToBytes().AsSpan(0, length), descriptors, out _));
    }

    [Fact]
    public void No_bytes_are_more_than_a_request() => Properties.ForAll(Properties.Bytes(40), Gen.Choose(0, 3), (data, descriptors) =>
    {
        if (Request.TryParse(data, descriptors, out Request request))
            Assert.Equal(data[0], (byte)request.Kind);
    });

    [Fact]
    public void Parts_of_a_request_are_taken()
    {
        Assert.True(Request.TryParse("R\u0007\u0003abc\0".ToBytes(), 0, out Request request));
        Assert.Equal((true, "abc"), (request.Deletes, request.Name.ToText()));
        Assert.True(Request.TryParse("!\u0001\u0002\u0003\u0004".ToBytes(), 0, out request));
        Assert.Equal(0x01020304u, request.Total);
        Assert.True(Request.TryParse(("S" + Date + "\u0003abc\0").ToBytes(), 1, out request));
        Assert.Equal(("abc", 1UL << 62), (request.Entry.Name.ToText(), request.Entry.Expiry.Label));
    }

    [Theory]
    [InlineData("S6_FDHOLDER_LIST=\0", true)]
    [InlineData("S6_FDHOLDER_LIST=0\0", true)]
    [InlineData("S6_FDHOLDER_LIST\0", false)]
    [InlineData("S6_FDHOLDER_LISTS=1\0", false)]
    [InlineData("X=1\0S6_FDHOLDER_LIST\0S6_FDHOLDER_LIST=\0", true)]
    [InlineData("", false)]
    public void A_right_is_a_variable_that_is_set(string edits, bool given)
    {
        var rights = new Rights();
        Assert.False(rights.Set(edits.ToBytes(), out _).Failed);
        Assert.Equal((given, false, false), (rights.MayList, rights.MayGetDump, rights.MaySetDump));
    }

    [Fact]
    public void The_first_expression_counts()
    {
        var rights = new Rights();
        Errno error = rights.Set("S6_FDHOLDER_STORE_REGEX=^a\0S6_FDHOLDER_STORE_REGEX=b\0S6_FDHOLDER_RETRIEVE_REGEX=c$\0".ToBytes(), out _);
        Assert.False(error.Failed);
        Assert.Equal((true, false, true, false), (rights.MayStore("ab"u8), rights.MayStore("b"u8), rights.MayRetrieve("bc"u8), rights.MayRetrieve("cb"u8)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("S6_FDHOLDER_STORE_REGEX=\0S6_FDHOLDER_RETRIEVE_REGEX=\0")]
    [InlineData("S6_FDHOLDER_STORE_REGEX\0S6_FDHOLDER_RETRIEVE_REGEX\0")]
    public void Without_an_expression_nothing_matches(string edits)
    {
        var rights = new Rights();
        Assert.False(rights.Set("S6_FDHOLDER_STORE_REGEX=.\0S6_FDHOLDER_RETRIEVE_REGEX=.\0".ToBytes(), out _).Failed);
        Assert.False(rights.Set(edits.ToBytes(), out _).Failed);
        Assert.False(rights.MayStore("a"u8) || rights.MayRetrieve("a"u8));
    }

    [Fact]
    public void An_invalid_expression_is_told()
    {
        var rights = new Rights();
        Errno error = rights.Set("S6_FDHOLDER_LIST=1\0S6_FDHOLDER_RETRIEVE_REGEX=[\0".ToBytes(), out InvalidExpression invalid);
        Assert.Equal((libc.EINVAL, "S6_FDHOLDER_RETRIEVE_REGEX", "["), (error.Number, invalid.Variable.ToText(), invalid.Value.ToText()));
    }
}

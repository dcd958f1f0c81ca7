using System;
using FsCheck.Fluent;
using LocalService.Syslog;
using Xunit;

namespace LocalService.Tests.Unit;

public sealed class SyslogMessageHeaderTests
{
    [Theory]
    [InlineData("Nov 21 23:28:26 ident[19713]: hello", "Nov 21 23:28:26||ident|19713|||hello")]
    [InlineData("Nov  1 03:08:06 ident: hello", "Nov  1 03:08:06||ident||||hello")]
    [InlineData("Nov  1 03:08:06 host ident[1]: hello", "Nov  1 03:08:06|host|ident|1|||hello")]
    [InlineData("Nov  1 03:08:06 ::1 ident: hello", "Nov  1 03:08:06|::1|ident||||hello")]
    [InlineData("Nov  1 03:08:06 /usr/sbin/a-b.c[7]:no blank", "Nov  1 03:08:06||/usr/sbin/a-b.c|7|||no blank")]
    [InlineData("Nov  1 03:08:06 ident[1: hello", "Nov  1 03:08:06||||||ident[1: hello")]
    [InlineData("Nov  1 03:08:06 no tag in here", "Nov  1 03:08:06||||||no tag in here")]
    [InlineData("Nov  1 03:08:06 ", "Nov  1 03:08:06||||||")]
    [InlineData("Nov  1 03:08:06 [7]: x", "Nov  1 03:08:06||||||[7]: x")]
    [InlineData("Nov 01 03.08:06 ident: hello", "||||||Nov 01 03.08:06 ident: hello")]
    [InlineData("Nov  1 03:08:06", "||||||Nov  1 03:08:06")]
    [InlineData("ident: hello", "||||||ident: hello")]
    [InlineData("", "||||||")]
    public void The_old_form_is_split(string message, string expected) => Assert.Equal(expected, Split(message));

    [Theory]
    [InlineData("1 2026-11-28T04:10:00Z host app 7 ID47 - text", "2026-11-28T04:10:00Z|host|app|7|ID47|-|text")]
    [InlineData("1 - - - - - -", "-|-|-|-|-|-|")]
    [InlineData("1 - h a 1 - [a@1 k=\"v\"] text", "-|h|a|1|-|[a@1 k=\"v\"]|text")]
    [InlineData("1 - h a 1 - [a k=\"]\\\"]\"][b] text", "-|h|a|1|-|[a k=\"]\\\"]\"][b]|text")]
    [InlineData("1 - h a 1 - [a][b]", "-|h|a|1|-|[a][b]|")]
    [InlineData("1 - h a 1 - - \u00ef\u00bb\u00bftext", "-|h|a|1|-|-|text")]
    [InlineData("1 - h a 1 - [a k=\"v] text", "||||||1 - h a 1 - [a k=\"v] text")]
    [InlineData("1 - h a 1 - [a]text", "||||||1 - h a 1 - [a]text")]
    [InlineData("1 - h a 1 - ", "||||||1 - h a 1 - ")]
    [InlineData("1 -  a 1 - - x", "||||||1 -  a 1 - - x")]
    [InlineData("2 - h a 1 - - x", "||||||2 - h a 1 - - x")]
    public void The_new_form_is_split(string message, string expected) => Assert.Equal(expected, Split(message));

    [Fact]
    public void Nothing_of_a_message_gets_lost_and_nothing_is_read_outside_of_it() => Properties.ForAll(
        Gen.OneOf(
            Properties.Text("1 -[]\"\\:a", 40),
            Properties.Text("1 -[]\"\\:a", 40).Select(text => "1 - h a 1 - " + text),
            Properties.Text("a :[]7", 30).Select(text => "Nov 21 23:28:26 " + text)),
        message =>
        {
            string[] fields = Split(message).Split('|');
            foreach (string field in fields)
                Assert.Contains(field, message, StringComparison.Ordinal);
            Assert.EndsWith(fields[^1], message, StringComparison.Ordinal);
        },
        runs: 20_000);

    private static string Split(string message)
    {
        MessageHeader header = MessageHeader.Of(message.ToBytes());
        return string.Join(
            '|',
            header.Time.ToText(),
            header.Host.ToText(),
            header.Application.ToText(),
            header.Process.ToText(),
            header.MessageId.ToText(),
            header.Data.ToText(),
            header.Text.ToText());
    }
}

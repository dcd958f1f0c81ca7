using System;
using System.Linq;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using LocalService.Memory;
using LocalService.Syslog;
using Xunit;

namespace LocalService.Tests.Unit;

public sealed class SyslogLineWriterTests
{
    private static readonly UTF8Encoding strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    // Bytes around every border: printable and not, all beginnings of characters, continuations.
    private static readonly Gen<byte[]> messages = Gen.OneOf(
        Properties.Bytes(40),
        Properties.List(
            Gen.Elements<byte>(
                0, 9, 10, 27, 31, 32, 65, 66, 67, 68, 126, 127, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xC3, 0xDF, 0xE0, 0xE2, 0xED, 0xEF, 0xF0, 0xF4, 0xF5, 0xFF),
            40),
        Gen.Elements("plain text only", "Grüße aus Köln", "日本語のログ", "😀 and \u0085 control", "\ud83d", "tab\tand\nline\0").Select(Encoding.UTF8.GetBytes));

    [Theory]
    [InlineData("a\nb\0c", "a~b~c")]
    [InlineData("\u001b[31mred\u007f\r", "\\x1b[31mred\\x7f\\x0d")]
    [InlineData("tab\tstays", "tab\tstays")]
    [InlineData("back\\slash \\x1b", "back\\slash \\x1b")]
    [InlineData("M\u00fcller", "M\\xfcller")]
    [InlineData("M\u00c3\u00bcller", "M\u00c3\u00bcller")]
    [InlineData("\u00c2\u009b31m", "\\xc2\\x9b31m")]
    [InlineData("\u00ed\u00a0\u0080", "\\xed\\xa0\\x80")]
    [InlineData("\u00c0\u008a", "\\xc0\\x8a")]
    [InlineData("cut \u00e2\u0082", "cut \\xe2\\x82")]
    public void Controls_and_what_is_no_text_are_quoted(string message, string expected) =>
        Assert.Equal(expected, Write(message.ToBytes(), Quoting.Controls));

    [Theory]
    [InlineData("\u001b[31m\u009b\n\0\t", "\u001b[31m\u009b~~\t")]
    public void Without_quoting_only_the_line_is_kept(string message, string expected) => Assert.Equal(expected, Write(message.ToBytes(), Quoting.None));

    [Fact]
    public void Tabs_are_quoted_where_they_separate_fields() => Assert.Equal("a\\x09b", Write("a\tb".ToBytes(), Quoting.ControlsAndTabs));

    [Fact]
    public void What_is_written_is_clean_text_that_agrees_with_a_decoder() => Properties.ForAll(
        messages,
        message =>
        {
            byte[] written = Write(message, Quoting.Controls).ToBytes();
            Assert.InRange(written.Length, 0, message.Length * LineWriter.LongestQuotedByte);
            string text = strict.GetString(written);
            Assert.DoesNotContain(text, character => char.IsControl(character) && character != '\t');
            Assert.Equal(Reference(message), text);
        },
        runs: 20_000);

    [Fact]
    public void Without_quoting_no_byte_but_NUL_and_newline_changes() => Properties.ForAll(
        messages,
        message => Assert.Equal(message.Select(character => character is 0 or 10 ? (byte)'~' : character), Write(message, Quoting.None).ToBytes()));

    private static string Write(byte[] message, Quoting quoting)
    {
        byte[] buffer = new byte[message.Length * LineWriter.LongestQuotedByte];
        var line = new LineWriter(buffer);
        line.AddForeign(message, quoting);
        return ((ReadOnlySpan<byte>)buffer.AsSpan(0, line.Length)).ToText();
    }

    /// <summary>The same with the decoder of the base library, one character at a time.</summary>
    private static string Reference(byte[] message)
    {
        var text = new StringBuilder();
        for (int i = 0; i < message.Length;)
        {
            bool decoded = Rune.DecodeFromUtf8(message.AsSpan(i), out Rune rune, out int length) == System.Buffers.OperationStatus.Done;
            if (message[i] is 0 or 10)
                text.Append('~');
            else if (decoded && (rune.Value == '\t' || !Rune.IsControl(rune)))
                text.Append(rune.ToString());
            else
                text.Append(string.Concat(message.AsSpan(i, length = decoded ? length : 1).ToArray().Select(single => $"\\x{single:x2}")));
            i += length;
        }
        return text.ToString();
    }
}

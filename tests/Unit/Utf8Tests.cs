using System;
using System.Buffers;
using System.Text;
using LocalService.Syslog;
using Xunit;

namespace LocalService.Tests.Unit;

public sealed class Utf8Tests
{
    [Fact]
    public void Every_text_of_three_bytes_is_judged_as_the_base_library_does()
    {
        Span<byte> text = stackalloc byte[3];
        for (int number = 0x800000; number <= 0xFFFFFF; number += 1)
        {
            text[0] = (byte)(number >> 16);
            text[1] = (byte)(number >> 8);
            text[2] = (byte)number;
            int expected = Rune.DecodeFromUtf8(text, out Rune rune, out int length) == OperationStatus.Done && !Rune.IsControl(rune) ? length : 0;
            if (expected != Utf8.LengthOfCharacter(text))
                Assert.Fail($"{number:x}: {Utf8.LengthOfCharacter(text)} in the place of {expected}");
        }
    }

    [Fact]
    public void Every_character_of_four_bytes_is_one_and_not_without_its_last_byte()
    {
        Span<byte> text = stackalloc byte[4];
        for (int character = 0x10000; character <= 0x10FFFF; character++)
        {
            _ = new Rune(character).EncodeToUtf8(text);
            if (Utf8.LengthOfCharacter(text) != 4 || Utf8.LengthOfCharacter(text[..3]) != 0)
                Assert.Fail($"{character:x}");
        }
        Assert.Equal(0, Utf8.LengthOfCharacter([0xF4, 0x90, 0x80, 0x80]));
        Assert.Equal(0, Utf8.LengthOfCharacter([0xF0, 0x8F, 0xBF, 0xBF]));
    }
}

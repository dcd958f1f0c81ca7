using System;
using System.Globalization;
using System.Linq;
using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using LocalService.CommandLine;
using Xunit;

namespace LocalService.Tests.Unit;

public sealed class NumbersTests
{
    // Digits with an occasional other character, and numbers close to the limits.
    private static readonly Gen<string> texts = Gen.OneOf(
        Properties.Text("0123456789", 22),
        Properties.Text("01234567", 22),
        Properties.Text("0123456789+-x. \u00b2\0", 6),
        Gen.Choose(-20, 20).Select(distance => (uint.MaxValue + (long)distance).ToString(CultureInfo.InvariantCulture)),
        Gen.Choose(-20, 20).Select(distance => (int.MaxValue + (long)distance).ToString(CultureInfo.InvariantCulture)),
        Gen.Choose(-20, 20).Select(distance => (int.MinValue + (long)distance).ToString(CultureInfo.InvariantCulture)),
        Gen.Choose(-20, 20).Select(distance => Convert.ToString(uint.MaxValue + (long)distance, 8)));

    [Fact]
    public void Decimal_numbers_are_digits_up_to_32_bits() => Properties.ForAll(texts, text =>
    {
        BigInteger? expected = Model(text, 10);
        bool parsed = Numbers.TryParse(text.ToBytes(), out uint value);
        Assert.Equal(expected <= uint.MaxValue, parsed);
        if (parsed)
            Assert.Equal(expected, value);
    });

    [Fact]
    public void Octal_numbers_are_octal_digits_up_to_32_bits() => Properties.ForAll(texts, text =>
    {
        BigInteger? expected = Model(text, 8);
        bool parsed = Numbers.TryParseOctal(text.ToBytes(), out uint value);
        Assert.Equal(expected <= uint.MaxValue, parsed);
        if (parsed)
            Assert.Equal(expected, value);
    });

    [Fact]
    public void Signed_numbers_have_an_optional_sign() => Properties.ForAll(texts, text =>
    {
        bool signed = text.StartsWith('-') || text.StartsWith('+');
        BigInteger? expected = Model(signed ? text[1..] : text, 10) * (text.StartsWith('-') ? -1 : 1);
        bool parsed = Numbers.TryParseSigned(text.ToBytes(), out int value);
        Assert.Equal(expected >= int.MinValue && expected <= int.MaxValue, parsed);
        if (parsed)
            Assert.Equal(expected, value);
    });

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("0x1")]
    [InlineData("4294967296")]
    [InlineData("18446744073709551616")]
    [InlineData("18446744073709551617")]
    public void What_is_no_unsigned_number(string text) => Assert.False(Numbers.TryParse(text.ToBytes(), out _));

    [Theory]
    [InlineData("+-1")]
    [InlineData("--1")]
    [InlineData("-")]
    [InlineData("+")]
    [InlineData("2147483648")]
    [InlineData("-2147483649")]
    public void What_is_no_signed_number(string text) => Assert.False(Numbers.TryParseSigned(text.ToBytes(), out _));

    [Fact]
    public void Formatting_agrees_with_the_library()
    {
        Gen<ulong> values = Gen.Zip(Gen.Choose(0, int.MaxValue), Gen.Choose(0, 63)).Select(pair => ((ulong)pair.Item1 * 0x9E3779B97F4A7C15) >> pair.Item2);
        Properties.ForAll(Gen.OneOf(values, Gen.Elements(0UL, 7UL, 8UL, ulong.MaxValue)), value =>
        {
            Span<byte> buffer = stackalloc byte[Numbers.LongestText];
            Assert.Equal(value.ToString(CultureInfo.InvariantCulture), Numbers.Decimal(value, buffer).ToText());
            Assert.Equal(Convert.ToString((long)value, 8), Numbers.Octal(value, buffer).ToText());
        });
    }

    private static BigInteger? Model(string text, int numberBase) =>
        text.Length > 0 && text.All(character => character >= '0' && character < '0' + numberBase)
            ? text.Aggregate(BigInteger.Zero, (sum, digit) => sum * numberBase + (digit - '0'))
            : null;
}

using System;

namespace LocalService.CommandLine;

/// <summary>The number formats of the toolkit. Specification "conventions", sections 1.2 to 1.4.</summary>
internal static class Numbers
{
    /// <summary>Digits 0-9 only, at least one, any number of leading zeros, 0 to 4294967295.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> text, out uint value) => TryParse(text, 10, out value);

    /// <summary>The same up to 18446744073709551615, for values that the kernel counts with 64 bits.</summary>
    internal static bool TryParseLong(ReadOnlySpan<byte> text, out ulong value) => TryParse(text, 10, ulong.MaxValue, out value);

    /// <summary>Digits 0-7 only, at least one, any number of leading zeros, 0 to 4294967295 (octal 37777777777).</summary>
    internal static bool TryParseOctal(ReadOnlySpan<byte> text, out uint value) => TryParse(text, 8, out value);

    /// <summary>An optional sign, then decimal digits. A value outside of -2147483648 to 2147483647 is refused.</summary>
    internal static bool TryParseSigned(ReadOnlySpan<byte> text, out int value)
    {
        bool negative = !text.IsEmpty && text[0] == (byte)'-';
        bool signed = negative || (!text.IsEmpty && text[0] == (byte)'+');
        bool parsed = TryParse(signed ? text[1..] : text, out uint magnitude);
        long result = negative ? -(long)magnitude : magnitude;
        value = (int)result;
        return parsed && value == result;
    }

    /// <summary>The buffer size that holds any number of 64 bits, in octal too.</summary>
    internal const int LongestText = 24;

    /// <summary>The decimal digits of a number, at the end of the given buffer.</summary>
    internal static ReadOnlySpan<byte> Decimal(ulong value, Span<byte> buffer) => Format(value, 10, buffer);

    /// <summary>The octal digits of a number, at the end of the given buffer.</summary>
    internal static ReadOnlySpan<byte> Octal(ulong value, Span<byte> buffer) => Format(value, 8, buffer);

    private static Span<byte> Format(ulong value, uint numberBase, Span<byte> buffer)
    {
        int start = buffer.Length;
        do
        {
            buffer[--start] = (byte)('0' + value % numberBase);
            value /= numberBase;
        }
        while (value > 0);
        return buffer[start..];
    }

    private static bool TryParse(ReadOnlySpan<byte> text, uint numberBase, out uint value)
    {
        bool valid = TryParse(text, numberBase, uint.MaxValue, out ulong number);
        value = (uint)number;
        return valid;
    }

    private static bool TryParse(ReadOnlySpan<byte> text, uint numberBase, ulong largest, out ulong value)
    {
        ulong result = 0;
        value = 0;
        for (int i = 0; i < text.Length; i++)
        {
            uint digit = (uint)(text[i] - '0');
            if (digit >= numberBase || result > (largest - digit) / numberBase)
                return false;
            result = result * numberBase + digit;
        }
        value = result;
        return text.Length > 0;
    }
}

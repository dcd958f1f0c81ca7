using System;

namespace LocalService.Memory;

/// <summary>Hexadecimal digits: reads capital and small letters, writes small ones.</summary>
internal static class HexDigit
{
    /// <summary>The digit of a value from 0 to 15.</summary>
    internal static byte Of(int value) => "0123456789abcdef"u8[value];

    /// <summary>The value of a digit; -1 for anything else.</summary>
    internal static int ValueOf(byte digit) => digit switch
    {
        >= (byte)'0' and <= (byte)'9' => digit - '0',
        >= (byte)'a' and <= (byte)'f' => digit - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => digit - 'A' + 10,
        _ => -1,
    };
}

using System;

namespace LocalService.Syslog;

/// <summary>Characters beyond ASCII, RFC 3629.</summary>
internal static class Utf8
{
    private const uint FirstOfTwoBytes = 0x80;
    private const uint FirstOfThreeBytes = 0x800;
    private const uint FirstOfFourBytes = 0x10000;
    private const uint Last = 0x10FFFF;
    private const uint FirstSurrogate = 0xD800;
    private const uint LastSurrogate = 0xDFFF;
    private const uint LastControl = 0x9F;

    /// <summary>
    /// The length in bytes of the character beyond ASCII that a text begins with; 0 when it doesn't begin with a valid one: not the shortest form,
    /// half of a surrogate pair, beyond the last character, cut off, or a control character (U+0080 to U+009F).
    /// </summary>
    internal static int LengthOfCharacter(ReadOnlySpan<byte> text)
    {
        int length = text[0] switch
        {
            >= 0xC2 and <= 0xDF => 2,
            >= 0xE0 and <= 0xEF => 3,
            >= 0xF0 and <= 0xF4 => 4,
            _ => 0,
        };
        if (length == 0 || length > text.Length)
            return 0;
        uint character = text[0] & (0xFFu >> (length + 1));
        for (int i = 1; i < length; i++)
        {
            if ((text[i] & 0xC0) != 0x80)
                return 0;
            character = character << 6 | text[i] & 0x3Fu;
        }
        uint first = length switch
        {
            2 => FirstOfTwoBytes,
            3 => FirstOfThreeBytes,
            _ => FirstOfFourBytes,
        };
        bool isCharacter = character >= first && character is <= Last and > LastControl and not (>= FirstSurrogate and <= LastSurrogate);
        return isCharacter ? length : 0;
    }
}

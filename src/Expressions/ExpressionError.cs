using System;

namespace LocalService.Expressions;

/// <summary>Why a text is not a regular expression, regex(3).</summary>
internal enum ExpressionError : byte
{
    None,
    BadPattern,
    BadCollatingElement,
    BadClass,
    TrailingBackslash,
    BackReference,
    UnmatchedBracket,
    UnmatchedGroup,
    UnmatchedBrace,
    BadRepeat,
    BadRange,
    NothingToRepeat,
    TooBig,
}

/// <summary>The texts of errors, those of the GNU C library's regerror(3).</summary>
internal static class ExpressionErrorText
{
    internal static ReadOnlySpan<byte> Of(ExpressionError error) => error switch
    {
        ExpressionError.None => "Success"u8,
        ExpressionError.BadCollatingElement => "Invalid collation character"u8,
        ExpressionError.BadClass => "Invalid character class name"u8,
        ExpressionError.TrailingBackslash => "Trailing backslash"u8,
        ExpressionError.BackReference => "Invalid back reference"u8,
        ExpressionError.UnmatchedBracket => "Unmatched [, [^, [:, [., or [="u8,
        ExpressionError.UnmatchedGroup => "Unmatched ( or \\("u8,
        ExpressionError.UnmatchedBrace => "Unmatched \\{"u8,
        ExpressionError.BadRepeat => "Invalid content of \\{\\}"u8,
        ExpressionError.BadRange => "Invalid range end"u8,
        ExpressionError.NothingToRepeat => "Invalid preceding regular expression"u8,
        ExpressionError.TooBig => "Regular expression too big"u8,
        _ => "Invalid regular expression"u8,
    };
}

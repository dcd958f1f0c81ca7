using System;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Rules;

/// <summary>Goes through edits of the environment, <c>NAME=VALUE</c> or <c>NAME</c>, each ended by NUL.</summary>
internal ref struct Edits(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> rest = bytes;

    /// <summary>The edit, without its NUL.</summary>
    internal ReadOnlySpan<byte> Current { get; private set; }

    /// <summary>The variable that is edited.</summary>
    internal readonly ReadOnlySpan<byte> Name => IsUnset ? Current : Current[..Separator];

    /// <summary>The value that it gets; empty when it is unset.</summary>
    internal readonly ReadOnlySpan<byte> Value => IsUnset ? default : Current[(Separator + 1)..];

    internal readonly bool IsUnset => Separator < 0;

    private readonly int Separator => Current.IndexOf((byte)'=');

    internal bool MoveNext()
    {
        if (rest.IsEmpty)
            return false;
        Current = Bytes.UntilNul(rest);
        rest = rest[(Current.Length < rest.Length ? Current.Length + 1 : Current.Length)..];
        return true;
    }

    /// <summary>Whether each edit is ended by NUL and names a variable.</summary>
    internal static bool AreValid(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.IsEmpty && bytes[^1] != 0)
            return false;
        var edits = new Edits(bytes);
        while (edits.MoveNext())
        {
            if (edits.Name.IsEmpty)
                return false;
        }
        return true;
    }
}

using System;

namespace LocalService.Rules;

/// <summary>
/// The keys of a client that is known by the name of its address: <c>reversedns/NAME</c>, then the domains that the name is in, then
/// <c>reversedns/@</c>. Specification "access", section 2.4.
/// </summary>
/// <param name="name">The name, without a final dot; it doesn't move. The caller has made sure that it can be the name of a file.</param>
/// <param name="length">Its length, up to <see cref="LongestName"/>; 0 for no name, which has no keys.</param>
internal unsafe struct NameKeys(byte* name, int length) : IRuleKeys
{
    /// <summary>The longest name, in bytes.</summary>
    internal const int LongestName = 253;

    private readonly byte* name = name;
    private readonly int length = length;
    private int start;
    private bool isOver = length == 0;

    /// <summary>The length of the key for the longest name.</summary>
    public static int LongestKey => Kind.Length + LongestName;

    public static bool HaveKinds => false;

    public readonly bool IsAmongEquals => false;

    public readonly bool HasRules => false;

    private static ReadOnlySpan<byte> Kind => "reversedns/"u8;

    public bool Next(Span<byte> buffer, out ReadOnlySpan<byte> key)
    {
        key = default;
        if (isOver)
            return false;
        isOver = start == length;
        ReadOnlySpan<byte> rest = isOver ? "@"u8 : new ReadOnlySpan<byte>(name + start, length - start);
        Kind.CopyTo(buffer);
        rest.CopyTo(buffer[Kind.Length..]);
        key = buffer[..(Kind.Length + rest.Length)];
        while (start < length && name[start] != (byte)'.')
            start++;
        if (start < length)
            start++;
        return true;
    }

    public readonly Decision Enter(bool hasRules) => default;
}

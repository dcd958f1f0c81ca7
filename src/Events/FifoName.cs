using System;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Events;

/// <summary>
/// The names of FIFOs in a fifodir: <c>ftrig1:</c>, the date of creation as TAI64N, and a random end. A dot stands in front of the name while
/// the FIFO is being made. Specification "ftrig", section 1.1.
/// </summary>
internal static class FifoName
{
    private const int RandomLength = 6;

    /// <summary>The bytes of a name, without the dot.</summary>
    internal static int Length => Prefix.Length + TaiDate.TextLength + 1 + RandomLength;

    private static ReadOnlySpan<byte> Prefix => "ftrig1:"u8;

    /// <summary>Whether an entry of a directory has the name of a listener's FIFO.</summary>
    internal static bool IsOne(ReadOnlySpan<byte> name) =>
        name.Length == Length && name.StartsWith(Prefix) && name[Prefix.Length] == (byte)'@';

    /// <summary>
    /// Writes a name and the NUL behind it. The caller has yet to choose its end: <see cref="TemporaryName.Choose"/>.
    /// </summary>
    internal static void Write(Span<byte> destination)
    {
        Prefix.CopyTo(destination);
        TaiDate.Now.Format(destination[Prefix.Length..]);
        ":XXXXXX\0"u8.CopyTo(destination[(Prefix.Length + TaiDate.TextLength)..]);
    }
}

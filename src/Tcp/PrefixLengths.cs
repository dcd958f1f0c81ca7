using System;
using LocalService.CommandLine;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Tcp;

/// <summary>How many bits of an address tell one client from another, <c>V4,V6</c>. Specification "tcp", B15.</summary>
internal readonly struct PrefixLengths(int v4, int v6)
{
    private const uint LongestV4 = 8 * IpAddress.V4Size;
    private const uint LongestV6 = 8 * IpAddress.V6Size;

    /// <summary>The owner of one IPv6 address has all 2^64 of its network.</summary>
    internal static PrefixLengths Default => new(32, 64);

    internal int V4 { get; } = v4;

    internal int V6 { get; } = v6;

    /// <summary>Reads the argument of the option returned last. Anything but two numbers up to 32 and 128 is wrong use.</summary>
    internal static PrefixLengths Read(ref OptionReader options)
    {
        ReadOnlySpan<byte> text = options.Argument;
        int comma = text.IndexOf((byte)',');
        if (comma > 0
            && Numbers.TryParse(text[..comma], out uint v4) && v4 <= LongestV4
            && Numbers.TryParse(text[(comma + 1)..], out uint v6) && v6 <= LongestV6)
            return new PrefixLengths((int)v4, (int)v6);
        options.RejectArgument("prefix lengths"u8);
        return Default;
    }
}

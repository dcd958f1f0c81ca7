using System;

namespace LocalService.Sudo;

/// <summary>The constants of the exchange between client and server. Specification "sudo", section 4.</summary>
internal static class SudoWire
{
    /// <summary>The first bytes from the server.</summary>
    internal static ReadOnlySpan<byte> ServerBanner => "s6-sudo b v1.0\n"u8;

    /// <summary>The first bytes of the client's message.</summary>
    internal static ReadOnlySpan<byte> ClientBanner => "s6-sudo a v1.0\n"u8;

    /// <summary>The size of either banner.</summary>
    internal const int BannerSize = 15;

    /// <summary>The size of a number: big-endian.</summary>
    internal const int NumberSize = sizeof(uint);

    /// <summary>The offsets of the numbers in the client's message.</summary>
    internal const int ArgumentCountOffset = BannerSize;
    internal const int VariableCountOffset = ArgumentCountOffset + NumberSize;
    internal const int ArgumentSizeOffset = VariableCountOffset + NumberSize;
    internal const int VariableSizeOffset = ArgumentSizeOffset + NumberSize;

    /// <summary>The size of the client's message without its strings.</summary>
    internal const int HeaderSize = VariableSizeOffset + NumberSize;

    /// <summary>The largest number of arguments, and of variables.</summary>
    internal const uint LargestCount = 131072;

    /// <summary>Standard input, output and error.</summary>
    internal const int DescriptorCount = 3;

    /// <summary>The byte for a running program; any other is the errno that prevented it.</summary>
    internal const byte GoAhead = 0;
}

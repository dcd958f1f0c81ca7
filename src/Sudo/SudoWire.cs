using System;

namespace LocalService.Sudo;

/// <summary>The constants of the exchange between client and server. Specification "sudo", section 4.</summary>
internal static class SudoWire
{
    /// <summary>What the server says first.</summary>
    internal static ReadOnlySpan<byte> ServerBanner => "s6-sudo b v1.0\n"u8;

    /// <summary>What the client's message begins with.</summary>
    internal static ReadOnlySpan<byte> ClientBanner => "s6-sudo a v1.0\n"u8;

    /// <summary>The size of either banner.</summary>
    internal const int BannerSize = 15;

    /// <summary>The size of a number: big-endian.</summary>
    internal const int NumberSize = sizeof(uint);

    /// <summary>Where the numbers of the client's message are.</summary>
    internal const int ArgumentCountOffset = BannerSize;
    internal const int VariableCountOffset = ArgumentCountOffset + NumberSize;
    internal const int ArgumentSizeOffset = VariableCountOffset + NumberSize;
    internal const int VariableSizeOffset = ArgumentSizeOffset + NumberSize;

    /// <summary>The size of the client's message without its strings.</summary>
    internal const int HeaderSize = VariableSizeOffset + NumberSize;

    /// <summary>The most arguments, and the most variables.</summary>
    internal const uint LargestCount = 131072;

    /// <summary>Standard input, output and error.</summary>
    internal const int DescriptorCount = 3;

    /// <summary>The byte that says that the program runs; any other is the errno of why it doesn't.</summary>
    internal const byte GoAhead = 0;
}

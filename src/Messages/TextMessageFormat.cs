namespace LocalService.Messages;

/// <summary>
/// A message without descriptors, on sockets and pipes: the number of its bytes (32 bits, big-endian), then the bytes. Specification
/// "fd-passing", section 2.
/// </summary>
internal static class TextMessageFormat
{
    /// <summary>The size of the header.</summary>
    internal const int HeaderSize = 4;

    /// <summary>The largest size of a message's data, in bytes.</summary>
    internal const int LargestData = 1 << 24;
}

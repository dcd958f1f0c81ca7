namespace LocalService.Messages;

/// <summary>
/// A message with descriptors on a Unix stream socket: the number of bytes (32 bits), the number of descriptors (16 bits), both big-endian,
/// then the bytes. The descriptors come with the first of all these bytes. Specification "fd-passing", section 1.
/// </summary>
internal static class MessageFormat
{
    /// <summary>The size of the header.</summary>
    internal const int HeaderSize = 6;

    /// <summary>The largest size of a message's data, in bytes.</summary>
    internal const int LargestData = 1 << 28;

    /// <summary>The largest number of descriptors that the kernel passes at once, unix(7).</summary>
    internal const int MostDescriptors = 253;
}

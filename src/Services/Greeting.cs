using System;
using LocalService.Memory;
using LocalService.Posix;

namespace LocalService.Services;

/// <summary>
/// The first message of client and server: the name and version of a protocol, such as <c>ftrigr v1.0</c>, and which of the two speaks.
/// Specification "fd-passing", section 4.
/// </summary>
internal readonly ref struct Greeting
{
    private const int LongestText = 32;

    private readonly ReadOnlySpan<byte> protocols;

    /// <param name="protocols">The protocols that are spoken, each ended by NUL.</param>
    internal Greeting(ReadOnlySpan<byte> protocols) => this.protocols = protocols;

    /// <summary>The end of the client's greeting.</summary>
    private static ReadOnlySpan<byte> ClientSuffix => " (b)\n"u8;

    /// <summary>The end of the server's greeting.</summary>
    private static ReadOnlySpan<byte> ServerSuffix => " (a)\n"u8;

    /// <summary>Finds the protocol that a client wants to speak.</summary>
    /// <param name="message">Its first message.</param>
    /// <param name="dialect">The place of the protocol in the list, from 0.</param>
    internal bool TryRecognize(ReadOnlySpan<byte> message, out int dialect)
    {
        dialect = 0;
        for (ReadOnlySpan<byte> protocol = At(0); !protocol.IsEmpty; protocol = At(++dialect))
        {
            if (message.Length == protocol.Length + ClientSuffix.Length
                && message.StartsWith(protocol)
                && message[protocol.Length..].SequenceEqual(ClientSuffix))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Writes the greeting of a client.</summary>
    /// <param name="dialect">The protocol.</param>
    /// <param name="buffer">At least 32 bytes.</param>
    internal ReadOnlySpan<byte> OfClient(int dialect, Span<byte> buffer) => Write(At(dialect), ClientSuffix, buffer);

    /// <summary>Writes the greeting of a server.</summary>
    /// <param name="dialect">The protocol.</param>
    /// <param name="buffer">At least 32 bytes.</param>
    internal ReadOnlySpan<byte> OfServer(int dialect, Span<byte> buffer) => Write(At(dialect), ServerSuffix, buffer);

    /// <summary>The size of a buffer for either.</summary>
    internal static int BufferSize => LongestText;

    private ReadOnlySpan<byte> At(int index)
    {
        ReadOnlySpan<byte> rest = protocols;
        for (; index > 0 && !rest.IsEmpty; index--)
            rest = rest[(rest.IndexOf((byte)0) + 1)..];
        return Bytes.UntilNul(rest);
    }

    private static ReadOnlySpan<byte> Write(ReadOnlySpan<byte> protocol, ReadOnlySpan<byte> suffix, Span<byte> buffer)
    {
        protocol.CopyTo(buffer);
        suffix.CopyTo(buffer[protocol.Length..]);
        return buffer[..(protocol.Length + suffix.Length)];
    }
}

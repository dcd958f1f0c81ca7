using System;
using System.Diagnostics.CodeAnalysis;
using LocalService.Dns.Packets;

namespace LocalService.Tcp;

/// <summary>
/// The name of a host as it goes into variables and keys of rules: small letters, labels with dots between them. The default value is no name.
/// The owner of an address says what name it has, so a name is one only when it can't be mistaken for anything else: printable ASCII without
/// slash, and no dot inside of a label. Specification "tcp", B6.
/// </summary>
internal unsafe struct HostName
{
    /// <summary>The most bytes, without the final dot.</summary>
    internal const int Longest = DomainName.Longest - 2;

    private byte length;
    private fixed byte text[Longest + 1];

    /// <summary>Whether there is no name.</summary>
    internal readonly bool IsNone => length == 0;

    /// <summary>The name without a final dot. It is that of this variable: it changes and ends with it.</summary>
    [UnscopedRef]
    internal readonly ReadOnlySpan<byte> Text
    {
        get
        {
            fixed (byte* start = text)
                return new ReadOnlySpan<byte>(start, length);
        }
    }

    /// <summary>The name with a final dot, as variables have it; empty when there is none.</summary>
    [UnscopedRef]
    internal readonly ReadOnlySpan<byte> Full
    {
        get
        {
            fixed (byte* start = text)
                return new ReadOnlySpan<byte>(start, length == 0 ? 0 : length + 1);
        }
    }

    /// <summary>Takes a name as users write it. False when it isn't fit: then there is none.</summary>
    internal bool TrySet(ReadOnlySpan<byte> written)
    {
        DomainName name = default;
        return !name.Parse(written).Failed && TrySet(name);
    }

    /// <summary>Takes a name of DNS. False when it isn't fit: then there is none.</summary>
    internal bool TrySet(in DomainName name)
    {
        length = 0;
        ReadOnlySpan<byte> wire = name.Wire;
        int used = 0;
        for (int position = 0; position < wire.Length && wire[position] != 0;)
        {
            int end = position + wire[position] + 1;
            for (position++; position < end; position++)
            {
                byte character = wire[position];
                if (character is <= (byte)' ' or > (byte)'~' or (byte)'/' or (byte)'.')
                    return false;
                text[used++] = character is >= (byte)'A' and <= (byte)'Z' ? (byte)(character | 0x20) : character;
            }
            text[used++] = (byte)'.';
        }
        length = used == 0 ? (byte)0 : (byte)(used - 1);
        return length > 0;
    }
}
